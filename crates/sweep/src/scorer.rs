//! Scores: what code says about an answer, without asking a model.

use serde::{Deserialize, Serialize};

use crate::words;

/// How an answer is scored. `equals`, `text` and `with` are templates over what the stage may see: prompt
/// fields, the variables of the condition and the fields of the answers that it hangs on.
///
/// All of them say `yes` or `no`, but for a program, which says what it [`Says`]. A field that the
/// answer does not have makes the score unknown, never `no`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scorer {
    /// The field and the expected text are equal once both are normalised.
    Exact(Expected),
    /// The field holds the expected text.
    Contains(Expected),
    /// The field begins with the expected text.
    Prefix(Expected),
    /// The field matches a regular expression somewhere.
    Regex {
        /// The field.
        field: String,
        /// The expression.
        pattern: String,
    },
    /// The one option that the field names is the expected one. A field that names none, or several, is unknown.
    Choice {
        /// The field.
        field: String,
        /// The options, such as `A` to `D`.
        among: Vec<String>,
        /// The expected option.
        equals: String,
    },
    /// The field is a number that is near enough to the expected one.
    Number {
        /// The field.
        field: String,
        /// The expected number.
        equals: String,
        /// How far off it may be, in the number's own unit.
        within: f64,
    },
    /// The field keeps at least this share of the words of a text.
    Overlap {
        /// The field.
        field: String,
        /// The text.
        with: String,
        /// The share, from 0 to 1.
        share: f64,
    },
    /// The field is JSON that a schema accepts.
    Schema {
        /// The field.
        field: String,
        /// The schema, as JSON.
        schema: String,
    },
    /// A program that the worker's configuration names.
    External {
        /// Its name there.
        program: String,
        /// The only values that it is given.
        sees: Vec<String>,
        /// What it may answer.
        says: Says,
    },
}

/// A field and what is expected of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    /// The field.
    pub field: String,
    /// The expected text, as a template.
    pub text: String,
    /// What is done to both before they are compared, in order.
    pub normalise: Vec<Normalise>,
}

/// What a program may answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Says {
    /// One of these words.
    Labels(Vec<String>),
    /// A finite number.
    Number,
}

words! {
    /// What is done to a text before it is compared.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    Normalise, "normalisation", {
        /// White space at both ends goes.
        Trim = "trim",
        /// Case does not count.
        Lowercase = "lowercase",
        /// Any run of white space is one space.
        Spaces = "spaces",
        /// ASCII punctuation goes.
        Punctuation = "punctuation",
        /// Numbers are compared by value: `1,200.0` and `1200` are one. What is no number stays text.
        Number = "number",
    }
}

impl Scorer {
    /// The words that it can say.
    pub fn labels(&self) -> Vec<&str> {
        match self {
            Self::External { says: Says::Labels(labels), .. } => {
                labels.iter().map(String::as_str).collect()
            }
            Self::External { says: Says::Number, .. } => Vec::new(),
            Self::Exact(_)
            | Self::Contains(_)
            | Self::Prefix(_)
            | Self::Regex { .. }
            | Self::Choice { .. }
            | Self::Number { .. }
            | Self::Overlap { .. }
            | Self::Schema { .. } => vec!["yes", "no"],
        }
    }

    /// The program that it needs; the others need nothing.
    pub fn program(&self) -> Option<&str> {
        if let Self::External { program, .. } = self { Some(program) } else { None }
    }

    /// What a program is given; `None` for our own code, which can be run over stored texts again at
    /// any time.
    pub fn sees(&self) -> Option<&[String]> {
        if let Self::External { sees, .. } = self { Some(sees) } else { None }
    }

    /// Its templates, each with the key that it has in a sweep file.
    pub fn templates(&self) -> Vec<(&'static str, &str)> {
        match self {
            Self::Exact(expected) => vec![("equals", &expected.text)],
            Self::Contains(expected) | Self::Prefix(expected) => vec![("text", &expected.text)],
            Self::Choice { equals, .. } | Self::Number { equals, .. } => vec![("equals", equals)],
            Self::Overlap { with, .. } => vec![("with", with)],
            Self::Regex { .. } | Self::Schema { .. } | Self::External { .. } => Vec::new(),
        }
    }

    /// The field that it looks at; a program looks at what it sees.
    pub fn field(&self) -> Option<&str> {
        match self {
            Self::Exact(expected) | Self::Contains(expected) | Self::Prefix(expected) => {
                Some(&expected.field)
            }
            Self::Regex { field, .. }
            | Self::Choice { field, .. }
            | Self::Number { field, .. }
            | Self::Overlap { field, .. }
            | Self::Schema { field, .. } => Some(field),
            Self::External { .. } => None,
        }
    }
}
