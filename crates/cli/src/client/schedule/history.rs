//! `iago schedule history`: the nights of a schedule side by side.

use iago_nightly::{RunShown, history_lines};
use iago_protocol::wire::{HistoryRequest, ScheduleRequest};
use serde_json::Value;

use crate::args::ScheduleHistoryArgs;
use crate::client::schedule::named;
use crate::client::schedule::told::{Told, ToldRun};
use crate::client::{Client, json};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk, terminal_width};
use crate::plain::plain_line;
use crate::services::Nights;

pub(super) async fn run(args: ScheduleHistoryArgs) -> Result<Exit, Stop> {
    let name = named(&args.name)?;
    let mut client = Client::new(&args.client)?;
    let request =
        HistoryRequest { name: name.as_str().to_owned(), limit: args.limit, before_s: None };
    let mut runs = fetch(&mut client, request).await?;
    runs.reverse();
    if args.client.json {
        data(&json::line(&Value::from_iter(runs.iter().map(ToldRun::json))))?;
    } else if runs.is_empty() {
        talk(&format!("`{name}` was never due yet: `iago schedule show {name}` says when it is"));
    } else {
        data(&shown(&mut client, name.as_str(), runs).await?)?;
    }
    Ok(Exit::Done)
}

/// The latest runs of a schedule, the latest first, however few the coordinator gives at once.
pub(crate) async fn fetch(
    client: &mut Client,
    mut request: HistoryRequest,
) -> Result<Vec<ToldRun>, Stop> {
    let mut runs: Vec<ToldRun> = Vec::new();
    loop {
        let asked =
            client.ask_nights(async |mut nights: Nights| nights.history(request.clone()).await);
        let page = asked.await?.runs.into_iter().map(ToldRun::read);
        let page: Vec<ToldRun> = page.collect::<Result<_, _>>()?;
        let Some(oldest) = page.last().map(|run| run.run.key.due.as_second()) else { break };
        request.limit = request.limit.saturating_sub(u32::try_from(page.len()).unwrap_or(u32::MAX));
        request.before_s = Some(oldest);
        runs.extend(page);
        if request.limit == 0 {
            break;
        }
    }
    Ok(runs)
}

/// All of it; which messages did not get through is talk.
async fn shown(client: &mut Client, name: &str, runs: Vec<ToldRun>) -> Result<String, Stop> {
    let zone = zone(client, name).await?;
    runs.iter().flat_map(undelivered).for_each(|line| talk(&line));
    let runs = runs.into_iter().map(|told| RunShown { run: told.run, morning: told.morning });
    let runs: Vec<RunShown> = runs.collect();
    let lines = history_lines(&runs, terminal_width(), &zone);
    Ok(lines.iter().map(|line| format!("{}\n", plain_line(line))).collect())
}

/// In which times are shown: that of the schedule, or UTC once it was removed.
async fn zone(client: &mut Client, name: &str) -> Result<String, Stop> {
    let request = ScheduleRequest { name: name.to_owned() };
    let asked =
        client.ask_nights(async |mut nights: Nights| nights.show_schedule(request.clone()).await);
    let schedule = match asked.await {
        Ok(told) => Told::read(told)?.schedule,
        Err(stop) if stop.exit == Exit::NoInput => None,
        Err(stop) => return Err(stop),
    };
    let zone = schedule.map(|schedule| schedule.terms.timetable.zone_name().to_owned());
    Ok(zone.unwrap_or_else(|| "UTC".to_owned()))
}

/// Which messages about a run nobody received.
fn undelivered(told: &ToldRun) -> Vec<String> {
    let (due, notices) = (told.run.key.due, told.notices.iter());
    let missing = notices.filter(|notice| notice.end != DELIVERED);
    let why = |end: &str| match end {
        "" => "is still to be delivered".to_owned(),
        why => format!("was not delivered: {why}"),
    };
    missing
        .map(|notice| format!("{due}: the message to {} {}", notice.receiver, why(&notice.end)))
        .collect()
}

/// What the end of a message is called that was received.
const DELIVERED: &str = "delivered";
