//! Commands about what runs every night, what it is compared with, and what came of it.

use std::path::PathBuf;

use clap::Subcommand;
use jiff::Timestamp;

use super::{ClientArgs, SourceArgs};

/// Flips that a verdict shows with what was said, where nobody says otherwise, and at most.
const FLIPS_USUAL: u32 = 3;
const FLIPS_MAX: i64 = 10;

#[derive(Debug, clap::Args)]
pub(crate) struct ScheduleArgs {
    #[command(subcommand)]
    pub(crate) command: ScheduleCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ScheduleCommand {
    /// Adds schedules by their files, or new versions of them, and says what that changes
    Add(ScheduleAddArgs),
    /// Lists the schedules in force: when each is due, and what its last run came to
    List(ClientArgs),
    /// Shows one: what it says, when it is due, and its last run
    Show(ScheduleNameArgs),
    /// Shows its nights side by side: every measure with its band, and what changed in between
    History(ScheduleHistoryArgs),
    /// Has a run begin now, also of a schedule that is paused
    RunNow(ScheduleNameArgs),
    /// Skips its due times until it is resumed; what is going goes on
    Pause(ScheduleNameArgs),
    /// Lets a paused one go on; due times that were skipped are not caught up
    Resume(ScheduleNameArgs),
    /// Removes it; its runs stay, and what is going goes on
    Remove(ScheduleNameArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct ScheduleAddArgs {
    /// Files such as config/schedules/NAME.toml, or folders of them. A schedule is called as its file
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// Only say what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ScheduleNameArgs {
    /// Its name
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct ScheduleHistoryArgs {
    /// Its name
    pub(crate) name: String,
    /// The latest so many due times
    #[arg(long, default_value_t = 14, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) client: ClientArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct BaselineArgs {
    #[command(subcommand)]
    pub(crate) command: BaselineCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum BaselineCommand {
    /// Pins a sweep that is done, as it stands, under a name, and says what is pinned
    Set(BaselineSetArgs),
    /// Lists all baselines
    List(SourceArgs),
    /// Forgets one; what was compared with it stays compared
    Remove {
        /// Its name
        name: String,
        #[command(flatten)]
        source: SourceArgs,
    },
}

#[derive(Debug, clap::Args)]
pub(crate) struct BaselineSetArgs {
    /// The baseline's name, as in assistant-nightly/2026-09-14
    pub(crate) name: String,
    /// The sweep's number, or its name: then the newest of that name
    pub(crate) sweep: String,
    /// In the place of a baseline that has this name
    #[arg(long)]
    pub(crate) replace: bool,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct GateArgs {
    /// Its number, or its name: then the newest of that name
    #[arg(required_unless_present = "schedule")]
    pub(crate) sweep: Option<String>,
    /// What it is compared with; without it, what it was submitted against
    #[arg(long, value_name = "NAME")]
    pub(crate) baseline: Option<String>,
    /// Instead of a sweep: what the latest run of this schedule came to, as it was judged that night
    #[arg(long, value_name = "NAME", conflicts_with_all = ["sweep", "baseline"])]
    pub(crate) schedule: Option<String>,
    /// Of the schedule's run that was due then, as in 2026-09-15T02:00:00+02:00
    #[arg(long, value_name = "TIME", requires = "schedule", value_parser = moment)]
    pub(crate) due: Option<Timestamp>,
    /// If that run is still going, wait until it is judged
    #[arg(long, requires = "schedule")]
    pub(crate) wait: bool,
    /// Write JUnit XML here; SIMULATED is put into the name where it is
    #[arg(long, value_name = "FILE")]
    pub(crate) junit: Option<PathBuf>,
    /// Write Markdown here, for a pull request; SIMULATED is put into the name where it is
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    /// So many of the prompts that flipped are shown with what was said: in JSON all, in Markdown 3 at most
    #[arg(long, default_value_t = FLIPS_USUAL, value_name = "N", conflicts_with = "schedule", value_parser = clap::value_parser!(u32).range(0..=FLIPS_MAX))]
    pub(crate) flips: u32,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
}

fn moment(text: &str) -> Result<Timestamp, String> {
    text.parse()
        .map_err(|_no_time| "write a time with its offset: 2026-09-15T02:00:00+02:00".to_owned())
}
