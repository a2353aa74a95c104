//! What people are told of a night in the morning: the verdict, and what it rests on.
//!
//! It is stored as it was made, and everything that is told of a night later is made from it: terminal,
//! Markdown, JUnit, messages, history. It holds no text of a prompt or an answer, only ids and numbers.

use std::collections::{BTreeMap, BTreeSet};

use iago_sweep::{Digest, Money, SweepId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{Drift, Habits, Run, RunKey, RunState, Verdict, Word};

/// What people are told of a night.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Morning {
    /// What it comes to.
    pub word: Word,
    /// What stood in the way, where there is no verdict or not all of it is said by that.
    pub why: Option<String>,
    /// It never started, and its due time is over.
    pub missed: bool,
    /// The name of the sweep.
    pub name: String,
    /// The run of a schedule that it was; `None` where somebody asked without one.
    pub run: Option<RunKey>,
    /// The zone in which times are shown; UTC where it has none.
    pub zone: Option<String>,
    /// The sweep; `None` where none was begun.
    pub sweep: Option<SweepId>,
    /// When it was submitted.
    pub began: Timestamp,
    /// When it was judged.
    pub judged: Timestamp,
    /// How far it came.
    pub done: Progress,
    /// What it cost, with its anchors.
    pub spent: Money,
    /// Executions of which nobody knows what they cost: it cost more than `spent`.
    pub unpriced: u64,
    /// A number rests on planted behaviour.
    pub simulated: bool,
    /// What it is compared with; `None` where nothing could be compared.
    pub against: Option<Against>,
    /// Every gate; `None` where nothing could be compared.
    pub verdict: Option<Verdict>,
    /// Every measure in every cell, whether a gate reads it or not.
    pub values: Vec<Value>,
    /// Prompts that are another way than in the baseline, by gate, the furthest first.
    pub flips: Vec<Flip>,
    /// What else moved.
    pub drift: Vec<Drift>,
    /// What tonight was like.
    pub habits: Habits,
    /// What a change could be blamed on; `None` where nothing was asked.
    pub circumstances: Option<Circumstances>,
}

impl Morning {
    /// Of a night that never got numbers. What else is known of it, such as its sweep, its run and what it
    /// cost, is put in by whoever knows it.
    pub fn without_numbers(
        word: Word,
        why: impl Into<String>,
        name: impl Into<String>,
        at: Timestamp,
    ) -> Self {
        Self {
            word,
            why: Some(why.into()),
            missed: false,
            name: name.into(),
            run: None,
            zone: None,
            sweep: None,
            began: at,
            judged: at,
            done: Progress::default(),
            spent: Money::ZERO,
            unpriced: 0,
            simulated: false,
            against: None,
            verdict: None,
            values: Vec::new(),
            flips: Vec::new(),
            drift: Vec::new(),
            habits: Habits::default(),
            circumstances: None,
        }
    }

    /// Of a run that is over without a verdict: it expired, failed or was missed. `None` of any other.
    pub fn unjudged(
        run: &Run,
        name: impl Into<String>,
        zone: Option<&str>,
        at: Timestamp,
    ) -> Option<Self> {
        let (word, why) = match &run.state {
            RunState::Expired => {
                (Word::Deadline, "the deadline passed before the run ended".into())
            }
            RunState::Failed { why } => (Word::Infrastructure, why.clone()),
            RunState::Missed { why } => (Word::Infrastructure, why.to_string()),
            RunState::Waiting
            | RunState::Starting
            | RunState::Running
            | RunState::Ended
            | RunState::Skipped { .. } => return None,
        };
        Some(Self {
            missed: matches!(run.state, RunState::Missed { .. }),
            run: Some(run.key.clone()),
            zone: zone.map(str::to_owned),
            ..Self::without_numbers(word, why, name, at)
        })
    }

    /// Of `iago gate`.
    pub fn exit_code(&self) -> u8 {
        self.word.exit_code()
    }
}

/// How far a run came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Progress {
    /// Jobs with an answer.
    pub answered: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Jobs that are still open.
    pub open: u64,
}

/// What a night is compared with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Against {
    /// The name of the baseline.
    pub name: String,
    /// Its sweep.
    pub sweep: SweepId,
    /// At this revision.
    pub revision: u32,
    /// When that sweep was submitted.
    pub began: Timestamp,
    /// Its repeats.
    pub repeats: u32,
    /// The sweep in which its transcripts were judged again.
    pub anchors: Option<SweepId>,
    /// Of the gold transcripts judged again, on how many tonight's judge and people agree.
    pub gold: Option<Agreement>,
}

/// How often two say the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Agreement {
    /// Those on which they do.
    pub agree: u64,
    /// All.
    pub of: u64,
}

/// How many repeats of one prompt said yes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Yes {
    /// Those that did.
    pub yes: u32,
    /// Those with a value.
    pub of: u32,
}

/// One measure in one cell, tonight.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Value {
    /// The measure.
    pub measure: String,
    /// The cell's model.
    pub model: String,
    /// The cell's condition.
    pub condition: String,
    /// A mean and not a rate.
    pub is_mean: bool,
    /// Over all transcripts with a value; `None` where none has one.
    pub value: Option<f64>,
    /// Transcripts with a value.
    pub of: u64,
    /// For a rate, what each prompt counts, by its id; only so many prompts as are told of at all.
    pub prompts: BTreeMap<String, Yes>,
}

/// A prompt that is another way than in the baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Flip {
    /// The measure of the gate.
    pub measure: String,
    /// The cell's model.
    pub model: String,
    /// The cell's condition.
    pub condition: String,
    /// The prompt's id.
    pub prompt: String,
    /// In the baseline.
    pub baseline: Yes,
    /// Tonight.
    pub tonight: Yes,
    /// It got worse, and not better.
    pub worse: bool,
}

/// What a change from one night to another could be blamed on. Equal circumstances leave nothing but the model
/// behind its id, and chance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Circumstances {
    /// For each model under test, the ids that answered.
    pub models: BTreeMap<String, BTreeSet<String>>,
    /// For each judge, the ids that answered.
    pub judges: BTreeMap<String, BTreeSet<String>>,
    /// The prompts, by ids and content.
    pub prompts: Digest,
    /// How answers are judged and counted: judge texts and settings, outcomes, measures.
    pub analysis: Digest,
    /// What is asked besides the prompts: messages, parameters, models.
    pub ask: Digest,
    /// The version of the program.
    pub program: String,
}
