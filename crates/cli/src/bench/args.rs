//! What `iago bench` is asked to measure.

use std::path::PathBuf;

use clap::Subcommand;

/// Each measurement prints a table. Without a name, `jobs`.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct BenchArgs {
    #[command(subcommand)]
    pub(super) what: Option<Measurement>,
    #[command(flatten)]
    pub(super) jobs: JobsArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum Measurement {
    /// Jobs per second and CPU per job of `iago run`, on a simulated endpoint
    Jobs(JobsArgs),
    /// Results per second that a coordinator takes in over TLS and makes durable in Postgres
    Ingest(IngestArgs),
    /// How long a coordinator takes to know what a store full of results says
    Recovery(RecoveryArgs),
    /// What an analyst's long transaction costs those who store results meanwhile
    Analyst(AnalystArgs),
    /// How long a large sweep takes from `iago submit` to its first job at a worker
    Submit(SubmitArgs),
    /// How much of each limit is used, with several workers, and whether it is ever exceeded
    Limits(LimitsArgs),
    /// The worker that the others are measured with: answers at once, with made-up text
    #[command(hide = true)]
    Generator(GeneratorArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct JobsArgs {
    /// How many one-stage jobs
    #[arg(long, default_value_t = 100_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) jobs: u32,
    /// Calls at once
    #[arg(long, default_value_t = 64, value_name = "N")]
    pub(super) concurrency: u32,
}

#[derive(Debug, clap::Args)]
pub(super) struct IngestArgs {
    /// For how long each of the measurements counts
    #[arg(long, default_value_t = 20, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) seconds: u64,
    /// Results a second that are offered where the delay of acknowledgements is measured
    #[arg(long, default_value_t = 5_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) rate: u32,
}

#[derive(Debug, clap::Args)]
pub(super) struct RecoveryArgs {
    /// Results in the store
    #[arg(long, default_value_t = 1_000_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) rows: u32,
    /// Bytes of text in each
    #[arg(long, default_value_t = 2_048, value_name = "N")]
    pub(super) bytes: usize,
    /// How many times it is measured
    #[arg(long, default_value_t = 3, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) times: u32,
}

#[derive(Debug, clap::Args)]
pub(super) struct AnalystArgs {
    /// For how long each phase counts
    #[arg(long, default_value_t = 15, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) seconds: u64,
    /// Blocks of four phases: without, with, with, without
    #[arg(long, default_value_t = 4, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) blocks: u32,
    /// Bytes of text in each result
    #[arg(long, default_value_t = 2_048, value_name = "N")]
    pub(super) bytes: usize,
}

#[derive(Debug, clap::Args)]
pub(super) struct SubmitArgs {
    /// Jobs of the sweep
    #[arg(long, default_value_t = 10_000_000, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=40_000_000))]
    pub(super) jobs: u32,
    /// For how long results are stored before memory is looked at once more
    #[arg(long, default_value_t = 10, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) seconds: u64,
}

#[derive(Debug, clap::Args)]
pub(super) struct LimitsArgs {
    /// For how long each case counts, after its first minute or more
    #[arg(long, default_value_t = 120, value_name = "N", value_parser = clap::value_parser!(u64).range(10..))]
    pub(super) seconds: u64,
    /// Cases at a time; they share this machine's processors
    #[arg(long, default_value_t = 13, value_name = "N")]
    pub(super) together: usize,
    /// Only cases whose name has this in it
    #[arg(long, value_name = "TEXT")]
    pub(super) only: Option<String>,
}

/// The token is the first line of its input.
#[derive(Debug, clap::Args)]
pub(super) struct GeneratorArgs {
    /// Where the coordinator takes workers
    #[arg(long)]
    pub(super) address: String,
    /// Who signed its certificate
    #[arg(long)]
    pub(super) ca: PathBuf,
    /// The name of this worker
    #[arg(long)]
    pub(super) name: String,
    /// Bytes of text in each result
    #[arg(long)]
    pub(super) bytes: usize,
    /// Results a second; without it, as many as are taken
    #[arg(long)]
    pub(super) rate: Option<u32>,
}
