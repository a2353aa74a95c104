//! What is known of one transcript, and what can be said of it.

use std::fmt;

use iago_sweep::{FailureClass, Finish, Parse, Usage};

use crate::Decision;

/// The state of one (cell, prompt, repeat) over all stages.
#[derive(Clone, Debug, PartialEq)]
pub struct Transcript {
    /// Index into the plan's cells.
    pub cell: u32,
    /// Index into the plan's prompts.
    pub prompt: u32,
    /// Repeat number, from 0.
    pub repeat: u32,
    /// One for each stage of the plan, in its order; a stage beyond the end counts as pending.
    pub stages: Vec<StageState>,
}

/// How far a stage got.
#[derive(Clone, Debug, PartialEq)]
pub enum StageState {
    /// It is not known yet, or whether it will be asked is not.
    Pending,
    /// It was not opened: its `when` is false or could not be decided, or there was nothing to grade. Which of these it is
    /// follows from the stages that it hangs on.
    NotAsked,
    /// It ended without an answer. A judge that votes has failed only if none of its votes came in.
    Failed(FailureClass),
    /// It has its answer.
    Answered(Answered),
}

/// What a stage's answer came to.
#[derive(Clone, Debug, PartialEq)]
pub struct Answered {
    /// Why the model stopped.
    pub finish: Finish,
    /// Whether its fields could be read.
    pub parse: Parse,
    /// What a judge decided; `None` for a generate stage.
    pub label: Option<Decision>,
    /// The share of `yes` among a judge's valid votes, where it votes and met its quorum.
    pub share: Option<f64>,
    /// Tokens of the answering call.
    pub usage: Usage,
    /// How long that call took, in milliseconds.
    pub latency_ms: u32,
}

/// What a transcript is classed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Index into the plan's outcomes.
    Outcome(usize),
    /// There is no answer to class.
    Dropped(DropReason),
    /// Which outcome it is hangs on something that is unknown.
    Unknown,
    /// A stage that it needs is not finished.
    Pending,
}

/// Why a transcript has no class.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DropReason {
    /// Its fields could not be read, and no outcome speaks of that.
    Parse(Parse),
    /// A generate stage ended without an answer.
    Failed(FailureClass),
}

impl fmt::Display for DropReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Parse(parse) => parse.fmt(f),
            Self::Failed(class) => class.fmt(f),
        }
    }
}

/// What a measure says of one transcript. Only `Yes` and `No` are in a rate, only `Value` is in a mean.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Reading {
    /// In the numerator and the denominator.
    Yes,
    /// In the denominator.
    No,
    /// The number that a mean averages; always finite.
    Value(f64),
    /// It should be one of these, and nobody can say which.
    Unknown,
    /// A judge that the measure reads was not asked about this transcript.
    NotAsked,
    /// Its `where` or its `given` is false: the measure does not speak of this transcript.
    Outside,
    /// There is no answer that could be graded.
    Dropped(DropReason),
    /// A stage that it reads is not finished.
    Pending,
}
