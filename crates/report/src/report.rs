//! The numbers of a report, as data. Shares are from 0 to 1 and differences are differences of shares; only the
//! renderings speak of percent and points.

mod audit;
mod cell;
mod contrast;
mod control;
mod definitions;

use serde::Serialize;

pub use audit::{Audit, AuditedCell, Correction};
pub use cell::{
    Cell, Drop, Estimate, JudgeMissing, Kind, Mean, MeasureEstimate, OutcomeEstimate, Range, Rate,
};
pub use contrast::{
    Contrast, ContrastEstimate, Count, Gap, GapEstimate, Minus, RatioEstimate, Side, SideMean,
    Unpaired,
};
pub use control::{ControlFound, ControlGroup, ControlState};
pub use definitions::{
    CellDefinition, Definitions, FigureDefinition, GateDefinition, JudgeDefinition,
    MeasureDefinition, ModelDefinition, OutcomeDefinition, ScoreDefinition, TextDefinition,
};

/// A report. Its JSON form is this structure, field by field.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// How much of it is planted behaviour; the first thing that a reader meets.
    pub simulated: Simulated,
    /// Which sweep.
    pub sweep: Sweep,
    /// Set while jobs are open: the numbers are over complete blocks only, and have no p.
    pub interim: Option<Interim>,
    /// The controls, which stand above the first number.
    pub instrument: Instrument,
    /// What the numbers are numbers of.
    pub definitions: Definitions,
    /// What labels a cell: `model` and the factors, in the order of [`Cell::labels`].
    pub axes: Vec<String>,
    /// One for each (model, condition), in the order in which they are shown.
    pub cells: Vec<Cell>,
    /// The comparisons, in the order of the sweep file.
    pub contrasts: Vec<Contrast>,
    /// One for each set of people's labels and each rate that reads the stage which they labelled.
    pub audits: Vec<Audit>,
    /// How the sweep went.
    pub course: Course,
}

/// Which sweep.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sweep {
    /// Its name.
    pub name: String,
    /// Its id in the store.
    pub id: String,
    /// The plan's hash, 64 hexadecimal digits.
    pub plan: String,
    /// The seed of the order of work and of tests.
    pub seed: u64,
    /// How many prompts.
    pub prompts: u64,
    /// How often each is repeated in each cell.
    pub repeats: u32,
}

/// How many of the results and failures an endpoint declared to be planted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Simulated {
    /// Planted ones.
    pub results: u64,
    /// All.
    pub of: u64,
}

/// A report before the end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Interim {
    /// Jobs still open.
    pub open: u64,
    /// What is complete, by model.
    pub models: Vec<InterimModel>,
}

/// How many (prompt, repeat) blocks have an end in every cell of a model. Only those are counted: what is quick to
/// answer comes in first, and is not like the rest.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InterimModel {
    /// The model's name.
    pub model: String,
    /// Blocks that have ended before the first one that has not, in the order of work.
    pub blocks: u64,
    /// All blocks.
    pub of: u64,
}

/// Whether the numbers can mean what they seem to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Instrument {
    /// No reason was found to doubt it. What was not checked is in `absent`.
    pub ok: bool,
    /// Reasons to doubt it.
    pub problems: Vec<String>,
    /// What was checked, and what came of it.
    pub checks: Vec<String>,
    /// The controls that the sweep brings along, in file order.
    pub controls: Vec<ControlFound>,
    /// Controls that the sweep does not have.
    pub absent: Vec<String>,
}

/// How the sweep went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Course {
    /// Jobs with a result.
    pub answered: u64,
    /// Jobs that ended without one.
    pub failed: u64,
    /// Jobs still open.
    pub open: u64,
    /// HTTP exchanges.
    pub calls: u64,
    /// How many of them were throttled.
    pub throttles: u64,
    /// In US dollars; absent where nothing is known of it.
    pub spent_usd: Option<f64>,
    /// The same money, by what it went to; absent where nothing is known of it.
    pub spending: Option<Spending>,
    /// Some calls have no known price: `spent_usd` is a lower bound.
    pub spend_unknown: bool,
    /// Wall-clock seconds.
    pub elapsed_seconds: Option<f64>,
    /// Where the results are.
    pub store: String,
    /// The command to look at next.
    pub command_hint: String,
}

/// What the money of a sweep went to, in US dollars. The parts add up to `spent_usd`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spending {
    /// Answers of models under test.
    pub models_usd: f64,
    /// Answers of judges and helpers.
    pub judges_usd: f64,
    /// Failures of all rounds.
    pub failed_usd: f64,
    /// What came after another execution of its job had ended it, and what was given back.
    pub late_usd: f64,
    /// The most that executions can have cost whose worker was lost.
    pub abandoned_usd: f64,
    /// Executions, of any of these, of which nobody knows what they cost.
    pub unpriced: u64,
}

impl Report {
    /// The report as JSON, indented, with a line end.
    ///
    /// # Panics
    /// Never: all keys are strings.
    pub fn json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("a report has only string keys");
        json.push('\n');
        json
    }
}

impl Simulated {
    /// Whether anything is planted.
    pub fn any(self) -> bool {
        self.results > 0
    }

    /// Whether everything is planted.
    pub fn all(self) -> bool {
        self.results > 0 && self.results == self.of
    }
}
