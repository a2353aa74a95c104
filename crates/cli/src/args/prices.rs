//! Commands about what models cost.

use std::path::PathBuf;

use clap::Subcommand;

use crate::settings::prices::USUAL;

#[derive(Debug, clap::Args)]
pub(crate) struct PricesArgs {
    #[command(subcommand)]
    pub(crate) command: PricesCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PricesCommand {
    /// Takes prices from LiteLLM's public price map, which you have downloaded
    Import(PricesImportArgs),
    /// Says what a model is taken to cost, and where that is from
    Show(PricesShowArgs),
}

/// Nothing is fetched. The map is `model_prices_and_context_window.json` in the repository
/// BerriAI/litellm (the raw file of its main branch), and the litellm package on PyPI brings a copy.
/// Its data is under the MIT licence, Copyright (c) 2023 Berri AI; it is kept by a community, so look at
/// what matters to you. Prices of batches, of other service tiers and of caches that last an hour are
/// not taken.
///
/// What a person wrote goes before what was imported, and is never touched. Prices of earlier imports
/// that this map does not name stay as they are. What was added, changed (from what to what) and left is
/// said.
#[derive(Debug, clap::Args)]
pub(crate) struct PricesImportArgs {
    /// The price map, as JSON
    pub(crate) file: PathBuf,
    /// The file to write; what a person wrote above its line is kept, and wins
    #[arg(long, default_value = USUAL, value_name = "FILE")]
    pub(crate) into: PathBuf,
    /// Only models whose name fits, such as 'claude-*'; may be given several times
    #[arg(long, value_name = "PATTERN")]
    pub(crate) models: Vec<String>,
    /// Drop what earlier imports wrote and this one does not name; what a person wrote stays
    #[arg(long)]
    pub(crate) replace: bool,
    /// Print as JSON what became of each model
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PricesShowArgs {
    /// The model's id, as its endpoint knows it
    pub(crate) model: String,
    /// Endpoints and their prices; without it `config/endpoints.toml`, if it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}
