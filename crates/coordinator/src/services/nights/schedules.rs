//! Schedules: read, compared with what is in force, and told of.

use std::collections::BTreeMap;

use iago_nightly::{Morning, Schedule, ScheduleName, Standing, Terms, diff};
use iago_protocol::wire::{
    HistoryRequest, HistoryTold, NoticeTold, RunTold, ScheduleHead, ScheduleTold, SchedulesListed,
};
use iago_store::{Nights, Notice, NoticeEnd, StoredRun};
use iago_sweep::Digest;
use jiff::Timestamp;
use tonic::Status;

use super::changes::changed_files;
use crate::appointments::{Offer, content_of};
use crate::compile::{Sources, compile};
use crate::submit::{check_weight, invalid};
use crate::trouble::of_store;

/// Due times that are told ahead.
const UPCOMING: usize = 5;
/// Runs that a history gives at once. Mornings are large, and all of them are one message; whoever wants more
/// asks for those that were due before.
const HISTORY_MAX: usize = 8;
/// Bytes of mornings that a history gives at once, so that a client takes the message; one is always given.
const HISTORY_BYTES_MAX: usize = 2 << 20;

/// How a schedule that is handed in stands to the one in force.
pub(super) struct Difference {
    /// The one in force.
    old: Option<Standing>,
    /// What differs, in lines.
    lines: Vec<String>,
}

/// A schedule that is handed in, checked as far as it can be without those who work on it.
pub(super) fn offer(
    name: ScheduleName,
    head: &ScheduleHead,
    sources: Sources,
) -> Result<Offer, Status> {
    let terms = Terms::read(&head.terms).map_err(invalid)?;
    let plan = compile(&sources).map_err(invalid)?;
    let json = serde_json::to_vec(&plan).map_err(invalid)?;
    if Digest::of(&json).as_bytes().as_slice() != head.plan_digest {
        return Err(Status::failed_precondition(
            "client and coordinator compile this sweep differently: use the same iago on both",
        ));
    }
    check_weight(json.len())?;
    let files = sources.files;
    Ok(Offer { schedule: terms.pin(name, content_of(&files)), files, plan })
}

/// Compares what is handed in with what is in force.
pub(super) async fn compare<N: Nights>(store: &N, offer: &Offer) -> Result<Difference, Status> {
    let new = &offer.schedule;
    let Some(old) = standing_of(store, &new.name).await? else {
        return Ok(Difference { old: None, lines: Vec::new() });
    };
    // Whoever adds a schedule anew does not thereby resume it.
    let mut kept = new.clone();
    kept.terms.paused |= old.schedule.terms.paused;
    let mut lines = diff(&old.schedule, &kept);
    if old.schedule.content != new.content {
        let before = store.files(old.schedule.content).await.map_err(of_store)?;
        let before: BTreeMap<_, _> = before.into_iter().collect();
        lines.extend(changed_files(&new.terms.sweep, &before, &offer.files));
    }
    Ok(Difference { old: Some(old), lines })
}

impl Difference {
    /// A schedule that was put in force, with what differs.
    pub(super) fn told(self, told: ScheduleTold) -> ScheduleTold {
        ScheduleTold { is_new: self.old.is_none(), changes: self.lines, ..told }
    }

    /// The same of one that was only to be looked at.
    pub(super) async fn told_beforehand<N: Nights>(
        self,
        store: &N,
        mut schedule: Schedule,
        now: Timestamp,
    ) -> Result<ScheduleTold, Status> {
        let last_due = self.old.as_ref().and_then(|old| old.last_due);
        schedule.terms.paused |= self.old.as_ref().is_some_and(|old| old.schedule.terms.paused);
        let standing = Standing { schedule, since: now, last_due };
        let cautions = cautions(store, &standing.schedule).await?;
        Ok(self.told(ScheduleTold { cautions, ..of(&standing, None, now) }))
    }
}

/// The schedule of a name that is in force.
async fn standing_of<N: Nights>(
    store: &N,
    name: &ScheduleName,
) -> Result<Option<Standing>, Status> {
    let standings = standings(store).await?;
    Ok(standings.into_iter().find(|standing| standing.schedule.name == *name))
}

async fn standings<N: Nights>(store: &N) -> Result<Vec<Standing>, Status> {
    let dates = store.dates().await.map_err(of_store)?;
    let read = |json: &Vec<u8>| {
        let read = serde_json::from_slice(json);
        read.map_err(|error| Status::data_loss(format!("a stored schedule: {error}")))
    };
    dates.schedules.iter().map(read).collect()
}

/// Every schedule in force.
pub(super) async fn list<N: Nights>(store: &N, now: Timestamp) -> Result<SchedulesListed, Status> {
    let mut schedules = Vec::new();
    for standing in standings(store).await? {
        let last = last_run(store, &standing.schedule.name).await?;
        schedules.push(of(&standing, last, now));
    }
    Ok(SchedulesListed { schedules, now_s: now.as_second() })
}

/// One schedule, or that there never was one.
pub(super) async fn show<N: Nights>(
    store: &N,
    name: &ScheduleName,
    now: Timestamp,
) -> Result<ScheduleTold, Status> {
    let told = told(store, name, now).await?;
    if told.schedule.is_empty() && told.last.is_none() {
        return Err(absent(name));
    }
    Ok(told)
}

/// One schedule; of one that was removed its last run.
pub(super) async fn told<N: Nights>(
    store: &N,
    name: &ScheduleName,
    now: Timestamp,
) -> Result<ScheduleTold, Status> {
    let last = last_run(store, name).await?;
    Ok(match standing_of(store, name).await? {
        Some(standing) => {
            let cautions = cautions(store, &standing.schedule).await?;
            ScheduleTold { cautions, ..of(&standing, last, now) }
        }
        None => {
            let (name, now_s) = (name.to_string(), now.as_second());
            ScheduleTold { name, last, now_s, ..ScheduleTold::default() }
        }
    })
}

/// The runs of a schedule, the latest due first.
pub(super) async fn history<N: Nights>(
    store: &N,
    name: &ScheduleName,
    request: &HistoryRequest,
) -> Result<HistoryTold, Status> {
    let limit = match request.limit {
        0 => HISTORY_MAX,
        limit => usize::try_from(limit).unwrap_or(HISTORY_MAX).min(HISTORY_MAX),
    };
    let stored = store.runs(name.as_str(), request.before_s, limit).await.map_err(of_store)?;
    let mut runs = Vec::with_capacity(stored.len());
    for stored in within_bytes(stored) {
        let notices = store.notices(&stored.row.key).await.map_err(of_store)?;
        runs.push(RunTold { notices: notices.iter().map(notice).collect(), ..run(stored) });
    }
    if runs.is_empty() && standing_of(store, name).await?.is_none() {
        return Err(absent(name));
    }
    Ok(HistoryTold { runs })
}

/// The first, and of the others as many as there is room for.
fn within_bytes(stored: Vec<StoredRun>) -> impl Iterator<Item = StoredRun> {
    let mut bytes = 0;
    let fits = move |(nth, stored): &(usize, StoredRun)| {
        bytes += stored.row.run.len() + stored.verdict.as_ref().map_or(0, Vec::len);
        *nth == 0 || bytes <= HISTORY_BYTES_MAX
    };
    stored.into_iter().enumerate().take_while(fits).map(|(_, stored)| stored)
}

async fn last_run<N: Nights>(store: &N, name: &ScheduleName) -> Result<Option<RunTold>, Status> {
    let mut last = store.runs(name.as_str(), None, 1).await.map_err(of_store)?;
    Ok(last.pop().map(|last| run(StoredRun { verdict: last.verdict.map(shorten), ..last })))
}

/// A morning without what each prompt counts, of which there may be very many. What cannot be read is left as
/// it is: whoever gets it says so.
fn shorten(morning: Vec<u8>) -> Vec<u8> {
    let Ok(mut read) = serde_json::from_slice::<Morning>(&morning) else { return morning };
    for value in &mut read.values {
        value.prompts.clear();
    }
    serde_json::to_vec(&read).unwrap_or(morning)
}

fn of(
    Standing { schedule, since, .. }: &Standing,
    last: Option<RunTold>,
    now: Timestamp,
) -> ScheduleTold {
    let upcoming = schedule.terms.timetable.upcoming(now).take(UPCOMING);
    ScheduleTold {
        name: schedule.name.to_string(),
        schedule: serde_json::to_vec(schedule).unwrap_or_default(),
        version: schedule.version().to_string(),
        since_s: since.as_second(),
        upcoming_s: upcoming.map(Timestamp::as_second).collect(),
        last,
        changes: Vec::new(),
        is_new: false,
        now_s: now.as_second(),
        cautions: Vec::new(),
    }
}

/// What a night of this schedule would miss as things stand.
async fn cautions<N: Nights>(store: &N, schedule: &Schedule) -> Result<Vec<String>, Status> {
    let Some(terms) = &schedule.terms.baseline else { return Ok(Vec::new()) };
    let name = &terms.pinned;
    let known = store.baselines().await.map_err(of_store)?;
    if known.iter().any(|baseline| baseline.name == *name) {
        return Ok(Vec::new());
    }
    Ok(vec![format!(
        "there is no baseline `{name}`, and a night without one is compared with nothing: `iago baseline set \
         {name} SWEEP` makes a sweep that is done one"
    )])
}

fn run(StoredRun { row, sweep, verdict }: StoredRun) -> RunTold {
    RunTold {
        run: row.run,
        sweep: sweep.map(|sweep| sweep.0),
        morning: verdict.unwrap_or_default(),
        notices: Vec::new(),
    }
}

fn notice(Notice { new, end, .. }: &Notice) -> NoticeTold {
    let to: serde_json::Value = serde_json::from_slice(&new.to).unwrap_or_default();
    let receiver = to.get("webhook").and_then(serde_json::Value::as_str).unwrap_or("?");
    let end = match end {
        None => String::new(),
        Some(NoticeEnd::Delivered) => "delivered".to_owned(),
        Some(NoticeEnd::GivenUp(why)) => why.clone(),
    };
    NoticeTold { receiver: receiver.to_owned(), end }
}

fn absent(name: &ScheduleName) -> Status {
    Status::not_found(format!(
        "there is no schedule `{name}`: `iago schedule list` shows those that there are"
    ))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use iago_nightly::{Value, Word, Yes};
    use iago_store::{DueKey, RunRow};

    use super::*;

    fn stored(bytes: usize) -> StoredRun {
        let key = DueKey { schedule: "a".to_owned(), due_s: 0 };
        let row = RunRow { key, run: Vec::new(), state: Vec::new(), is_over: true };
        StoredRun { row, sweep: None, verdict: Some(vec![b' '; bytes]) }
    }

    #[test]
    fn a_page_of_large_mornings_is_shorter_and_never_empty() {
        let third = HISTORY_BYTES_MAX / 3;
        let page =
            |sizes: &[usize]| within_bytes(sizes.iter().copied().map(stored).collect()).count();
        assert_eq!(page(&[third, third, third, third]), 3);
        assert_eq!(page(&[HISTORY_BYTES_MAX + 1, 1]), 1);
        assert_eq!(page(&[1; HISTORY_MAX]), HISTORY_MAX);
    }

    #[test]
    fn a_shortened_morning_keeps_its_values_and_leaves_out_their_prompts() {
        let value = Value {
            measure: "good".to_owned(),
            model: "m".to_owned(),
            condition: "plain".to_owned(),
            is_mean: false,
            value: Some(1.0),
            of: 2,
            prompts: BTreeMap::from([("p1".to_owned(), Yes { yes: 2, of: 2 })]),
        };
        let bare = Value { prompts: BTreeMap::new(), ..value.clone() };
        let morning = Morning::without_numbers(Word::Pass, "", "a", Timestamp::UNIX_EPOCH);
        let json = |value| {
            serde_json::to_vec(&Morning { values: vec![value], ..morning.clone() }).expect("JSON")
        };
        assert_eq!(shorten(json(value)), json(bare));
        assert_eq!(shorten(b"of another version".to_vec()), b"of another version");
    }
}
