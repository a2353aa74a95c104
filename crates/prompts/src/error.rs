//! What can be wrong with a prompt set. Whatever it is, its author must edit the file, so every
//! message says where and how.

use std::fmt;

use crate::set::{ID_BYTES_MAX, PROMPT_BYTES_MAX};

/// A prompt set that cannot be used: which file, where in it, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct PromptsError {
    /// The name under which the file was given to [`read`](crate::read).
    pub file: String,
    /// The line of the fault, from 1; `None` if the file as a whole is at fault.
    pub line: Option<u64>,
    /// What is wrong.
    pub fault: Fault,
}

impl fmt::Display for PromptsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.file, self.fault),
            None => write!(f, "{}: {}", self.file, self.fault),
        }
    }
}

/// What is wrong with a prompt set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is not text in UTF-8.
    #[error("byte {byte} of the line is not UTF-8; save the file as UTF-8")]
    NotUtf8 {
        /// The first wrong byte of the line, from 1.
        byte: usize,
    },
    /// The line breaks the rules of its format.
    #[error("{reason}")]
    Malformed {
        /// What is wrong and what to write instead.
        reason: String,
    },
    /// No column has the name that the sweep gives for ids.
    #[error(
        "there is no column `{column}` to take ids from (columns: {have}); add it, or name another one as `id` under [prompts]"
    )]
    MissingIdColumn {
        /// The name that was looked for.
        column: String,
        /// The names that are there, comma-separated.
        have: String,
    },
    /// A column without a name.
    #[error("column {position} has no name; give it one")]
    UnnamedColumn {
        /// Its place in the row, from 1.
        position: usize,
    },
    /// Two columns of one name.
    #[error("column `{column}` occurs twice; rename or remove one")]
    DuplicateColumn {
        /// The name in question.
        column: String,
    },
    /// A row without a value for a column that the first row has.
    #[error(
        "there is no value for column `{column}`; every row must have the same columns, so write an empty one"
    )]
    MissingColumn {
        /// The first column without a value.
        column: String,
    },
    /// A row with a value for a column that the first row does not have.
    #[error("column `{column}` is not in the first row; every row must have the same columns")]
    ExtraColumn {
        /// The unexpected column.
        column: String,
    },
    /// A row with more values than there are columns.
    #[error(
        "{found} values for {expected} columns, the last of which is `{last}`; put quotes around a value that contains the separator"
    )]
    ExtraValues {
        /// The number of values in the row.
        found: usize,
        /// The number of columns.
        expected: usize,
        /// The name of the last column.
        last: String,
    },
    /// A JSON value that has no spelling as text.
    #[error(
        "column `{column}` is {found}; write a string, a number or a bool (nested data as one string)"
    )]
    NotText {
        /// The column in question.
        column: String,
        /// What stands there instead of text.
        found: &'static str,
    },
    /// An id with nothing in it but blanks.
    #[error("column `{column}` is empty; every prompt needs an id of its own")]
    EmptyId {
        /// The id column.
        column: String,
    },
    /// An id longer than [`ID_BYTES_MAX`].
    #[error("the id in column `{column}` has {bytes} bytes; shorten it to at most {ID_BYTES_MAX}")]
    LongId {
        /// The id column.
        column: String,
        /// The id's length in bytes.
        bytes: usize,
    },
    /// An id that would break a line of a table or a log.
    #[error("the id {id:?} in column `{column}` has a control character; remove it")]
    ControlInId {
        /// The id column.
        column: String,
        /// The id as it stands in the file.
        id: String,
    },
    /// An id that an earlier row has.
    #[error(
        "id {id:?} in column `{column}` is already used on line {first_line}; rename or remove one"
    )]
    DuplicateId {
        /// The id column.
        column: String,
        /// The repeated id.
        id: String,
        /// Where the row with the same id starts.
        first_line: u64,
    },
    /// An id that a row of another file has.
    #[error("id {id:?} in column `{column}` is already used in {file}; rename or remove one")]
    IdInOtherFile {
        /// The id column.
        column: String,
        /// The repeated id.
        id: String,
        /// The file that has it first.
        file: String,
    },
    /// Two rows that are equal, where rows are told apart by nothing but their content.
    #[error(
        "the row is equal to the one of {file}:{line}, and without a column of ids only content tells prompts apart; remove one, say `duplicates = \"keep-first\"` under [prompts], or name a column as `id`"
    )]
    EqualRows {
        /// The file that has it first.
        file: String,
        /// The line on which the first one starts.
        line: u64,
    },
    /// A file whose columns are not those of the first one.
    #[error(
        "its columns are {found}, and those of {first} are {expected}; files of one set have the same columns"
    )]
    OtherColumns {
        /// The first file.
        first: String,
        /// Its columns, comma-separated.
        expected: String,
        /// The columns of this file.
        found: String,
    },
    /// A Parquet file, and a program that was built without its reader.
    #[error(
        "this iago cannot read Parquet; build it with `--features parquet`, or write the set as JSONL"
    )]
    NoParquet,
    /// A name that says nothing about the format.
    #[error("prompts must end in .jsonl, .csv or .tsv; rename the file")]
    UnknownFormat,
    /// A row larger than [`PROMPT_BYTES_MAX`].
    #[error(
        "the prompt has {bytes} bytes, most of them in column `{column}`; shorten it to at most {PROMPT_BYTES_MAX}"
    )]
    LongPrompt {
        /// The column with the longest value.
        column: String,
        /// The length of all values of the row together, in bytes.
        bytes: usize,
    },
    /// A file without a single row.
    #[error("there is no prompt in the file; add at least one row")]
    Empty,
}

/// A fault and its line, before the name of the file is added.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Located {
    pub(crate) line: Option<u64>,
    pub(crate) fault: Fault,
}

impl Located {
    pub(crate) fn at(line: u64, fault: Fault) -> Self {
        Self { line: Some(line), fault }
    }
}
