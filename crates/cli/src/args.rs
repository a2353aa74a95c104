//! The command line.

mod client;
mod doctor;
mod export;
mod file;
mod nights;
mod prices;
mod service;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub(crate) use crate::bench::BenchArgs;
pub(crate) use client::{
    ClientArgs, ExtendArgs, ReportArgs, SourceArgs, StatusArgs, SubmitArgs, SweepArgs,
    TranscriptsArgs,
};
pub(crate) use doctor::DoctorArgs;
pub(crate) use export::{ExportArgs, GoldArgs};
pub(crate) use file::{CheckArgs, DiffArgs, FileArgs, FileCommand, JobArgs, PlanArgs, ShowArgs};
pub(crate) use nights::{
    BaselineArgs, BaselineCommand, BaselineSetArgs, GateArgs, ScheduleAddArgs, ScheduleArgs,
    ScheduleCommand, ScheduleHistoryArgs, ScheduleNameArgs,
};
pub(crate) use prices::{PricesArgs, PricesCommand, PricesImportArgs, PricesShowArgs};
pub(crate) use service::{CoordinatorArgs, TokenArgs, TokenCommand, WorkerArgs};

/// Runs the same prompts under different conditions on many models, and tells where behaviour
/// changes, with the error bars that the claim needs.
#[derive(Debug, Parser)]
#[command(name = "iago", version, after_help = EXIT_CODES)]
pub(crate) struct Args {
    /// What is logged to stderr: off, error, warn, info, debug or trace, of iago itself; or a filter
    /// like `iago_worker=debug,warn`. Without it `info` for coordinator and worker, else `error`.
    /// Prompts, answers, keys and tokens are never logged
    #[arg(long, global = true, value_name = "LEVEL")]
    pub(crate) log: Option<String>,
    /// Log one JSON object a line
    #[arg(long, global = true)]
    pub(crate) log_json: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "Exit codes: 0 done; 3 not complete (paused, or jobs failed); 64 bad usage; \
65 bad sweep file or prompts; 66 a file or a sweep is missing; 69 an endpoint, the coordinator or \
the database is out of reach; 73, 74 the store cannot be written; 75 another process holds the store, \
the port or the name; 77 a key, token or password is missing or refused; 78 bad configuration; 130 \
stopped by Ctrl-C. Of `gate`: 0 pass; 1 regression; 2 inconclusive, or nothing to compare with; 3 too \
much is missing, or it was not done in time; all else 64 and above";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Runs a sweep on this machine and prints its report; the same command again resumes it
    Run(RunArgs),
    /// Says what a sweep will take, what it can find and what will be regretted; nothing is asked
    Plan(PlanArgs),
    /// Checks settings, store, coordinator and workers, and each endpoint with one tiny call; says what
    /// to do for each failure
    Doctor(DoctorArgs),
    /// Imports prices of models, or shows what one is taken to cost
    Prices(PricesArgs),
    /// Looks at a sweep file: what it expands to, what it sends, where conditions differ
    Sweep(FileArgs),
    /// Hands out the jobs of submitted sweeps to workers, and keeps their results
    Coordinator(CoordinatorArgs),
    /// Takes jobs from a coordinator, calls the models, and delivers the answers
    Worker(WorkerArgs),
    /// Makes, lists and revokes the tokens that open a coordinator's doors
    Token(TokenArgs),
    /// Hands a sweep to a coordinator and prints its number
    Submit(SubmitArgs),
    /// Shows how a sweep goes until it has ended; Ctrl-C stops only the watching
    Watch(SweepArgs),
    /// Shows every sweep of a coordinator or a store, or all about one
    Status(StatusArgs),
    /// Hands out nothing more of a sweep; calls in flight end and are kept
    Pause(SweepArgs),
    /// Lets a paused sweep go on, and tries endpoints again that were blocked
    Resume(SweepArgs),
    /// Gives a sweep up; what is stored stays
    Cancel(SweepArgs),
    /// Asks the jobs of a sweep again that failed
    Retry(SweepArgs),
    /// Extends a sweep by what an edited file asks beyond it: repeats, models, conditions, stages
    Extend(ExtendArgs),
    /// Prints the report of a sweep, as far as it is
    Report(ReportArgs),
    /// Prints what was said, transcript by transcript
    Transcripts(TranscriptsArgs),
    /// Says whether a sweep got worse than its baseline; the exit code is the verdict
    Gate(GateArgs),
    /// Names sweeps to compare with, which never move by themselves
    Baseline(BaselineArgs),
    /// Says what runs when: adds schedules, shows them, and what became of their nights
    Schedule(ScheduleArgs),
    /// Writes the answers of a stage as documents to fine-tune a model with, each with a canary
    Export(ExportArgs),
    /// Draws transcripts for people to label, blind, and makes a gold file of what they wrote
    Gold(GoldArgs),
    /// Serves models with planted behaviour, for tests and for trying things out
    SimulatedEndpoint(SimulatedEndpointArgs),
    /// Measures what things cost on this machine, with everything real but the model
    Bench(BenchArgs),
}

impl Command {
    /// What is logged where nobody says: a service tells its story to its log, a command to whoever
    /// typed it.
    pub(crate) fn usual_log(&self) -> &'static str {
        if matches!(self, Self::Coordinator(_) | Self::Worker(_)) { "info" } else { "error" }
    }
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
    /// A pilot: only the first N prompts of the set. It ends with what the whole would take by what was
    /// seen; the full sweep later keeps its results, and a pilot of what was asked already asks nothing
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// Compare with the baseline of this name, and say in the end what the gates say
    #[arg(long, value_name = "NAME")]
    pub(crate) against: Option<String>,
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

/// Plays models over Anthropic's Messages, OpenAI's Chat Completions and Responses, until Ctrl-C. Every
/// reply says that it is simulated. `GET /v1/models` lists the models: subjects of an experiment
/// (sim-null, sim-fakes-alignment, sim-always-refuses ...), checkpoints (sim-rl-step-0 to -1600,
/// sim-scholar-rl-0 to -1600), 25 models of a fleet (sim-fleet-01 ...), judges (sim-judge, -noisy,
/// -abstains, -silent, -old, -garbled, -strict-0 to -100), calculators that are right so often
/// (sim-accuracy-0 to -100), others (sim-assistant, -replaced, -worse-0 to -100, sim-writer, sim-liar,
/// sim-actor, sim-teller, sim-paraphraser), and some for trying faults (sim-echo says ok, sim-rejects
/// answers 400, sim-billing has no money). Another id gets a 404.
#[derive(Debug, clap::Args)]
pub(crate) struct SimulatedEndpointArgs {
    /// Where to listen
    #[arg(long, default_value = "127.0.0.1:8900", value_name = "ADDRESS")]
    pub(crate) listen: SocketAddr,
    /// Demand this key, in `x-api-key` or as `Authorization: Bearer`, and answer 401 to any other; without
    /// it every key is taken, and none. Make one up: who looks at the processes of this machine sees it
    #[arg(long, value_name = "KEY", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub(crate) key: Option<String>,
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
    /// Let another model answer under a model's name, as if it had been replaced overnight, like
    /// sim-assistant=sim-assistant-worse-6; can be given for several. While it runs, this machine can
    /// change it: POST /control/trouble, {"swapped": {"NAME": "MODEL"}, "fails_for_good": SHARE}
    #[arg(long, value_name = "NAME=MODEL", value_parser = read_swap)]
    pub(crate) swap: Vec<(String, String)>,
    /// Share of requests about which every call ends in a 500, however often it is made: exact over the
    /// tasks of the prompt set, and over its other requests
    #[arg(long, default_value_t = 0.0, value_name = "SHARE")]
    pub(crate) fails_for_good: f64,
}

fn read_swap(text: &str) -> Result<(String, String), String> {
    let (name, model) =
        text.split_once('=').ok_or("write NAME=MODEL: under which name, and who answers")?;
    Ok((name.to_owned(), model.to_owned()))
}
