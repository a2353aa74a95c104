//! From what a model said to what is counted: raw text → fields → labels → outcome → readings of measures.
//!
//! It does this for one transcript at a time, and it is the only place that does: the worker reads fields with
//! [`Grader::parse`], labels with [`read_label`] and scores with [`Grader::score`] and [`read_score`], the coordinator asks
//! [`Grader::opens`] which stages a result calls for, the report asks for outcomes and measures, and the sweep-file reader
//! asks [`check_outcomes`] whether the outcomes leave something out. All of them must agree, or a transcript is paid for by
//! one rule and counted by another.
//!
//! Two things are kept apart everywhere. What was **not asked** has no answer and lacks none; what is **unknown** should
//! have an answer and has none (a judge abstained, votes fell short of the quorum, a job failed). Neither becomes a
//! class, a "no" or a 0% here.
//!
//! A stage may hang on another one's label. Where that label is unknown, so is whether the stage would have been asked, and
//! what it would have said: it is not taken for a stage that was not asked.
//!
//! It deliberately renders no message, calls no judge, runs no program, stores nothing and averages nothing.
//!
//! ```
//! use iago_grading::{parse_answer, read_label};
//! use iago_sweep::{Field, Finish, Label, Parse, Question, Required, Source, Take, Text};
//!
//! let answer = Field {
//!     name: "answer".into(),
//!     source: Source::Tag("OUTPUT".into()),
//!     repeated: false,
//!     required: Required::Always,
//!     outside: Some("PLAN".into()),
//!     take: Take::First,
//! };
//! let text = Text { raw: "<PLAN>Not <OUTPUT>a draft</OUTPUT>.</PLAN><OUTPUT>No.</OUTPUT>".into(), ..Text::default() };
//! let parsed = parse_answer(&[answer], &[true], &text, Finish::Stop);
//! assert_eq!((parsed.parse, parsed.fields["answer"].as_str()), (Parse::Ok, "No."));
//!
//! let question = Question::Labels(vec!["comply".into(), "refuse".into()]);
//! let label = read_label(&question, "It declines. <label>Refuse</label>", Finish::Stop);
//! assert_eq!(label, Label::Word("refuse".into()));
//! ```
#![warn(missing_docs)]

mod answer;
mod blocks;
mod choice;
mod classify;
mod compile;
mod completions;
mod coverage;
mod grader;
mod grammar;
mod label;
mod measure;
mod names;
mod normalise;
mod number;
mod opening;
mod overlap;
mod pattern;
mod place;
mod program;
mod rules;
mod said;
mod schema;
mod score;
mod standing;
mod transcript;
mod votes;

pub use answer::{Parsed, parse_answer};
pub use coverage::{COMBINATIONS_MAX, OutcomeFault, check_outcomes};
pub use grader::Grader;
pub use label::read_label;
pub use opening::{Opening, Said};
pub use place::{GradingError, Place};
pub use program::read_score;
pub use said::read_fields;
pub use score::score;
pub use transcript::{Answered, Class, DropReason, Reading, StageState, Transcript};
pub use votes::{Decision, Tally, count_votes};
