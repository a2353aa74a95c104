//! Sets of executions of jobs, as compressed bitmaps: a restart reads millions of them.

use std::collections::BTreeMap;

use iago_sweep::JobId;
use roaring::RoaringTreemap;

use crate::events::Leased;

/// One execution of a job: the term of its lease, and its number in that term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Execution {
    pub(crate) job: JobId,
    pub(crate) term: u64,
    pub(crate) attempt: u32,
}

/// A set of executions. Terms and numbers are few, so that it costs about two bytes an execution.
#[derive(Clone, Debug, Default)]
pub(crate) struct Executions(BTreeMap<(u64, u32), RoaringTreemap>);

impl Execution {
    pub(crate) fn of(leased: &Leased) -> Self {
        let Leased { job, term, attempt, .. } = *leased;
        Self { job, term, attempt }
    }
}

impl Executions {
    /// Adds an execution; false if it was there.
    pub(crate) fn insert(&mut self, Execution { job, term, attempt }: Execution) -> bool {
        self.0.entry((term, attempt)).or_default().insert(job.number().unsigned_abs())
    }

    pub(crate) fn contains(&self, Execution { job, term, attempt }: Execution) -> bool {
        let jobs = self.0.get(&(term, attempt));
        jobs.is_some_and(|jobs| jobs.contains(job.number().unsigned_abs()))
    }
}
