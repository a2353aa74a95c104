//! Commands that serve, and the one that makes the tokens for them.

use std::path::PathBuf;

use clap::Subcommand;
use iago_store::Scope;

#[derive(Debug, clap::Args)]
pub(crate) struct CoordinatorArgs {
    /// Its settings; without it `config/coordinator.toml`, if it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct WorkerArgs {
    /// Its settings; without it `config/worker.toml`, if it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Its name, instead of the one in the settings; no two living workers may share one
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Option<String>,
}

/// Works on the store that a coordinator's settings name, and needs no coordinator that runs. A
/// SQLite store belongs to one process at a time: stop the coordinator first.
#[derive(Debug, clap::Args)]
pub(crate) struct TokenArgs {
    /// The coordinator's settings; without it `config/coordinator.toml`, if it is there
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: TokenCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenCommand {
    /// Makes a token and prints it, once: only its hash is kept
    Create {
        /// What it opens: worker takes jobs and delivers results, operator submits and decides,
        /// reader looks
        #[arg(long, value_name = "SCOPE", value_parser = scope)]
        scope: Scope,
        /// What people call it; the audit names it. No two tokens ever share a name
        #[arg(long, value_name = "NAME")]
        name: String,
        /// For how many days it is good
        #[arg(long, default_value_t = 90, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_500))]
        days: u32,
        /// It is good until it is revoked
        #[arg(long, conflicts_with = "days")]
        forever: bool,
    },
    /// Lists every token that was ever made; never the tokens themselves
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Makes a token good for nothing, within seconds and for ever
    Revoke {
        /// Its name
        #[arg(value_name = "NAME")]
        name: String,
    },
}

fn scope(word: &str) -> Result<Scope, String> {
    word.parse().map_err(|_unknown| {
        let known: Vec<_> = Scope::ALL.iter().map(|scope| scope.word()).collect();
        format!("known: {}", known.join(", "))
    })
}
