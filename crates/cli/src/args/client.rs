//! Commands that ask a coordinator, or look into a store.

use std::path::PathBuf;

/// Which coordinator is asked.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct ClientArgs {
    /// Where coordinators are, and the token's variable; without it `config/client.toml`, if it is
    /// there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// The coordinator to ask, instead of those in the settings
    #[arg(long, value_name = "URL")]
    pub(crate) coordinator: Option<String>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What is looked at: what a coordinator has, or a store itself.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct SourceArgs {
    /// Look into this store, without a coordinator: the file of `iago run --store`, which no other
    /// process may have open, or postgres://USER@HOST/DATABASE
    #[arg(long, value_name = "STORE", conflicts_with_all = ["coordinator", "config"])]
    pub(crate) store: Option<String>,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SubmitArgs {
    /// The sweep file
    pub(crate) sweep: PathBuf,
    /// A pilot: only the first N prompts of the set. The full sweep later keeps their results, and a
    /// pilot of what was asked already asks nothing
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// Compare with the baseline of this name: `iago gate` then says what came of it
    #[arg(long, value_name = "NAME")]
    pub(crate) against: Option<String>,
    /// Then show how it goes until it has ended
    #[arg(long)]
    pub(crate) watch: bool,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SweepArgs {
    /// Its number, or its name: then the newest of that name
    pub(crate) sweep: String,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct StatusArgs {
    /// Its number, or its name: then the newest of that name. Without it, every sweep
    pub(crate) sweep: Option<String>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ExtendArgs {
    /// Its number, or its name: then the newest of that name
    pub(crate) sweep: String,
    /// The edited sweep file, which must ask all that the sweep asks, and more
    pub(crate) file: PathBuf,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// Its number, or its name: then the newest of that name
    pub(crate) sweep: String,
    /// Write the page here instead of printing; SIMULATED is put into the name where it is
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub(crate) html: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct TranscriptsArgs {
    /// Its number, or its name: then the newest of that name
    pub(crate) sweep: String,
    /// Only of this model
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NAME")]
    pub(crate) model: String,
    /// Only under this condition
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NAME")]
    pub(crate) condition: String,
    /// Only of this prompt
    #[arg(long, default_value = "", hide_default_value = true, value_name = "ID")]
    pub(crate) prompt: String,
    /// Only of this repeat, counted from 0
    #[arg(long, value_name = "N")]
    pub(crate) repeat: Option<u32>,
    /// Only with this outcome
    #[arg(long, default_value = "", hide_default_value = true, value_name = "NAME")]
    pub(crate) outcome: String,
    /// At most so many
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}
