//! Readers of prompt sets: JSONL, CSV and TSV (and Parquet, with the feature `parquet`) become rows of named text columns.
//!
//! A prompt set decides what a sweep asks, so a reader that guesses produces wrong numbers in
//! silence: a quote that is never closed swallows rows, a repeated id counts a prompt twice, a
//! `null` becomes the word "null" in a message. Each of these is an error here, and the message
//! names the file, the line, the column and the way out.
//!
//! What this crate deliberately does not do: it opens no file (the caller has the bytes, and
//! hashes them), it does not choose columns for a template (the sweep file does), and it infers no
//! types: every value is text, spelled as in the file.
//!
//! ```
//! use iago_prompts::{Format, read};
//!
//! let format = Format::from_path("requests.csv").expect("the name ends in .csv");
//! let set = read("requests.csv", b"id,text\nfirst,\"two\nlines\"\n", format, "id")?;
//! assert_eq!(set.rows[0].columns["text"], "two\nlines");
//! assert_eq!(set.rows[0].line, 2);
//! # Ok::<(), iago_prompts::PromptsError>(())
//! ```

#![warn(missing_docs)]

mod delimited;
mod error;
mod files;
mod format;
mod jsonl;
#[cfg(feature = "parquet")]
mod parquet;
mod pattern;
mod quotes;
mod set;

pub use error::{Fault, PromptsError};
pub use files::{Duplicates, Ids, read_files};
pub use format::Format;
pub use pattern::{MATCHING, Unmatched, choose, is_pattern};
pub use set::{ID_BYTES_MAX, PROMPT_BYTES_MAX, PromptRow, PromptSet, read};
