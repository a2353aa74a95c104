//! Commands that look at a sweep file and ask nobody.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, clap::Args)]
pub(crate) struct FileArgs {
    #[command(subcommand)]
    pub(crate) command: FileCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum FileCommand {
    /// Says what a sweep file expands to, or what is wrong with it
    Check(CheckArgs),
    /// Prints the exact messages of one job
    Show(ShowArgs),
    /// Shows byte by byte where the messages of two conditions differ
    Diff(DiffArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The sweep file
    pub(crate) sweep: PathBuf,
    /// Endpoints and their prices; without it `config/endpoints.toml`, if it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    pub(crate) job: JobArgs,
    /// Of this condition; without it the first one of the model
    #[arg(long, value_name = "NAME")]
    pub(crate) condition: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    pub(crate) job: JobArgs,
    /// The condition on the left side
    #[arg(long, value_name = "CONDITION")]
    pub(crate) from: String,
    /// The condition on the right side
    #[arg(long, value_name = "CONDITION")]
    pub(crate) to: String,
}

/// Which job is looked at.
#[derive(Debug, clap::Args)]
pub(crate) struct JobArgs {
    /// The sweep file
    pub(crate) sweep: PathBuf,
    /// Of this stage; without it the first one
    #[arg(long, value_name = "NAME")]
    pub(crate) stage: Option<String>,
    /// Of this model; without it the first one
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Of this prompt; without it the first one
    #[arg(long, value_name = "ID")]
    pub(crate) prompt: Option<String>,
    /// The answer that the stage hangs on, from a file; once more for the one that this one hangs on
    #[arg(long, value_name = "FILE")]
    pub(crate) answer: Vec<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PlanArgs {
    /// The sweep file
    pub(crate) sweep: PathBuf,
    /// Endpoints, keys' names, limits and prices; without it `config/endpoints.toml`, if it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A pilot: only the first N prompts of the set
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// Where `iago run` keeps results: what a pilot of this sweep took there is said as well
    #[arg(long, default_value = ".iago/store.sqlite", value_name = "FILE")]
    pub(crate) store: PathBuf,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
