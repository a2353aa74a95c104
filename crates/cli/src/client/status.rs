//! `iago status`: every sweep in a table, or all about one.

use iago_protocol::wire::{Progress, Status as Told};
use iago_sweep::{Money, SweepId};
use serde_json::Value;

use crate::account::{pool_words, spend_words};
use crate::args::StatusArgs;
use crate::client::{Client, json};
use crate::clock::{ago, now_ms};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk, width};
use crate::plain::plain_line;
use crate::table::Table;
use crate::watch::grouped;

/// Shows how sweeps stand.
pub(crate) async fn run(args: StatusArgs) -> Result<Exit, Stop> {
    let mut client = Client::open(&args.source).await?;
    let in_json = args.source.client.json;
    let Some(sweep) = &args.sweep else {
        let sweeps = client.list().await?;
        return show_all(&sweeps, in_json, client.store().is_some());
    };
    let sweep = client.find(sweep).await?;
    let told = client.get(sweep).await?;
    data(&if in_json { json::line(&json::status(&told)) } else { all_about(&told) })?;
    Ok(Exit::Done)
}

fn show_all(sweeps: &[Told], in_json: bool, in_store: bool) -> Result<Exit, Stop> {
    if in_json {
        data(&json::line(&Value::from_iter(sweeps.iter().map(json::brief_status))))?;
    } else if sweeps.is_empty() {
        let way_in = if in_store { "`iago run SWEEP` makes" } else { "`iago submit SWEEP` hands" };
        let end = if in_store { "one here with --store" } else { "one in" };
        talk(&format!("there are no sweeps yet: {way_in} {end}"));
    } else {
        data(&table(sweeps, now_ms()).shown(width()))?;
    }
    Ok(Exit::Done)
}

fn table(sweeps: &[Told], now_ms: i64) -> Table {
    let mut table = Table::new(&["SWEEP", "NAME", "STATE", "JOBS", "HANDED IN", "NOTE"]);
    for told in sweeps {
        let note = if told.reason.is_empty() { &told.note } else { &told.reason };
        table.row(&[
            told.sweep.to_string(),
            told.name.clone(),
            told.state.clone(),
            told.progress.as_ref().map_or_else(|| "-".to_owned(), share_done),
            ago(told.created_ms, now_ms),
            note.clone(),
        ]);
    }
    table
}

/// Of the jobs that are known to be wanted by now.
fn share_done(progress: &Progress) -> String {
    let ended: u64 = progress.stages.iter().map(|stage| stage.done + stage.failed).sum();
    let known: u64 = progress.stages.iter().map(|stage| stage.known).sum();
    let percent = (ended * 100).checked_div(known).unwrap_or(100);
    format!("{percent}% of {}", grouped(known))
}

fn all_about(told: &Told) -> String {
    let mut lines = vec![
        format!("{} {}: {}", told.name, SweepId(told.sweep), told.state),
        format!("handed in  {}", ago(told.created_ms, now_ms())),
        format!("revision   {}: {}", told.revision, told.note),
        format!("results    {}", grouped(told.results)),
        format!("failures   {}", grouped(told.failures)),
        format!("calls      {}", grouped(told.calls)),
        format!("spent      {}", spent(told)),
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
    lines.iter().map(|line| format!("{}\n", plain_line(line))).collect()
}

fn spent(told: &Told) -> String {
    let spent = Money(told.spent_picodollars);
    match told.unpriced {
        0 => spent.to_string(),
        unpriced => {
            format!("{spent}, and what {} calls cost that have no price", grouped(unpriced))
        }
    }
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
    }
    if !progress.store_trouble.is_empty() {
        lines.push(format!("the store  {}", progress.store_trouble));
    }
    lines
}

#[cfg(test)]
mod tests {
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
        let table = table(&[told()], 5_000);
        let whole = table.shown(200);
        assert!(whole.contains("50% of 60") && whole.contains("5s ago"), "{whole}");
        assert!(!whole.contains('\u{1b}'));
        assert!(table.shown(40).lines().all(|line| line.chars().count() <= 40));
    }

    #[test]
    fn all_about_a_sweep_says_what_its_stages_are_at() {
        let shown = all_about(&told());
        assert!(shown.contains("stage      reply: 30 of 40\n"), "{shown}");
        assert!(shown.contains("workers    3\n") && !shown.contains('\u{1b}'), "{shown}");
    }
}
