//! A worker process, as far as a coordinator can notice it.

use std::collections::BTreeMap;

use iago_scheduler::{End, Leased, PoolId, Settled, Shape, Share};
use iago_sweep::{FailureClass, JobId};

use crate::chance::Ending;
use crate::fleet::PRICE;
use crate::world::{answer, pools_of, rejection};

/// Calls of one execution.
pub(crate) const CALLS: u32 = 3;

/// A worker process.
#[derive(Default)]
pub(crate) struct Process {
    pub(crate) connected: bool,
    pub(crate) leaving: bool,
    pub(crate) holds: BTreeMap<(u64, u64), Leased>,
    pub(crate) unacknowledged: BTreeMap<u64, Settled>,
    /// What it was last told that it may use, by whichever coordinator.
    pub(crate) shares: BTreeMap<PoolId, Share>,
    sequence: u64,
}

impl Process {
    /// Everything that it says to hold when it connects.
    pub(crate) fn inventory(&self) -> Vec<Leased> {
        let delivered = self.unacknowledged.values().map(|settled| settled.leased.clone());
        self.holds.values().cloned().chain(delivered).collect()
    }

    /// Which of what it holds it can end: it begins nothing without a share, or once it leaves.
    pub(crate) fn next_to_end(&self, shape: &Shape) -> Option<(usize, Ending)> {
        if self.leaving {
            return (!self.holds.is_empty()).then_some((0, Ending::Released));
        }
        let may_call = |job: JobId| {
            let at = job.at();
            let route = shape.stages[at.stage as usize].routes[at.cell as usize];
            let may_use = |pool| self.shares.get(&pool).is_some_and(|share| share.window() > 0);
            pools_of(route).into_iter().all(may_use)
        };
        let pick = self.holds.values().position(|leased| may_call(leased.job))?;
        Some((pick, Ending::Answered))
    }

    /// One of the things that it holds ends, and is to be delivered.
    pub(crate) fn end(&mut self, pick: usize, ending: Ending) -> Option<Settled> {
        let key = *self.holds.keys().nth(pick % self.holds.len().max(1))?;
        let leased = self.holds.remove(&key)?;
        self.sequence += 1;
        let settled = settled(self.sequence, leased, ending);
        self.unacknowledged.insert(self.sequence, settled.clone());
        Some(settled)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.holds.is_empty() && self.unacknowledged.is_empty()
    }
}

fn settled(sequence: u64, leased: Leased, ending: Ending) -> Settled {
    let Leased { term, job, attempt, .. } = leased;
    let (cost, end) = match ending {
        Ending::Answered => {
            let opens = u64::from(job.at().stage == 0 && job.at().prompt.is_multiple_of(2)) * 2;
            let End::Answered(mut fact, text) = answer(job, opens) else { unreachable!() };
            (fact.term, fact.attempt, fact.cost) = (term, attempt, Some(PRICE));
            fact.calls = CALLS;
            (Some(PRICE), End::Answered(fact, text))
        }
        Ending::Failed => {
            let End::Failed(mut fact) = rejection(job) else { unreachable!() };
            (fact.term, fact.attempt, fact.class) = (term, attempt, FailureClass::Exhausted);
            fact.calls = CALLS;
            (None, End::Failed(fact))
        }
        Ending::Released => (Some(PRICE), End::Released),
    };
    Settled { sequence, leased, calls: CALLS, cost, broken: 0, end }
}
