//! What a store already knows of a sweep: the results of a pilot, or of what is done so far.

use std::path::Path;

use iago_coordinator::{Change, Standing, standing};
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

/// Looks into the store of a workspace, if there is one, for results of this plan; with what they are
/// the results of, in words.
pub(super) async fn look(
    path: &Path,
    plan: &Plan,
    settings: &Settings,
) -> Result<Option<(Projection, String)>, Stop> {
    // Whoever looks makes no store, and an empty file would become one.
    if !path.metadata().is_ok_and(|found| found.is_file() && found.len() > 0) {
        return Ok(None);
    }
    let store = match SqliteStore::open(path).await {
        Ok(store) => store,
        // A plan needs no store: that there is trouble with one is worth a word, and no more.
        Err(error) => {
            talk(&format!("no stored pilot was looked for: {error}"));
            return Ok(None);
        }
    };
    let found = search(&store, path, plan, settings).await;
    store.close().await?;
    found
}

async fn search(
    store: &SqliteStore,
    path: &Path,
    plan: &Plan,
    settings: &Settings,
) -> Result<Option<(Projection, String)>, Stop> {
    let stands = standing(store, plan.clone()).await;
    let stands = stands.map_err(|error| Stop::new(Exit::Io, error.to_string()))?;
    let Standing::Known { head, plan, change } = stands else { return Ok(None) };
    let what = match change {
        Some(Change::Extension(_)) => "what is stored of it",
        Some(Change::Analysis(_)) | None => "what was answered of it",
    };
    let projection = projected(store, head.id, &plan, settings).await?;
    let of = format!("{what} as {} in {}", head.id, path.display());
    Ok(projection.map(|projection| (projection, of)))
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
