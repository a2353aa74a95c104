//! `iago baseline`: sweeps with a name to compare with. It asks a coordinator, or works on a store itself:
//! baselines are set while nobody leads as well.

use std::collections::BTreeMap;

use iago_protocol::wire::{BaselineRequest, BaselineSet, BaselineTold, ListBaselinesRequest};
use iago_sweep::SweepId;
use serde_json::Value;

use crate::args::{BaselineArgs, BaselineCommand, BaselineSetArgs, SourceArgs};
use crate::client::{Client, json};
use crate::clock::{ago, now_ms};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk, width};
use crate::plain::plain_line;
use crate::services::Nights;
use crate::table::Table;
use crate::watch::grouped;

pub(crate) async fn run(args: BaselineArgs) -> Result<Exit, Stop> {
    match args.command {
        BaselineCommand::Set(args) => set(args).await,
        BaselineCommand::List(source) => list(source).await,
        BaselineCommand::Remove { name, source } => remove(name, source).await,
    }
}

/// Pins a sweep and says what is pinned.
async fn set(args: BaselineSetArgs) -> Result<Exit, Stop> {
    let mut client = Client::open(&args.source).await?;
    let sweep = client.find(&args.sweep).await?;
    let request = BaselineSet { name: args.name, sweep, replace: args.replace };
    let asked =
        client.ask_nights(async |mut nights: Nights| nights.set_baseline(request.clone()).await);
    let told = asked.await?;
    if args.source.client.json {
        data(&json::line(&pinned_json(&told)))?;
    } else {
        data(&pinned(&told, now_ms()))?;
    }
    Ok(Exit::Done)
}

async fn list(source: SourceArgs) -> Result<Exit, Stop> {
    let mut client = Client::open(&source).await?;
    let asked = client.ask_nights(async |mut nights: Nights| {
        nights.list_baselines(ListBaselinesRequest {}).await
    });
    let baselines = asked.await?.baselines;
    if source.client.json {
        data(&json::line(&Value::from_iter(baselines.iter().map(told_json))))?;
    } else if baselines.is_empty() {
        talk(
            "there are no baselines yet: `iago baseline set NAME SWEEP` makes one of a sweep that is done",
        );
    } else {
        data(&table(&baselines, now_ms()).shown(width()))?;
    }
    Ok(Exit::Done)
}

async fn remove(name: String, source: SourceArgs) -> Result<Exit, Stop> {
    let mut client = Client::open(&source).await?;
    let request = BaselineRequest { name };
    let asked =
        client.ask_nights(async |mut nights: Nights| nights.remove_baseline(request.clone()).await);
    let told = asked.await?;
    if source.client.json {
        data(&json::line(&told_json(&told)))?;
    }
    talk(&format!(
        "baseline {} is forgotten; sweep {} stays, and so does what was compared with it",
        told.name,
        SweepId(told.sweep)
    ));
    Ok(Exit::Done)
}

/// What a name stands for, a line for each matter.
fn pinned(told: &BaselineTold, now_ms: i64) -> String {
    let mut lines = vec![
        format!(
            "baseline   {}: {} {}, revision {}, {}",
            told.name,
            told.sweep_name,
            SweepId(told.sweep),
            told.revision,
            told.state
        ),
        format!("repeats    {}", told.repeats),
        format!("handed in  {}", ago(told.created_ms, now_ms)),
        format!("results    {}", grouped(told.results)),
        format!("failures   {}", grouped(told.failures)),
    ];
    if !told.replaced.is_empty() {
        lines.insert(1, format!("instead of {}", told.replaced));
    }
    for (name, ids) in models(told) {
        let ids = if ids.is_empty() { "nobody says which id" } else { ids };
        lines.push(format!("answered   {name}: {ids}"));
    }
    lines.iter().map(|line| format!("{}\n", plain_line(line))).collect()
}

fn table(baselines: &[BaselineTold], now_ms: i64) -> Table {
    let mut table = Table::new(&["BASELINE", "SWEEP", "REPEATS", "AGE", "SET", "BY"]);
    for told in baselines {
        table.row(&[
            told.name.clone(),
            format!("{} {}, revision {}", told.sweep_name, SweepId(told.sweep), told.revision),
            told.repeats.to_string(),
            ago(told.created_ms, now_ms),
            ago(told.set_ms, now_ms),
            told.by.clone(),
        ]);
    }
    table
}

/// In the order of their names.
fn models(told: &BaselineTold) -> BTreeMap<&str, &str> {
    told.models.iter().map(|(name, ids)| (name.as_str(), ids.as_str())).collect()
}

fn told_json(told: &BaselineTold) -> Value {
    serde_json::json!({
        "name": told.name,
        "sweep": told.sweep,
        "revision": told.revision,
        "set_ms": told.set_ms,
        "by": told.by,
        "sweep_name": told.sweep_name,
        "created_ms": told.created_ms,
        "repeats": told.repeats,
        "state": told.state,
    })
}

/// The same of one that was just set: with what came of its sweep.
fn pinned_json(told: &BaselineTold) -> Value {
    let mut json = told_json(told);
    json["results"] = told.results.into();
    json["failures"] = told.failures.into();
    json["replaced"] = told.replaced.as_str().into();
    json["models"] = serde_json::json!(models(told));
    json
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told() -> BaselineTold {
        let models = [("subject", "sim-assistant"), ("grader", "")];
        BaselineTold {
            name: "assistant/monday".to_owned(),
            sweep: 3,
            sweep_name: "assistant\u{1b}[2J".to_owned(),
            repeats: 6,
            state: "done".to_owned(),
            results: 1200,
            failures: 2,
            models: models.map(|(name, ids)| (name.to_owned(), ids.to_owned())).into(),
            ..BaselineTold::default()
        }
    }

    #[test]
    fn what_is_pinned_is_told_and_harmless() {
        let expected = "\
baseline   assistant/monday: assistant\\u001b[2J s3, revision 0, done
repeats    6
handed in  2h00m ago
results    1,200
failures   2
answered   grader: nobody says which id
answered   subject: sim-assistant
";
        assert_eq!(pinned(&told(), 2 * 3600 * 1000), expected);
    }

    #[test]
    fn what_a_baseline_was_before_is_said() {
        let replaced = BaselineTold { replaced: "assistant s2, revision 1".to_owned(), ..told() };
        assert!(pinned(&replaced, 0).contains("\ninstead of assistant s2, revision 1\n"));
    }

    #[test]
    fn a_list_has_a_row_for_each() {
        let told = BaselineTold { set_ms: 3600 * 1000, by: "olga".to_owned(), ..told() };
        let shown = table(&[told], 2 * 3600 * 1000).shown(200);
        let row = shown.lines().nth(1).expect("a row");
        assert!(row.contains("2h00m ago") && row.contains("1h00m ago"), "{shown}");
        assert!(row.ends_with("olga"), "{shown}");
    }

    #[test]
    fn what_nobody_counted_for_a_list_is_not_in_it() {
        assert_eq!(told_json(&told()).get("results"), None);
        assert_eq!(pinned_json(&told())["results"], 1200);
    }
}
