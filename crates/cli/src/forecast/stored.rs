//! What a store already knows of a sweep: the results of a pilot, or of what is done so far.

use std::path::Path;

use iago_coordinator::{Change, Part, Standing, standing};
use iago_store::Store;
use iago_store_sqlite::SqliteStore;
use iago_sweep::{Plan, SweepId};
use serde_json::Value;

use crate::exit::{Exit, Stop};
use crate::forecast::pilot::{Projection, Seen, project};
use crate::forecast::{json, shown};
use crate::output::talk;
use crate::plain::plain;
use crate::settings::endpoints::Settings;

/// What a store says of a plan.
pub(super) enum Found {
    /// No answer to it.
    Nothing,
    /// What the whole would take by its results, and what they are the results of, in words.
    Results(Projection, String),
    /// It is a pilot of which the store has more: what whoever runs it is told, in words.
    Part(String),
}

/// Looks into the store of a workspace, if there is one, for results of this plan; `whole` is what it is
/// a pilot of.
pub(super) async fn look(
    path: &Path,
    plan: &Plan,
    whole: Option<&Plan>,
    settings: &Settings,
) -> Result<Found, Stop> {
    // Whoever looks makes no store, and an empty file would become one.
    if !path.metadata().is_ok_and(|found| found.is_file() && found.len() > 0) {
        return Ok(Found::Nothing);
    }
    let store = match SqliteStore::open(path).await {
        Ok(store) => store,
        // A plan needs no store: that there is trouble with one is worth a word, and no more.
        Err(error) => {
            talk(&format!("no stored pilot was looked for: {error}"));
            return Ok(Found::Nothing);
        }
    };
    let found = search(&store, path, (plan, whole), settings).await;
    store.close().await?;
    found
}

async fn search(
    store: &SqliteStore,
    path: &Path,
    (plan, whole): (&Plan, Option<&Plan>),
    settings: &Settings,
) -> Result<Found, Stop> {
    // What a run asks: a part of what is stored is not asked again.
    let stands = standing(store, plan.clone(), whole).await;
    let (head, plan, change) =
        match stands.map_err(|error| Stop::new(Exit::Io, error.to_string()))? {
            Standing::New { .. } => return Ok(Found::Nothing),
            Standing::Known { head, plan, change } => (head, plan, change),
            Standing::Part(part) => return Ok(Found::Part(tell(&part))),
        };
    let what = match change {
        Some(Change::Extension(_)) => "what is stored of it",
        Some(Change::Analysis(_)) | None => "what was answered of it",
    };
    let projection = projected(store, head.id, &plan, settings).await?;
    let of = format!("{what} as {} in {}", head.id, path.display());
    Ok(projection.map_or(Found::Nothing, |projection| Found::Results(projection, of)))
}

/// What a run of a part comes to. Nobody is at work on it: a store that is open elsewhere is not looked
/// into.
fn tell(part: &Part) -> String {
    match part.settle(false, false) {
        Ok(settled) => {
            format!("nothing will be asked, since {} is {}", part.head.id, settled.note)
        }
        Err(why) => format!("a run is refused: {why}"),
    }
}

async fn projected<S: Store>(
    store: &S,
    sweep: SweepId,
    whole: &Plan,
    settings: &Settings,
) -> Result<Option<Projection>, Stop> {
    let results = store.results(sweep, None, usize::MAX >> 1).await?;
    let failures = store.failures(sweep).await?;
    Ok(project(&Seen { whole, results: &results, failures: &failures }, settings))
}

/// What a whole sweep would take by the pilot that ran just now.
pub(crate) struct Projected {
    /// For people.
    pub(crate) words: String,
    json: Value,
}

impl Projected {
    /// Projects from what the store has of a pilot; `None` where it has nothing.
    pub(crate) async fn by_pilot<S: Store>(
        store: &S,
        sweep: SweepId,
        whole: &Plan,
        settings: &Settings,
    ) -> Result<Option<Self>, Stop> {
        let of = "this pilot";
        let projection = projected(store, sweep, whole, settings).await?;
        Ok(projection.map(|seen| Self {
            words: shown::projection(&seen, of),
            json: json::projected(&seen, of),
        }))
    }

    /// The JSON of a report with this as its `pilot`, and all else as it was.
    pub(crate) fn within(&self, report: &str) -> String {
        let whole = report.trim_end();
        let Some(open) = whole.strip_suffix('}') else { return report.to_owned() };
        let pilot = plain(&format!("{:#}", self.json)).replace('\n', "\n  ");
        format!("{},\n  \"pilot\": {pilot}\n}}\n", open.trim_end())
    }
}
