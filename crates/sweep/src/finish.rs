//! How an answer ended, and whether its fields could be read.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A stored or written word that is not one of the known ones.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a known {1}")]
pub struct UnknownWord(pub String, pub &'static str);

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $noun:literal, { $($(#[$vdoc:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "lowercase")]
        pub enum $name { $($(#[$vdoc])* $variant,)* }

        impl $name {
            /// Every value, in order.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The word that files, stores and expressions use.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.word())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;
            fn from_str(word: &str) -> Result<Self, UnknownWord> {
                Self::ALL.iter().copied().find(|value| value.word() == word)
                    .ok_or_else(|| UnknownWord(word.to_owned(), $noun))
            }
        }
    };
}
pub(crate) use words;

words! {
    /// Why the model stopped. Every one of them is a result, never a failure.
    Finish, "finish reason", {
        /// It said what it had to say.
        Stop = "stop",
        /// It was cut at its output limit.
        Length = "length",
        /// The vendor or the model's own interface reported a refusal.
        Refusal = "refusal",
        /// A content filter held the answer back.
        Filter = "filter",
        /// It ended without a word.
        Empty = "empty",
    }
}

words! {
    /// Whether the stage's required fields could be read from the answer.
    Parse, "parse outcome", {
        /// All required fields are there.
        Ok = "ok",
        /// A required tag never opens.
        Missing = "missing",
        /// A tag opens and never closes.
        Unclosed = "unclosed",
        /// A required field is there with nothing in it, or the whole answer is empty.
        Empty = "empty",
        /// The answer was cut by its length limit before the fields were complete.
        Truncated = "truncated",
        /// The vendor refused or filtered before there was an answer to read.
        Refused = "refused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for finish in Finish::ALL {
            assert_eq!(finish.word().parse(), Ok(*finish));
        }
        for parse in Parse::ALL {
            assert_eq!(parse.word().parse(), Ok(*parse));
        }
        assert_eq!(
            "done".parse::<Finish>().unwrap_err().to_string(),
            "`done` is not a known finish reason"
        );
    }
}
