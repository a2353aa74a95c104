//! `iago status`: every sweep in a table, or all about one.

use iago_protocol::wire::{Progress, Status as Told, SweepRequest};
use iago_sweep::{Money, SweepId};
use serde_json::Value;

use crate::account::{pool_words, spend_words, sum_words, wait_words};
use crate::args::StatusArgs;
use crate::client::watch::resume_words;
use crate::client::{Client, json};
use crate::clock::{ago, now_ms};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk, width};
use crate::plain::plain_line;
use crate::submission::Jobs;
use crate::table::Table;
use crate::watch::{counted, grouped};

/// States as the protocol calls them.
const RUNNING: &str = "running";
const PAUSED: &str = "paused";
const DONE: &str = "done";

/// What a sweep is marked with that has answers of planted behaviour.
const SIMULATED: &str = "SIMULATED; ";

/// What became of a sweep whose process was killed.
const NOBODY: &str = "nobody is at work on it";

/// A pilot's prompts are stored like any others: without the limit, the rest of the file is added to them.
const PILOT: &str = " (with the same --limit, if it was a pilot)";

/// Shows how sweeps stand.
pub(crate) async fn run(args: StatusArgs) -> Result<Exit, Stop> {
    let mut client = Client::open(&args.source).await?;
    let in_json = args.source.client.json;
    let Some(sweep) = &args.sweep else {
        let sweeps = client.list().await?;
        return show_all(&sweeps, in_json, client.store());
    };
    let sweep = client.find(sweep).await?;
    let told = client.get(sweep).await?;
    if in_json {
        data(&json::line(&json::status(&told)))?;
        return Ok(Exit::Done);
    }
    let failed = failed_for_good(&mut client, &told).await?;
    data(&all_about(&told, client.store(), failed))?;
    Ok(Exit::Done)
}

/// Jobs that failed and were not answered later on: the store's sums are over all rounds.
async fn failed_for_good(client: &mut Client, told: &Told) -> Result<u64, Stop> {
    if let Some(progress) = &told.progress {
        return Ok(progress.failures);
    }
    // Of a sweep that should be at work and is not, nobody has the last word.
    if told.failures == 0 || told.state == RUNNING {
        return Ok(0);
    }
    let sweep = told.sweep;
    let asked = client.ask(async |mut jobs: Jobs| jobs.watch(SweepRequest { sweep }).await);
    let last = asked.await?.message().await.map_err(|status| client.refused(&status))?;
    Ok(last.map_or(0, |last| last.failures))
}

fn show_all(sweeps: &[Told], in_json: bool, store: Option<&str>) -> Result<Exit, Stop> {
    if in_json {
        data(&json::line(&Value::from_iter(sweeps.iter().map(json::brief_status))))?;
    } else if sweeps.is_empty() {
        let in_store = store.is_some();
        let way_in = if in_store { "`iago run SWEEP` makes" } else { "`iago submit SWEEP` hands" };
        let end = if in_store { "one here with --store" } else { "one in" };
        talk(&format!("there are no sweeps yet: {way_in} {end}"));
    } else {
        data(&table(sweeps, store, now_ms()).shown(width()))?;
    }
    Ok(Exit::Done)
}

fn table(sweeps: &[Told], store: Option<&str>, now_ms: i64) -> Table {
    let mut table = Table::new(&["SWEEP", "NAME", "STATE", "JOBS", "HANDED IN", "NOTE"]);
    for told in sweeps {
        let note = format!("{}{}", kind(told), note(told, store));
        table.row(&[
            told.sweep.to_string(),
            told.name.clone(),
            told.state.clone(),
            told.progress.as_ref().map_or_else(|| "-".to_owned(), share_done),
            ago(told.created_ms, now_ms),
            note,
        ]);
    }
    table
}

/// What a sweep is that nobody handed in by hand, or what goes beside it.
fn kind(told: &Told) -> &'static str {
    match told.kind.as_str() {
        "night" => "a night; ",
        "anchors" => "anchors; ",
        _ => "",
    }
}

/// What there is to say of a sweep in a table of all.
fn note(told: &Told, store: Option<&str>) -> String {
    if let Some(way) = go_on(told, store, 0).filter(|_| is_left(told, store)) {
        return format!("{NOBODY}; {way}");
    }
    if told.reason.is_empty() { told.note.clone() } else { told.reason.clone() }
}

/// Of the jobs that are known to be wanted by now.
fn share_done(progress: &Progress) -> String {
    let ended: u64 = progress.stages.iter().map(|stage| stage.done + stage.failed).sum();
    let known: u64 = progress.stages.iter().map(|stage| stage.known).sum();
    let percent = (ended * 100).checked_div(known).unwrap_or(100);
    format!("{percent}% of {}", grouped(known))
}

fn all_about(told: &Told, store: Option<&str>, failed: u64) -> String {
    let mut lines = vec![
        format!(
            "{}{} {}: {}",
            mark(told),
            told.name,
            SweepId(told.sweep),
            state(told, store, failed)
        ),
        format!("handed in  {}", ago(told.created_ms, now_ms())),
        format!("revision   {}: {}{}", told.revision, kind(told), told.note),
        format!("results    {}", grouped(told.results)),
        format!("failures   {}", grouped(told.failures)),
        format!("calls      {}", grouped(told.calls)),
        format!("spent      {}", sum_words(Money(told.spent_picodollars), told.unpriced)),
    ];
    // At work it is the coordinator that knows what is out; otherwise the store's sums are all there is.
    let spend = told.progress.as_ref().and_then(|progress| progress.spend.as_ref());
    let apart = spend.or(told.spend.as_ref()).map(spend_words).unwrap_or_default();
    if !apart.is_empty() {
        lines.push(format!("           {apart}"));
    }
    if !told.reason.is_empty() {
        lines.insert(1, format!("because    {}", told.reason));
    }
    if let Some(progress) = &told.progress {
        lines.extend(at_work(progress));
    }
    lines.extend(go_on(told, store, failed).map(|way| format!("go on      {way}")));
    lines.iter().map(|line| format!("{}\n", plain_line(line))).collect()
}

/// The mark of a sweep with answers of planted behaviour.
fn mark(told: &Told) -> &'static str {
    if told.simulated { SIMULATED } else { "" }
}

/// The state as the store has it, and what that does not say.
fn state(told: &Told, store: Option<&str>, failed: u64) -> String {
    let failed = match failed {
        0 => String::new(),
        failed => format!(", but for {} that failed", counted(failed, "job")),
    };
    match told.state.as_str() {
        RUNNING if is_left(told, store) => format!("running, but {NOBODY}"),
        DONE => format!("{DONE}{failed}"),
        state => state.to_owned(),
    }
}

/// Whether whoever worked on a sweep is gone: a file belongs to one process at a time, and this one has it.
fn is_left(told: &Told, store: Option<&str>) -> bool {
    told.state == RUNNING && told.progress.is_none() && store.is_some_and(is_file)
}

/// What is typed for a sweep to go on, where it does not by itself.
fn go_on(told: &Told, store: Option<&str>, failed: u64) -> Option<String> {
    let sweep = told.sweep;
    let Some(place) = store.filter(|store| is_file(store)) else {
        let again = format!("`iago retry {sweep}` asks again what failed");
        let resume = || resume_words(sweep, &told.reason);
        return match (told.state.as_str(), failed) {
            (PAUSED, 0) => Some(resume()),
            (PAUSED, _) => Some(format!("{}; {again}", resume())),
            (DONE, 1..) => Some(format!("once the cause is mended, {again}")),
            _ => None,
        };
    };
    let same = format!("`iago run SWEEP --store {place}");
    match (told.state.as_str(), failed) {
        (RUNNING, _) if is_left(told, store) => Some(format!(
            "{same}` goes on with it{PILOT}, and asks nothing again that was answered"
        )),
        (PAUSED, 0) => Some(format!("{same}` goes on with it{PILOT}")),
        (PAUSED, _) => {
            Some(format!("{same}` goes on with it{PILOT}; with --retry it asks again what failed"))
        }
        (DONE, 1..) => {
            Some(format!("once the cause is mended, {same} --retry` asks again what failed{PILOT}"))
        }
        _ => None,
    }
}

/// Whether a store is a file: other addresses have a scheme.
fn is_file(store: &str) -> bool {
    !store.contains("://")
}

fn at_work(progress: &Progress) -> Vec<String> {
    let mut lines = vec![format!("workers    {}", progress.workers)];
    for stage in &progress.stages {
        let (done, known) = (grouped(stage.done), grouped(stage.known));
        let failed = match stage.failed {
            0 => String::new(),
            failed => format!(", {} failed", grouped(failed)),
        };
        lines.push(format!("stage      {}: {done} of {known}{failed}", stage.name));
    }
    for pool in &progress.pools {
        lines.push(format!("pool       {}", pool_words(pool)));
        lines.extend(wait_words(pool).map(|wait| format!("           {wait}")));
    }
    if !progress.store_trouble.is_empty() {
        lines.push(format!("the store  {}", progress.store_trouble));
    }
    lines
}

#[cfg(test)]
mod tests {
    use iago_coordinator::RAISE_BUDGET;
    use iago_protocol::wire::StageProgress;

    use super::*;

    fn told() -> Told {
        let stage = |name: &str, done, known| StageProgress {
            name: name.to_owned(),
            done,
            known,
            failed: 0,
        };
        let progress = Progress {
            stages: vec![stage("reply", 30, 40), stage("judge", 0, 20)],
            workers: 3,
            ..Progress::default()
        };
        Told {
            sweep: 7,
            name: "a-sweep\u{1b}[2J".to_owned(),
            state: "running".to_owned(),
            note: "a new sweep".to_owned(),
            progress: Some(progress),
            ..Told::default()
        }
    }

    #[test]
    fn a_sweep_is_a_row_that_fits_and_obeys_nobody() {
        let table = table(&[told()], None, 5_000);
        let whole = table.shown(200);
        assert!(whole.contains("50% of 60") && whole.contains("5s ago"), "{whole}");
        assert!(!whole.contains('\u{1b}'));
        assert!(table.shown(40).lines().all(|line| line.chars().count() <= 40));
    }

    #[test]
    fn all_about_a_sweep_says_what_its_stages_are_at() {
        let shown = all_about(&told(), None, 0);
        assert!(shown.contains("stage      reply: 30 of 40\n"), "{shown}");
        assert!(shown.contains("workers    3\n") && !shown.contains('\u{1b}'), "{shown}");
    }

    fn stored(state: &str) -> Told {
        Told { state: state.to_owned(), progress: None, ..told() }
    }

    #[test]
    fn a_sweep_whose_process_was_killed_says_so_and_how_to_go_on() {
        let shown = all_about(&stored("running"), Some("x.sqlite"), 0);
        assert!(shown.contains(" s7: running, but nobody is at work on it\n"), "{shown}");
        assert!(
            shown.contains("\ngo on      `iago run SWEEP --store x.sqlite` goes on"),
            "{shown}"
        );
        let listed = table(&[stored("running")], Some("x.sqlite"), 0).shown(200);
        assert!(listed.contains("nobody is at work on it; `iago run SWEEP --store"), "{listed}");
        // Somebody else may lead a store in Postgres.
        let shown = all_about(&stored("running"), Some("postgres://host/base"), 0);
        assert!(!shown.contains("nobody") && !shown.contains("go on"), "{shown}");
    }

    #[test]
    fn a_sweep_that_failed_or_was_paused_says_how_to_go_on() {
        let of = |state: &str, store, failed| all_about(&stored(state), store, failed);
        let shown = of("done", Some("x.sqlite"), 3);
        assert!(shown.contains(": done, but for 3 jobs that failed\n"), "{shown}");
        assert!(shown.contains("`iago run SWEEP --store x.sqlite --retry`"), "{shown}");
        assert!(of("done", None, 3).contains("`iago retry 7`"));
        assert!(!of("done", None, 0).contains("go on"));
        assert!(of("paused", None, 0).contains("go on      `iago resume 7` goes on with it\n"));
        assert!(of("paused", Some("x.sqlite"), 1).contains("with --retry"));
        assert!(!of("cancelled", None, 0).contains("go on"));
    }

    #[test]
    fn planted_behaviour_is_marked_whatever_else_there_is_to_say() {
        let reason = "asked for by ada".to_owned();
        let planted = Told { simulated: true, reason, ..stored("paused") };
        let shown = all_about(&planted, None, 0);
        assert!(shown.starts_with("SIMULATED; a-sweep"), "{shown}");
        assert_eq!(shown.matches("SIMULATED").count(), 1, "{shown}");
    }

    #[test]
    fn a_budget_that_is_used_up_is_raised_in_the_file_and_not_resumed() {
        let reason = format!("the next job could take the spend beyond $1.00: {RAISE_BUDGET}");
        let told = Told { reason, ..stored("paused") };
        let shown = all_about(&told, None, 0);
        assert!(
            shown.contains("go on      once that is raised, `iago submit FILE` goes on"),
            "{shown}"
        );
        assert!(!shown.contains("iago resume"), "{shown}");
    }

    #[test]
    fn a_pilot_is_gone_on_with_as_the_pilot_that_it_was() {
        for (state, failed) in [("running", 0), ("paused", 0), ("paused", 1), ("done", 1)] {
            let shown = all_about(&stored(state), Some("x.sqlite"), failed);
            assert!(shown.contains("with the same --limit, if it was a pilot"), "{shown}");
        }
    }
}
