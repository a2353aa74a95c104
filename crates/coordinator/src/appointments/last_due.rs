//! Which due times were decided on: what a store's runs say, and not only the standing beside them, which is
//! written when people change a schedule and not whenever it is due.

use std::sync::Arc;

use iago_nightly::{Origin, Standing};
use iago_store::{Nights, Store, StoredRun};
use jiff::Timestamp;

use super::rows;
use crate::driver::{Driver, Halt};

/// How many runs are looked at at once. Mostly the first one is of the timetable.
const PAGE: usize = 20;

impl<S: Store + Nights> Driver<S> {
    /// The schedule, with the latest due time of its timetable that is on record.
    pub(super) async fn recall_last_due(
        &mut self,
        mut standing: Standing,
    ) -> Result<Standing, Halt> {
        let mut before_s = None;
        loop {
            let page = self.page_of_runs(&standing, before_s).await?;
            let found = page.iter().find_map(due_by_timetable);
            standing.last_due = standing.last_due.max(found);
            before_s = page.last().map(|stored| stored.row.key.due_s);
            // What was due before this version came is of no matter.
            let is_before = |due_s| due_s <= standing.since.as_second();
            if found.is_some() || page.len() < PAGE || before_s.is_some_and(is_before) {
                return Ok(standing);
            }
        }
    }

    async fn page_of_runs(
        &mut self,
        standing: &Standing,
        before_s: Option<i64>,
    ) -> Result<Vec<StoredRun>, Halt> {
        let name = &standing.schedule.name;
        let ask = |store: Arc<S>| {
            let name = name.clone();
            async move { store.runs(name.as_str(), before_s, PAGE).await }
        };
        self.insist(ask).await
    }
}

fn due_by_timetable(stored: &StoredRun) -> Option<Timestamp> {
    let run = rows::read_run(&stored.row.run)?;
    (run.origin == Origin::Timetable).then_some(run.key.due)
}
