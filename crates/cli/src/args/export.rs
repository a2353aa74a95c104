//! Commands that write what was said for others.

use std::path::PathBuf;

use super::SourceArgs;

/// A text with more in it than blanks.
fn said(text: &str) -> Result<String, String> {
    match text.trim() {
        "" => Err("it is blank; say what it is".to_owned()),
        text => Ok(text.to_owned()),
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    /// Its number, or its name: then the newest of that name
    pub(crate) sweep: String,
    /// The answers of this stage, which has to be one that generates
    #[arg(long, value_name = "NAME")]
    pub(crate) stage: String,
    /// Of each answer only this field; answers without it are left out
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NAME")]
    pub(crate) field: String,
    /// Only of transcripts with this outcome
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NAME")]
    pub(crate) outcome: String,
    /// What marks each document in its metadata; without it a sentence with an id that is made of the
    /// plan's hash
    #[arg(long, value_name = "TEXT", value_parser = said)]
    pub(crate) canary: Option<String>,
    /// Write here instead of printing; SIMULATED is put into the name where it is
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct GoldArgs {
    /// Its number, or its name: then the newest of that name
    pub(crate) sweep: String,
    /// The judge stage that people are to be held against
    #[arg(long, value_name = "NAME", required_unless_present = "join")]
    pub(crate) stage: Option<String>,
    /// Draw so many of each model and condition, of those that the judge was asked about
    #[arg(
        long, value_name = "N", required_unless_present = "join",
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub(crate) per_cell: Option<u32>,
    /// Of the draw, and of the order that it is shuffled into
    #[arg(long, default_value_t = 0, value_name = "K")]
    pub(crate) seed: u64,
    /// Write what is to be labelled here, one JSON object a line, with the key to it as
    /// NAME.key.jsonl and the judge's question as NAME.rubric.md beside it; SIMULATED is put into the names where it is
    #[arg(long, value_name = "FILE", required_unless_present = "join")]
    pub(crate) out: Option<PathBuf>,
    /// Print the lines of a gold file from what somebody labelled; nothing else is read then but the
    /// key
    #[arg(
        long, value_name = "FILE", requires_all = ["key", "rater"],
        conflicts_with_all = ["stage", "per_cell", "seed", "out", "store", "coordinator", "config"]
    )]
    pub(crate) join: Option<PathBuf>,
    /// The key that was written with it
    #[arg(long, value_name = "FILE", requires = "join")]
    pub(crate) key: Option<PathBuf>,
    /// Who labelled it
    #[arg(
        long, value_name = "NAME", requires = "join",
        value_parser = said
    )]
    pub(crate) rater: Option<String>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}
