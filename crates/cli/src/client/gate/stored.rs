//! The verdict of a night, as it was stored that morning.

use std::time::Duration;

use iago_nightly::{ScheduleName, Word};
use iago_protocol::wire::HistoryRequest;
use jiff::Timestamp;
use tokio::time::sleep;

use super::Judged;
use crate::args::GateArgs;
use crate::client::Client;
use crate::client::schedule::history::fetch;
use crate::client::schedule::named;
use crate::client::schedule::told::ToldRun;
use crate::exit::{Exit, Stop};

/// Nights before it whose verdicts are shown.
const NIGHTS_SHOWN: u32 = 14;

/// How often a run that is waited for is looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// The run that was due then, or the latest one. One that is not judged is not passed over: the verdict of
/// an earlier night is none on this one.
pub(super) async fn find(
    client: &mut Client,
    schedule: &str,
    args: &GateArgs,
) -> Result<Judged, Stop> {
    let name = named(schedule)?;
    let mut run = latest(client, &name, args.due, 1).await?.swap_remove(0);
    while args.wait && is_awaited(&run) {
        sleep(LOOK_EVERY).await;
        run = look_again(client, &name, run).await?;
    }
    let Some(morning) = run.morning.clone() else { return Err(not_judged(&name, &run)) };
    let nights = latest(client, &name, Some(run.run.key.due), NIGHTS_SHOWN).await?;
    Ok(Judged { morning, flips: Vec::new(), nights: words(&nights) })
}

fn is_awaited(run: &ToldRun) -> bool {
    run.morning.is_none() && !run.run.state.is_over()
}

/// The same run, whatever has come due since. Who waits for it waits for a coordinator that is away as well.
async fn look_again(
    client: &mut Client,
    name: &ScheduleName,
    run: ToldRun,
) -> Result<ToldRun, Stop> {
    match latest(client, name, Some(run.run.key.due), 1).await {
        Ok(mut runs) => Ok(runs.swap_remove(0)),
        Err(stop) if stop.exit == Exit::Unreachable => Ok(run),
        Err(stop) => Err(stop),
    }
}

/// That run and those before it, the latest first: at most so many, and never none.
async fn latest(
    client: &mut Client,
    name: &ScheduleName,
    due: Option<Timestamp>,
    limit: u32,
) -> Result<Vec<ToldRun>, Stop> {
    let before_s = due.map(|due| due.as_second().saturating_add(1));
    let request = HistoryRequest { name: name.as_str().to_owned(), limit, before_s };
    let runs = fetch(client, request).await?;
    let asked =
        |run: &ToldRun| due.is_none_or(|due| run.run.key.due.as_second() == due.as_second());
    if runs.first().is_some_and(asked) { Ok(runs) } else { Err(no_run(name, due)) }
}

/// What nights came to, the oldest first; those that never started came to nothing.
fn words(runs: &[ToldRun]) -> Vec<Word> {
    let mornings = runs.iter().rev().filter_map(|run| run.morning.as_ref());
    mornings.filter(|morning| !morning.missed).map(|morning| morning.word).collect()
}

fn no_run(name: &ScheduleName, due: Option<Timestamp>) -> Stop {
    let what = due.map_or_else(
        || format!("`{name}` was never due yet"),
        |due| format!("no run of `{name}` was due {due}"),
    );
    let way_out = format!("`iago schedule history {name}` shows what was");
    Stop::new(Exit::NoInput, format!("{what}: {way_out}"))
}

fn not_judged(name: &ScheduleName, run: &ToldRun) -> Stop {
    let (due, stands) = (run.run.key.due, run.stands());
    let wait = if run.run.state.is_over() { "" } else { "--wait waits for it, " };
    Stop::new(
        Exit::NoInput,
        format!(
            "the run of `{name}` that was due {due} has no verdict: {stands}; {wait}--due TIME asks for \
             another one, and `iago schedule history {name}` shows which there are"
        ),
    )
}
