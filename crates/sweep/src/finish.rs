//! How an answer ended, and whether its fields could be read.

use serde::{Deserialize, Serialize};

use crate::words;

words! {
    /// Why the model stopped. Every one of them is a result, never a failure.
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
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
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
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
