//! Estimates and transcripts to terminal tables and self-contained HTML.
//!
//! Three steps, each a function of the one before: [`Material`] folds the narrow facts of a sweep into a few bytes per
//! job, [`fn@build`] turns it into a [`Report`], which is numbers and nothing else, and the report renders itself. A number
//! on a page and the same number in JSON are therefore the same number. A text that was read anew counts by its reading:
//! [`Material::reading`] takes those in once all results are there.
//!
//! People's labels correct a judge at the level of the measure: their label takes the place of the judge's in a
//! transcript, and the measure is read again. Controls are read before any number of the sweep.
//!
//! What holds for every rendering: a rate stands with its numerator and denominator, a mean with its n and in its own
//! unit; what was not asked, what is unknown
//! and what was dropped are three things and none of them is 0%; SIMULATED is computed from the facts, and nothing turns
//! it off; names and ids are hostile text.
//!
//! It deliberately reads no store, renders no prompt, chooses no statistical method and knows no clock. How the messages
//! of paired conditions differ is found by [`diff_places`], but only the caller has the messages.
//!
//! ```no_run
//! use iago_report::{Context, Material, build};
//! # fn facts() -> Vec<iago_sweep::ResultFact> { Vec::new() }
//! # fn print(plan: iago_sweep::Plan, context: &Context) -> Result<(), iago_report::ReportError> {
//! let mut material = Material::new(plan)?;
//! for fact in facts() {
//!     material.result(&fact);
//! }
//! let report = build(&material, context);
//! let page = report.terminal(80, false);
//! # drop(page);
//! # Ok(()) }
//! ```
#![warn(missing_docs)]

mod context;
mod error;
mod material;
mod report;

mod build;
mod by_prompt;
mod places;

mod html;
mod terminal;

mod asked;
mod audit;
mod axes;
mod cells;
mod check;
mod contrasts;
mod controls;
mod count;
mod counted;
mod define;
mod differences;
mod echo;
mod estimates;
mod families;
mod fold;
mod found;
mod generalise;
mod gold;
mod instrument;
mod labelled;
mod labels;
mod look;
mod lost;
mod names;
mod reads;
mod shown;
mod slot;
mod versions;

pub use build::build;
pub use by_prompt::{Answerers, Fate, JudgeSaid, Progress, PromptCount, PromptCounts};
pub use context::{Context, Controls, IdenticalPair, PairedDifference, Spending};
pub use error::ReportError;
pub use material::Material;
pub use places::{PLACE_CHARACTERS_MAX, diff_places};
pub use report::{
    Audit, AuditedCell, Cell, CellDefinition, Contrast, ContrastEstimate, ControlFound,
    ControlGroup, ControlState, Correction, Count, Course, Definitions, Drop, Estimate,
    FigureDefinition, Gap, GapEstimate, GateDefinition, Instrument, Interim, InterimModel,
    JudgeDefinition, JudgeMissing, Kind, Mean, MeasureDefinition, MeasureEstimate, Minus,
    ModelDefinition, OutcomeDefinition, OutcomeEstimate, Range, Rate, RatioEstimate, Report,
    ScoreDefinition, Side, SideMean, Simulated, Sweep, TextDefinition, Unpaired,
};
