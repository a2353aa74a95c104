//! The command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// Runs the same prompts under different conditions on many models, and tells where behaviour
/// changes, with the error bars that the claim needs.
#[derive(Debug, Parser)]
#[command(name = "iago", version, after_help = EXIT_CODES)]
pub(crate) struct Args {
    /// What is logged to stderr: error, warn, info, debug, or a filter like `iago_worker=debug`.
    /// Prompts, answers and keys are never logged
    #[arg(long, global = true, default_value = "error", value_name = "LEVEL")]
    pub(crate) log: String,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 3 not complete (paused, or jobs failed); 64 bad usage; \
65 bad sweep file or prompts; 66 a file is missing; 69 an endpoint is out of reach; 73, 74 the store \
cannot be written; 75 another process holds the store or the port; 77 a key is missing or refused; \
78 bad configuration; 130 stopped by Ctrl-C";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a sweep on this machine and prints its report; the same command again resumes it
    Run(RunArgs),
    /// Serves models with planted behaviour, for tests and for trying things out
    SimulatedEndpoint(SimulatedEndpointArgs),
    /// Measures jobs per second and CPU per job on this machine, on a simulated endpoint
    Bench(BenchArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct RunArgs {
    /// The sweep file
    pub(crate) sweep: PathBuf,
    /// Where results are kept
    #[arg(long, default_value = ".iago/store.sqlite", value_name = "FILE")]
    pub(crate) store: PathBuf,
    /// Endpoints, keys' names, limits and prices; without it `config/endpoints.toml`, if it is there
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A pilot: only the first N prompts of the set. The full sweep later keeps their results
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// Try the jobs again that failed
    #[arg(long)]
    pub(crate) retry: bool,
    /// Print the numbers of the report as JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Write the HTML report here instead of beside the store
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SimulatedEndpointArgs {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8900", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// The prompt set whose planted counts are to be exact
    #[arg(long, value_name = "FILE")]
    pub(crate) prompts: Option<PathBuf>,
    /// The column of the set that holds the request
    #[arg(long, default_value = "text", value_name = "COLUMN")]
    pub(crate) column: String,
    /// The column of the set that holds the id
    #[arg(long, default_value = "id", value_name = "COLUMN")]
    pub(crate) id: String,
    /// Where to append a line for every call
    #[arg(long, value_name = "FILE")]
    pub(crate) log_file: Option<PathBuf>,
    /// Calls that it admits in any minute
    #[arg(long, value_name = "N")]
    pub(crate) requests_per_minute: Option<u32>,
    /// How long every answer takes, in milliseconds
    #[arg(long, default_value_t = 0, value_name = "MS")]
    pub(crate) latency_ms: u64,
    /// Share of calls that end in a 500
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub(crate) internal_500: f64,
    /// Share of calls that end in a 529
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub(crate) overloaded_529: f64,
    /// Share of calls whose connection breaks
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub(crate) reset: f64,
    /// Share of calls whose answer is cut-off JSON
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub(crate) malformed: f64,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BenchArgs {
    /// How many one-stage jobs
    #[arg(long, default_value_t = 100_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) jobs: u32,
    /// Calls at once
    #[arg(long, default_value_t = 64, value_name = "N")]
    pub(crate) concurrency: u32,
}
