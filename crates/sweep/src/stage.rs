//! The pipeline of a transcript: ask a model, then ask graders about what it said.

use std::fmt;

use serde::{Deserialize, Serialize};

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
    /// Asks the cell's model.
    Generate {
        /// The conversation, in order.
        messages: Vec<Message>,
        /// What is read from the answer.
        fields: Vec<Field>,
    },
    /// Asks a judge about an earlier stage's answer.
    Judge {
        /// The stage whose answer it grades.
        of: String,
        /// The judge's name.
        judge: String,
        /// An expression over factors, prompt fields and the graded stage: which transcripts it is
        /// asked about. Others are "not asked".
        when: Option<String>,
        /// The only variables that its text may use.
        sees: Vec<String>,
        /// Its template.
        text: String,
        /// What it must answer.
        question: Question,
        /// How many independent votes are taken; `None` is a single answer.
        votes: Option<Votes>,
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

/// A part of an answer, found between `<tag>` and `</tag>`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// Its name; judges see it by this.
    pub name: String,
    /// The tag, exactly as written; case counts.
    pub tag: String,
    /// All blocks of the tag together, not only one.
    pub repeated: bool,
    /// Whether an answer without it is no answer.
    pub required: Required,
    /// Blocks of this other tag are cut out first, so that a tag quoted there is not this field.
    pub outside: Option<String>,
}

/// Whether a field must be there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Required {
    /// In every transcript.
    Always,
    /// In none.
    Never,
    /// Where this expression over factors and prompt fields holds.
    When(String),
}

/// What a judge must answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Question {
    /// One of these words.
    Labels(Vec<String>),
    /// Yes or no to each criterion; the answer is `yes` where `vote` holds over them.
    Criteria {
        /// The questions.
        criteria: Vec<Criterion>,
        /// An expression over the criteria's names.
        vote: String,
    },
}

/// A yes/no question to a judge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Criterion {
    /// Its name, a Boolean in `vote`.
    pub name: String,
    /// The question.
    pub ask: String,
}

/// How independent votes become one label.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Votes {
    /// How many are asked for.
    pub count: u32,
    /// With fewer valid votes the judge abstains.
    pub quorum: u32,
    /// `yes` needs at least this share of the valid votes.
    pub threshold: f64,
}

/// Votes that cannot work.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum VotesError {
    /// A quorum that can never be met, or that is none.
    #[error("quorum {quorum} must be from 1 to the number of votes, {count}")]
    Quorum {
        /// As given.
        quorum: u32,
        /// As given.
        count: u32,
    },
    /// A threshold that is no share.
    #[error("threshold {0} must be above 0 and at most 1: it is a share of the valid votes")]
    Threshold(f64),
}

impl Votes {
    /// Checks the three numbers against each other.
    pub fn new(count: u32, quorum: u32, threshold: f64) -> Result<Self, VotesError> {
        if quorum == 0 || quorum > count {
            return Err(VotesError::Quorum { quorum, count });
        }
        if !(threshold > 0.0 && threshold <= 1.0) {
            return Err(VotesError::Threshold(threshold));
        }
        Ok(Self { count, quorum, threshold })
    }
}

impl Question {
    /// The words that a valid answer can come to.
    pub fn labels(&self) -> Vec<&str> {
        match self {
            Self::Labels(labels) => labels.iter().map(String::as_str).collect(),
            Self::Criteria { .. } => vec!["yes", "no"],
        }
    }
}

impl Stage {
    /// How many jobs one (cell, prompt, repeat) has here.
    pub fn votes(&self) -> u32 {
        match &self.kind {
            StageKind::Generate { .. } => 1,
            StageKind::Judge { votes, .. } => votes.map_or(1, |votes| votes.count),
        }
    }

    /// The fields that its answers are read into; none for a judge.
    pub fn fields(&self) -> &[Field] {
        match &self.kind {
            StageKind::Generate { fields, .. } => fields,
            StageKind::Judge { .. } => &[],
        }
    }
}
