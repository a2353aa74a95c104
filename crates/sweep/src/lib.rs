//! The nouns of iago: what every other crate speaks about.
//!
//! A [`Plan`] is a checked sweep; a [`JobId`] is one coordinate in it; a [`Fact`] is what a store
//! keeps of what happened there. Nothing here parses a file, reads a clock or does I/O.

#![warn(missing_docs)]

mod analysis;
mod conversation;
mod digest;
mod fact;
mod finish;
mod identity;
mod instruction;
mod job;
mod money;
mod plan;
mod stage;
mod text;
mod usage;
mod word;

pub use analysis::{Contrast, Measure, Minus, Outcome};
pub use conversation::{Conversation, Turn};
pub use digest::Digest;
pub use fact::{
    AttemptCause, AttemptFact, Fact, FailureClass, FailureFact, Frontier, Label, ResultFact,
};
pub use finish::{Finish, Parse};
pub use identity::{Relation, relation};
pub use job::{Coordinate, CoordinateError, JobId, SweepId};
pub use money::{Money, Price};
pub use plan::{Cell, Condition, Factor, Level, Model, Parameters, Plan, Prompt};
pub use stage::{
    Criterion, Field, Message, Question, Required, Role, Stage, StageKind, Votes, VotesError,
};
pub use text::{Text, escape, unescape};
pub use usage::Usage;
pub use word::UnknownWord;
