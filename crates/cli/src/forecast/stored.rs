//! What a store already knows of a sweep: the results of a pilot, or of what is done so far.

use std::path::Path;

use iago_coordinator::{Change, Standing, standing};
use iago_store::Store;
use iago_store_sqlite::SqliteStore;
use iago_sweep::{Plan, SweepId};

use crate::exit::{Exit, Stop};
use crate::forecast::pilot::{Projection, Seen, project};
use crate::forecast::shown;
use crate::output::talk;
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

/// In words what a whole sweep would take by the pilot that ran just now; nothing where it saw none.
pub(crate) async fn project_whole<S: Store>(
    store: &S,
    sweep: SweepId,
    whole: &Plan,
    settings: &Settings,
) -> Result<String, Stop> {
    let projection = projected(store, sweep, whole, settings).await?;
    Ok(projection.map_or_else(String::new, |seen| shown::projection(&seen, "this pilot")))
}
