//! The verdict of a night, as it was stored that morning.

use iago_nightly::{ScheduleName, Word};
use iago_protocol::wire::HistoryRequest;
use jiff::Timestamp;

use super::Judged;
use crate::client::Client;
use crate::client::schedule::history::fetch;
use crate::client::schedule::named;
use crate::client::schedule::told::ToldRun;
use crate::exit::{Exit, Stop};

/// Nights before it whose verdicts are shown.
const NIGHTS_SHOWN: u32 = 14;

/// The run that was due then, or the latest one. One that is not judged is not passed over: the verdict of
/// an earlier night is none on this one.
pub(super) async fn find(
    client: &mut Client,
    schedule: &str,
    due: Option<Timestamp>,
) -> Result<Judged, Stop> {
    let name = named(schedule)?;
    let before_s = due.map(|due| due.as_second().saturating_add(1));
    let request = HistoryRequest { name: name.as_str().to_owned(), limit: NIGHTS_SHOWN, before_s };
    let mut runs = fetch(client, request).await?;
    let asked =
        |run: &ToldRun| due.is_none_or(|due| run.run.key.due.as_second() == due.as_second());
    if !runs.first().is_some_and(asked) {
        return Err(no_run(&name, due));
    }
    let nights = words(&runs);
    let run = runs.swap_remove(0);
    match run.morning {
        Some(morning) => Ok(Judged { morning, flips: Vec::new(), nights }),
        None => Err(not_judged(&name, &run)),
    }
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
    Stop::new(
        Exit::NoInput,
        format!(
            "the run of `{name}` that was due {due} has no verdict: {stands}; --due TIME asks for \
             another one, and `iago schedule history {name}` shows which there are"
        ),
    )
}
