//! What a store already knows of a sweep: the results of a pilot, or of what is done so far.

use std::path::Path;

use iago_coordinator::{Change, Part, Standing, standing};
use iago_report::Material;
use iago_store::Store;
use iago_store_sqlite::SqliteStore;
use iago_sweep::{FailureFact, Plan, ResultFact, SweepId, Tier};
use serde_json::Value;

use crate::exit::{Exit, Stop};
use crate::forecast::past::{Past, past, share_failed};
use crate::forecast::pilot::{Projection, Seen, project};
use crate::forecast::{json, shown};
use crate::output::talk;
use crate::plain::plain;
use crate::settings::endpoints::Settings;

/// What a store says of a plan.
pub(super) enum Found {
    /// No answer to it.
    Nothing,
    /// What is known by its results.
    Results(Box<Known>),
    /// It is a pilot of which the store has more: what whoever runs it is told, in words.
    Part(String),
}

/// What is known of a plan by stored results of it.
pub(super) struct Known {
    /// What the whole would take.
    pub(super) projection: Projection,
    /// What its values are like, where gates ask for it.
    pub(super) past: Past,
    /// What these are the results of, in words.
    pub(super) of: String,
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
    let stands = standing(store, plan.clone(), whole, None).await;
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
    let facts = Facts::read(store, head.id).await?;
    let Some(projection) = facts.projected(&plan, settings) else { return Ok(Found::Nothing) };
    let of = format!("{what} as {} in {}", head.id, path.display());
    Ok(Found::Results(Box::new(Known { projection, past: facts.past(&plan)?, of })))
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

/// What ended of a sweep.
struct Facts {
    results: Vec<ResultFact>,
    failures: Vec<FailureFact>,
}

impl Facts {
    async fn read<S: Store>(store: &S, sweep: SweepId) -> Result<Self, Stop> {
        let results = store.results(sweep, None, usize::MAX >> 1).await?;
        Ok(Self { results, failures: store.failures(sweep).await? })
    }

    fn projected(&self, whole: &Plan, settings: &Settings) -> Option<Projection> {
        project(&Seen { whole, results: &self.results, failures: &self.failures }, settings)
    }

    /// What the values of a plan's measures are like, if one of its gates is critical.
    fn past(&self, plan: &Plan) -> Result<Past, Stop> {
        if !plan.gates.iter().any(|gate| gate.tier == Tier::Critical) {
            return Ok(Past::new());
        }
        let bad = |error: iago_report::ReportError| Stop::new(Exit::BadSweep, error.to_string());
        let mut material = Material::new(plan.clone()).map_err(bad)?;
        self.results.iter().for_each(|result| material.result(result));
        self.failures.iter().for_each(|failure| material.failure(failure));
        Ok(past(&material, plan, share_failed(&self.results, &self.failures)))
    }
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
        let projection = Facts::read(store, sweep).await?.projected(whole, settings);
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
