//! The nouns of iago: what every other crate speaks about.
//!
//! A [`Plan`] is a checked sweep; a [`JobId`] is one coordinate in it; a [`Fact`] is what a store
//! keeps of what happened there. Nothing here parses a file, reads a clock or does I/O.

#![warn(missing_docs)]

mod analysis;
mod ask;
mod by_id;
mod call;
mod control;
mod conversation;
mod digest;
mod fact;
mod field;
mod finish;
mod gate;
mod grammar;
mod identity;
mod instruction;
mod job;
mod limits;
mod money;
mod parameters;
mod part;
mod plan;
mod question;
mod scorer;
mod sent;
mod stage;
mod text;
mod usage;
mod word;

pub use analysis::{Contrast, Counts, Figure, FigureKind, Generalise, Measure, Minus, Outcome};
pub use by_id::find_by_id;
pub use call::{CallEnd, Told, ToldLimit};
pub use control::{Checks, Control, ControlKind};
pub use conversation::{Conversation, Turn};
pub use digest::Digest;
pub use fact::{
    AttemptCause, AttemptFact, Fact, FailureClass, FailureFact, Frontier, Label, ReadingFact,
    ResultFact,
};
pub use field::{Field, Required, Source, Take};
pub use finish::{Finish, Parse};
pub use gate::{
    Better, Gate, Gating, Gold, Margin, MissingAs, Rating, Sampled, Spend, Tier, TopUp,
};
pub use identity::{Relation, relabels, relation, rereads};
pub use job::{Coordinate, CoordinateError, JobId, SweepId};
pub use limits::{Need, PoolId, PoolUse, Weight, WorkerId};
pub use money::{LongPrice, Money, Price};
pub use parameters::{Effort, Parameters, Reasoning};
pub use plan::{
    Cell, Condition, EditedText, Factor, LOCAL_POOL, Level, Model, Plan, Prompt, is_local,
};
pub use question::{Criterion, Question, Votes, VotesError};
pub use scorer::{Expected, Normalise, Says, Scorer};
pub use stage::{Again, Follows, Message, Role, Stage, StageKind};
pub use text::{Text, escape, unescape};
pub use usage::Usage;
pub use word::UnknownWord;
