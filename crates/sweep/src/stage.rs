//! The pipeline of a transcript: ask a model, then ask graders about what it said.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{Field, Question, Scorer, Votes};

/// A step of the pipeline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// Its name; expressions read its label by it.
    pub name: String,
    /// What it does.
    pub kind: StageKind,
}

/// What a stage does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum StageKind {
    /// Asks a model: the cell's, or a helper.
    Generate {
        /// The stage that it hangs on; `None` where it stands at the beginning.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        follows: Option<Follows>,
        /// One of the judges, who is asked instead of the cell's model: a helper that paraphrases.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        helper: Option<String>,
        /// The conversation, in order.
        messages: Vec<Message>,
        /// What is read from the answer.
        fields: Vec<Field>,
        /// What is done, within bounds, about an answer that cannot be used.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        again: Option<Again>,
    },
    /// Asks a judge about an earlier stage's answer.
    Judge {
        /// The stage whose answer it grades.
        of: String,
        /// The judge's name.
        judge: String,
        /// An expression over factors, prompt fields, the graded stage and `after`: which transcripts it is
        /// asked about. Others are "not asked".
        when: Option<String>,
        /// The other stage whose label `when` reads; the job opens once that has its result.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// The only variables that its text may use.
        sees: Vec<String>,
        /// Its template.
        text: String,
        /// What it must answer.
        question: Question,
        /// How many independent votes are taken; `None` is a single answer.
        votes: Option<Votes>,
    },
    /// Runs code over an earlier stage's answer. No call is made.
    Score {
        /// The stage whose answer it scores.
        of: String,
        /// As for a judge.
        when: Option<String>,
        /// As for a judge.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        after: Option<String>,
        /// How.
        scorer: Scorer,
    },
}

/// How a generate stage hangs on another one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Follows {
    /// The stage whose answer it builds on: its messages may use the fields of it.
    pub of: String,
    /// As for a judge.
    pub when: Option<String>,
    /// As for a judge.
    pub after: Option<String>,
    /// The conversation of `of`, with its answer, comes before this stage's messages: asking afterwards.
    pub continues: bool,
}

/// What is done about an answer that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Again {
    /// The model goes on in the same conversation until its fields can be read. The last answer stands
    /// if it can be read by itself; otherwise all of them together do, an answer cut in two among them.
    Continue {
        /// How many answers it gives at most, the first among them.
        turns_max: u32,
        /// What it is told before each further one, as literal text.
        message: String,
    },
    /// The same question is asked anew until a score stage says `yes`. The last answer stands, whatever
    /// it is.
    Resample {
        /// How many answers are asked for at most, the first among them.
        tries_max: u32,
        /// The score stage, which is `of` this one and needs no program.
        until: String,
    },
}

/// One message of a conversation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// The text, as a template.
    pub template: String,
    /// An expression over factors and prompt fields; where it is false the message is left out.
    pub when: Option<String>,
}

/// Who speaks. A last message of the assistant is a prefill: the model continues it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The instructions.
    System,
    /// The person.
    User,
    /// The model.
    Assistant,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::System => "system",
            Self::User => "user",
            Self::Assistant => "assistant",
        })
    }
}

impl Stage {
    /// How many jobs one (cell, prompt, repeat) has here.
    pub fn votes(&self) -> u32 {
        match &self.kind {
            StageKind::Generate { .. } | StageKind::Score { .. } => 1,
            StageKind::Judge { votes, .. } => votes.map_or(1, |votes| votes.count),
        }
    }

    /// The fields that its answers are read into; none where it grades.
    pub fn fields(&self) -> &[Field] {
        match &self.kind {
            StageKind::Generate { fields, .. } => fields,
            StageKind::Judge { .. } | StageKind::Score { .. } => &[],
        }
    }

    /// The stage whose answer it needs.
    pub fn of(&self) -> Option<&str> {
        match &self.kind {
            StageKind::Generate { follows, .. } => {
                follows.as_ref().map(|follows| follows.of.as_str())
            }
            StageKind::Judge { of, .. } | StageKind::Score { of, .. } => Some(of),
        }
    }

    /// The stage whose result decides whether it is asked: the one whose label its `when` reads, or
    /// the one that it is `of`.
    pub fn opened_by(&self) -> Option<&str> {
        let after = match &self.kind {
            StageKind::Generate { follows, .. } => follows.as_ref()?.after.as_deref(),
            StageKind::Judge { after, .. } | StageKind::Score { after, .. } => after.as_deref(),
        };
        after.or_else(|| self.of())
    }

    /// Which transcripts it is asked about, as an expression.
    pub fn when(&self) -> Option<&str> {
        match &self.kind {
            StageKind::Generate { follows, .. } => follows.as_ref()?.when.as_deref(),
            StageKind::Judge { when, .. } | StageKind::Score { when, .. } => when.as_deref(),
        }
    }

    /// How it scores; `None` for a stage that asks somebody.
    pub fn scorer(&self) -> Option<&Scorer> {
        match &self.kind {
            StageKind::Score { scorer, .. } => Some(scorer),
            StageKind::Generate { .. } | StageKind::Judge { .. } => None,
        }
    }

    /// The program that it needs; `None` for a stage that needs none.
    pub fn program(&self) -> Option<&str> {
        self.scorer()?.program()
    }

    /// Whether it asks for an answer, rather than grades one.
    pub fn generates(&self) -> bool {
        matches!(self.kind, StageKind::Generate { .. })
    }

    /// The words that its label can be; none where it generates, or says a number without end.
    pub fn labels(&self) -> Vec<&str> {
        match &self.kind {
            StageKind::Generate { .. } => Vec::new(),
            StageKind::Judge { question, .. } => question.labels(),
            StageKind::Score { scorer, .. } => scorer.labels(),
        }
    }

    /// Whether its label is the text of a number, and is read as one.
    pub fn says_number(&self) -> bool {
        match &self.kind {
            StageKind::Generate { .. } => false,
            StageKind::Judge { question, .. } => matches!(question, Question::Scale(_)),
            StageKind::Score { scorer, .. } => {
                matches!(scorer, Scorer::External { says: crate::Says::Number, .. })
            }
        }
    }
}
