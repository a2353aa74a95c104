//! Start-up and recovery: from what the store has to what the scheduler must know.

use std::collections::{BTreeMap, BTreeSet};

use iago_grading::{Opening, Said};
use iago_scheduler::{Known, RouteId};
use iago_store::{Recovered, Store, StoreError};
use iago_sweep::SweepId;

use crate::opening::{complete, opened_by_label};
use crate::readings::{StagePages, reread_stages};
use crate::reread::Reader;

/// Results in one page of the recovery stream.
const PAGE: usize = 10_000;

/// A stored sweep, as it is to be gone on with.
pub(crate) struct Loading<'a, S> {
    pub(crate) store: &'a S,
    pub(crate) sweep: SweepId,
    pub(crate) revision: u32,
    pub(crate) reader: Reader<'a>,
    /// The routes of its jobs, by name.
    pub(crate) routes: &'a BTreeMap<String, RouteId>,
    /// The retry round that counts.
    pub(crate) round: u32,
}

impl<S: Store> Loading<'_, S> {
    /// Reads a sweep's facts.
    pub(crate) async fn load(&self, mut known: Known) -> Result<Known, StoreError> {
        for stage in self.load_results(&mut known).await? {
            self.load_openings(&mut known, stage).await?;
        }
        self.load_failures(&mut known).await?;
        for attempt in self.store.attempts(self.sweep).await? {
            known.spent(&attempt);
        }
        self.load_frontiers(&mut known).await?;
        Ok(known)
    }

    /// Reads all results, with what they open as far as their narrow rows can tell. Gives the stages
    /// of which more must be known for that.
    async fn load_results(&self, known: &mut Known) -> Result<BTreeSet<u32>, StoreError> {
        let plan = self.reader.plan;
        let stages = 0..u32::try_from(plan.stages.len()).unwrap_or(u32::MAX);
        let by_label: Vec<u64> = stages.map(|stage| opened_by_label(plan, stage)).collect();
        let mut unclear: BTreeSet<u32> = reread_stages(plan).into_iter().collect();
        let rereads = unclear.clone();
        let mut after = None;
        loop {
            let page = self.store.recover(self.sweep, after, PAGE).await?;
            for fact in &page {
                let stage = fact.job.at().stage;
                let reads_label = by_label.get(stage as usize).copied().unwrap_or(0);
                if reads_label & !fact.decided != 0 {
                    unclear.insert(stage);
                }
                // What was opened by what a text was first read as does not count any more.
                let opens = if rereads.contains(&stage) { 0 } else { self.opens(fact) };
                known.answered(fact.job, opens, fact.cost);
                known.answered_by(fact.job, fact.term, fact.attempt);
            }
            after = page.last().map(|fact| fact.job.number());
            if page.len() < PAGE {
                return Ok(unclear);
            }
        }
    }

    /// What a narrow row opens; without its label.
    fn opens(&self, fact: &Recovered) -> u64 {
        let Recovered { job, finish, parse, opens, decided, .. } = *fact;
        let said = Said { finish, parse, label: None };
        complete(self.reader, job.at(), Opening { opens, decided }, &said)
    }

    /// Reads what the results of a stage open from all that is stored of them.
    async fn load_openings(&self, known: &mut Known, stage: u32) -> Result<(), StoreError> {
        let mut pages = StagePages::new(self.reader.plan, stage);
        while let Some(page) = pages.next(self.store, self.sweep).await? {
            for (fact, reading) in page {
                let (stored, parse, label) = match &reading {
                    Some(of) => ((of.opens, of.decided), of.parse, of.label.as_ref()),
                    None => ((fact.opens, fact.decided), fact.parse, fact.label.as_ref()),
                };
                let stored = Opening { opens: stored.0, decided: stored.1 };
                let said = Said { finish: fact.finish, parse, label };
                let opens = complete(self.reader, fact.job.at(), stored, &said);
                known.answered(fact.job, opens, None);
            }
        }
        Ok(())
    }

    /// How far jobs may be out. An earlier revision, and a route that has other pools by now, walked in
    /// another order, so that what it handed out may stand anywhere in this one's. Where some of a
    /// route's jobs have other pools by now, they have a route without a frontier.
    async fn load_frontiers(&self, known: &mut Known) -> Result<(), StoreError> {
        for frontier in self.store.frontiers(self.sweep).await? {
            match self.routes.get(&frontier.pool) {
                Some(route) if frontier.revision == self.revision => {
                    known.frontier(*route, frontier.position);
                }
                Some(_) | None => known.everything_may_be_out(),
            }
        }
        if known.lacks_frontiers() {
            known.everything_may_be_out();
        }
        Ok(())
    }

    async fn load_failures(&self, known: &mut Known) -> Result<(), StoreError> {
        known.round(self.round);
        for failure in self.store.failures(self.sweep).await? {
            known.failed(&failure);
        }
        Ok(())
    }
}
