//! Attempts under way, and what they share: means, pools, the right to start.

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use futures_util::FutureExt;
use iago_attempt::Opening;
use iago_protocol::{Assignment, Delivery, Held, Outcome, Slice};
use iago_sweep::FailureClass;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::asks::Asks;
use crate::bench::Bench;
use crate::clients::EndpointError;
use crate::counts::Counts;
use crate::job::{Attempted, Spent, attempt, deliver};
use crate::means::AllMeans;
use crate::pool::{Clock, Pool};
use crate::room::Room;
use crate::routes::Routes;
use crate::settings::{EndpointSettings, ProgramSettings};
use crate::tally::Tally;
use crate::work::Work;

/// Ended attempts that may wait to be taken. They are taken at once, so it need not be many, and
/// it adds to the worker's memory bound.
const ENDED_MAX: usize = 64;

/// Characters of what a pool waits for that people are shown: it may be a provider's words.
const WAITS_CHARS_MAX: usize = 200;

/// What a pool waits for that could go on, were it not for the spool.
const WAITS_FOR_ROOM: &str = "the coordinator, to take what was answered";

pub(crate) struct Attempts {
    means: AllMeans,
    pools: BTreeMap<String, Arc<Pool>>,
    routes: Routes,
    asks: Arc<Asks>,
    clock: Clock,
    /// What the pools were last said to have.
    slices: BTreeMap<String, Slice>,
    /// The number of the latest slice of each pool that was not answered.
    unanswered: BTreeMap<String, u64>,
    tally: Arc<Tally>,
    room: Room,
    drain: CancellationToken,
    tasks: TaskTracker,
    ended: mpsc::Sender<Attempted>,
    ends: mpsc::Receiver<Attempted>,
}

impl Attempts {
    pub(crate) fn new(
        endpoints: BTreeMap<String, EndpointSettings>,
        programs: BTreeMap<String, ProgramSettings>,
    ) -> Result<Self, EndpointError> {
        let (ended, ends) = mpsc::channel(ENDED_MAX);
        let (asks, clock) = (Arc::<Asks>::default(), Clock::start());
        Ok(Self {
            means: AllMeans::new(endpoints, programs)?,
            pools: BTreeMap::new(),
            routes: Routes::new(Arc::clone(&asks), clock),
            asks,
            clock,
            slices: BTreeMap::new(),
            unanswered: BTreeMap::new(),
            tally: Arc::default(),
            room: Room::new(),
            drain: CancellationToken::new(),
            tasks: TaskTracker::new(),
            ended,
            ends,
        })
    }

    /// Starts an attempt. Where this worker has no means for it, gives what that comes to.
    pub(crate) fn start(&mut self, work: Arc<Work>, assignment: Assignment) -> Option<Delivery> {
        let at = assignment.job.at();
        let home = work.plan.pool_of(at.stage, at.cell).unwrap_or_default();
        let route = self.routes.find(&home, &assignment.pools, &self.pools);
        let found = self.means.find(&home).zip(route);
        let Some((means, route)) = found else { return Some(given_back(&assignment)) };
        let counts = Arc::<Counts>::default();
        let bench = Bench {
            tally: Arc::clone(&self.tally),
            counts: Arc::clone(&counts),
            means,
            route,
            room: self.room.view(),
            drain: self.drain.clone(),
            work,
        };
        let ended = self.ended.clone();
        self.tasks.spawn(async move {
            let held = assignment.held();
            let attempted = survive(held, &counts, attempt(bench, assignment)).await;
            drop(ended.send(attempted).await);
        });
        None
    }

    /// The next attempt that ends. Nothing is lost where the wait is given up.
    pub(crate) async fn next_end(&mut self) -> Attempted {
        let next = self.ends.recv().await;
        next.expect("a sender is kept here for as long as there is a receiver")
    }

    /// One that has ended already.
    pub(crate) fn another_end(&mut self) -> Option<Attempted> {
        self.ends.try_recv().ok()
    }

    /// What may be used of a pool from now on.
    pub(crate) fn slice(&mut self, slice: &Slice) {
        self.slices.insert(slice.pool.clone(), slice.clone());
        self.unanswered.insert(slice.pool.clone(), slice.number);
        let slice = self.means.narrow(slice);
        match self.pools.get(&slice.pool) {
            Some(pool) => pool.change(&slice),
            None => {
                let pool = Arc::new(Pool::new(&slice, self.clock));
                self.pools.insert(slice.pool.clone(), pool);
            }
        }
        self.routes.share();
    }

    /// What calls want of the coordinator, and what they tell it.
    pub(crate) fn asks(&self) -> &Arc<Asks> {
        &self.asks
    }

    /// A slice that no more calls are under way than it allows, and its pool. It counts as answered.
    pub(crate) fn next_within(&mut self) -> Option<(String, u64)> {
        let is_within = |name: &String| self.pools.get(name).is_none_or(|pool| pool.over() == 0);
        let name = self.unanswered.keys().find(|name| is_within(name))?.clone();
        self.unanswered.remove_entry(&name)
    }

    /// What the pools were last said to have, for a new connection, in which all of them are told
    /// again.
    pub(crate) fn slices(&mut self) -> Vec<Slice> {
        self.unanswered.clear();
        let over = |name: &String| self.pools.get(name).map_or(0, |pool| pool.over());
        self.slices
            .iter()
            .map(|(name, slice)| Slice { over: over(name), ..slice.clone() })
            .collect()
    }

    /// Nothing may be used until a slice says so again. Calls under way end.
    pub(crate) fn end_slices(&self) {
        self.pools.values().for_each(|pool| pool.close());
    }

    /// From now on no call starts; those under way end. What waits for a slot, its pace or an
    /// endpoint that is out of reach would hold up the end for as long as that takes: it ends
    /// unfinished.
    pub(crate) fn drain(&self) {
        self.drain.cancel();
    }

    pub(crate) fn is_draining(&self) -> bool {
        self.drain.is_cancelled()
    }

    /// Undoes a drain for whatever starts from now on.
    pub(crate) fn resume(&mut self) {
        if self.is_draining() {
            self.drain = CancellationToken::new();
        }
    }

    /// Lets calls start, or not. True if that is a change.
    pub(crate) fn make_room(&self, open: bool) -> bool {
        self.room.open(open)
    }

    pub(crate) fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Pools that this worker has means for.
    pub(crate) fn pool_names(&self) -> Vec<String> {
        self.means.pool_names()
    }

    /// Pools that need a person, and why.
    pub(crate) fn blocks(&self) -> BTreeMap<String, String> {
        let blocked = self.pools.iter().filter_map(|(name, pool)| match pool.gate.opening() {
            Opening::Blocked(why) => Some((name.clone(), why)),
            Opening::Open | Opening::In(_) => None,
        });
        blocked.collect()
    }

    /// Pools that wait, and for what.
    pub(crate) fn waits(&self) -> BTreeMap<String, String> {
        let mut waits = self.routes.waits();
        for (name, pool) in &self.pools {
            let room = || (!self.room.is_open()).then(|| WAITS_FOR_ROOM.to_owned());
            let own = pool.gate.waits_for();
            if let Some(why) = own.or_else(|| waits.remove(name)).or_else(room) {
                waits.insert(name.clone(), why.chars().take(WAITS_CHARS_MAX).collect());
            }
        }
        waits
    }
}

impl Drop for Attempts {
    /// Nobody is left to take what calls would bring.
    fn drop(&mut self) {
        self.drain.cancel();
        self.means.stop();
        self.tasks.close();
    }
}

/// Runs an attempt. A bug must cost one job and not the worker, whose lease would be out for ever: a
/// job whose attempt panics is set aside, with the calls that were made.
async fn survive(
    held: Held,
    counts: &Counts,
    attempt: impl Future<Output = Attempted>,
) -> Attempted {
    let run = AssertUnwindSafe(attempt).catch_unwind();
    run.await.unwrap_or_else(|_said_by_its_hook| {
        let class = FailureClass::Quarantined;
        let message = "iago broke on this job; please report it with the log".to_owned();
        let outcome = Outcome::Failed { class, status: None, message };
        let delivery = deliver(&held, outcome, Spent::counted(counts));
        Attempted { delivery, blocked: None }
    })
}

/// An assignment that goes back untouched.
pub(crate) fn given_back(assignment: &Assignment) -> Delivery {
    deliver(&assignment.held(), Outcome::Released, Spent::default())
}

/// An assignment that can never be worked on here.
pub(crate) fn rejected(assignment: &Assignment, message: String) -> Delivery {
    let class = FailureClass::Rejected;
    let outcome = Outcome::Failed { class, status: None, message };
    deliver(&assignment.held(), outcome, Spent::default())
}

#[cfg(test)]
mod tests {
    use iago_protocol::Lease;
    use iago_sweep::{JobId, Money, SweepId};

    use super::*;
    use crate::counts::Paid;

    async fn break_after(calls: u32, told: u32) -> Delivery {
        let counts = Counts::default();
        let held = Held {
            lease: Lease { term: 1, sequence: 2 },
            sweep: SweepId(3),
            job: JobId::from_number(4).expect("it is not negative"),
            attempt: 5,
        };
        let breaking = async {
            (0..calls).for_each(|_| counts.call());
            (0..told).for_each(|_| counts.pay(Paid::Cost(Money(7))));
            panic!("a test of what a panic costs")
        };
        let Attempted { delivery, blocked: None } = survive(held.clone(), &counts, breaking).await
        else {
            panic!("the pool is fine")
        };
        assert_eq!(delivery.held(), held);
        let is_aside = |outcome: &Outcome| {
            matches!(outcome, Outcome::Failed { class: FailureClass::Quarantined, .. })
        };
        assert!(is_aside(&delivery.outcome), "{delivery:?}");
        delivery
    }

    #[tokio::test]
    async fn an_attempt_that_breaks_has_made_the_calls_that_it_has_made() {
        let delivery = break_after(0, 0).await;
        assert_eq!((delivery.calls, delivery.cost), (0, Some(Money::ZERO)));
        let delivery = break_after(2, 0).await;
        assert_eq!((delivery.calls, delivery.cost), (2, None));
        let delivery = break_after(3, 2).await;
        assert_eq!((delivery.calls, delivery.cost), (3, Some(Money(14))));
    }
}
