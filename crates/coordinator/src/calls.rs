//! Calls: workers ask for them, are granted them, and tell how they ended.

use std::collections::BTreeMap;
use std::time::Duration;

use iago_ledger::{Action, Ended};
use iago_protocol::{Ask, Call, FromCoordinator};
use iago_scheduler::{Event, WorkerId};
use iago_store::{Nights, Store};
use iago_sweep::{Money, PoolId};
use tokio::time::Instant;
use tracing::info;

use crate::driver::Driver;

/// What a worker is told of its asks in one frame.
#[derive(Default)]
struct Answers {
    granted: Vec<u64>,
    refused: Vec<(u64, String)>,
    declined: Vec<u64>,
}

impl<S: Store + Nights> Driver<S> {
    /// A worker wants to call. A job that was handed out for pools that are not here any more goes back:
    /// today's settings say what it draws from.
    pub(crate) fn hear_asks(&mut self, worker: WorkerId, asks: Vec<Ask>) {
        let mut declined = Vec::new();
        for Ask { number, pools: names, need, certain, cost_most } in asks {
            let pools = self.pool_ids(&names);
            if pools.is_empty() || pools.len() < names.len() {
                declined.push(number);
                continue;
            }
            let cost_most = cost_most.filter(|most| *most >= Money::ZERO);
            let ask = iago_ledger::Ask { number, pools, need, certain, cost_most };
            self.metering.ask(worker, ask);
        }
        if !declined.is_empty() {
            self.answer(worker, Answers { declined, ..Answers::default() });
        }
    }

    /// Calls of a worker ended: limits are learnt from them.
    pub(crate) fn hear_calls(&mut self, worker: WorkerId, calls: Vec<Call>) {
        for call in calls {
            let ended = Ended {
                number: call.grant,
                pools: self.pool_ids(&call.pools),
                took: Duration::from_millis(call.took_ms.into()),
                how: call.how,
                usage: call.usage,
                cost: call.cost.filter(|cost| *cost >= Money::ZERO),
                told: call.told,
            };
            self.metering.end(worker, ended);
        }
    }

    /// Grants calls that may begin now, and does the rest of what the ledger decided. Nothing of it is
    /// a fact. Who may have been replaced grants nothing: whoever leads now counts anew.
    pub(crate) fn grant_calls(&mut self) {
        if !self.tenure.is_held(Instant::now()) {
            return self.metering.put_off();
        }
        let mut answers: BTreeMap<WorkerId, Answers> = BTreeMap::new();
        for action in self.metering.grant() {
            match action {
                Action::Grant(worker, number) => {
                    answers.entry(worker).or_default().granted.push(number);
                }
                Action::Refuse(worker, number, why) => {
                    answers.entry(worker).or_default().refused.push((number, why));
                }
                Action::Decline(worker, number) => {
                    answers.entry(worker).or_default().declined.push(number);
                }
                Action::Meter(pool, metered) => {
                    info!(pool = self.pool_name(pool), metered, "calls of a pool are asked for");
                    self.tell_again(pool);
                }
                Action::Concurrency(pool, calls) => self.learnt.push(Event::Usable(pool, calls)),
            }
        }
        for (worker, answers) in answers {
            self.answer(worker, answers);
        }
    }

    fn answer(&mut self, worker: WorkerId, Answers { granted, refused, declined }: Answers) {
        let sent_ms = u64::try_from(self.metering.now().as_millis()).unwrap_or(u64::MAX);
        let grants = FromCoordinator::Grants { granted, refused, declined, sent_ms };
        self.peers.send(worker, grants);
    }

    /// Divides anew what more or fewer calls at once may be used of.
    pub(crate) fn use_concurrency(&mut self, actions: &mut Vec<iago_scheduler::Action>) {
        for event in std::mem::take(&mut self.learnt) {
            self.scheduler.apply(event, actions);
        }
    }

    /// Those that are here: what is not has no limit here any more.
    fn pool_ids(&self, names: &[String]) -> Vec<PoolId> {
        names.iter().filter_map(|name| self.settings.pool_id(name)).collect()
    }

    fn pool_name(&self, pool: PoolId) -> &str {
        self.settings.pool(pool).map_or("?", |pool| &pool.name)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use iago_ledger::Limits;
    use iago_protocol::{Inventory, wire};
    use iago_store::MemoryStore;
    use iago_sweep::Need;
    use tokio::sync::{mpsc, watch};
    use tonic::Status;

    use super::*;
    use crate::Handle;
    use crate::inbox::{Line, Link};
    use crate::lead;
    use crate::settings::{PoolSettings, Settings};

    const POOL: &str = "lab";

    /// What is heard of a coordinator with one worker and one pool.
    struct World {
        _handle: Handle,
        driver: Driver<MemoryStore>,
        worker: WorkerId,
        frames: mpsc::Receiver<Result<wire::CoordinatorFrame, Status>>,
    }

    impl World {
        async fn new(limits: Limits) -> Self {
            let pool = PoolSettings { name: POOL.to_owned(), limits };
            let settings = Settings::alone(String::new(), vec![pool], Vec::new());
            let store = Arc::new(MemoryStore::default());
            let (handle, mut driver) = lead(store, settings).await.expect("nobody else leads");
            let (outbox, frames) = mpsc::channel(64);
            let line = Line { outbox, granted: watch::Sender::new(0) };
            let inventory = Inventory { boot: "b".to_owned(), ..Inventory::default() };
            driver.join(Link(1), inventory, line, &mut Vec::new());
            let worker = driver.peers.worker(Link(1)).expect("it has joined");
            Self { _handle: handle, driver, worker, frames }
        }

        /// Asks for so many calls that can cost so much at most.
        fn ask(&mut self, count: u64, cost_most: Option<Money>) {
            let need = Need::default();
            let pools = || vec![POOL.to_owned()];
            let ask = |number| Ask { number, pools: pools(), need, certain: 0, cost_most };
            self.driver.hear_asks(self.worker, (0..count).map(ask).collect());
            self.driver.grant_calls();
        }

        /// Calls granted since this was last asked.
        fn granted(&mut self) -> usize {
            let mut granted = 0;
            while let Ok(Ok(frame)) = self.frames.try_recv() {
                if let Some(wire::coordinator_frame::Frame::Grants(grants)) = frame.frame {
                    granted += grants.granted.len();
                }
            }
            granted
        }
    }

    #[tokio::test(start_paused = true)]
    async fn calls_begin_while_the_store_takes_its_time() {
        let limits = Limits { requests_per_minute: Some(60), ..Limits::default() };
        let mut world = World::new(limits).await;
        world.ask(100, None);
        let slow = |_| async {
            tokio::time::sleep(Duration::from_secs(30)).await;
            Ok(())
        };
        world.driver.insist(slow).await.expect("it answers");
        let granted = world.granted();
        assert!((28..=30).contains(&granted), "{granted} calls in half a minute of 60");
    }

    #[tokio::test(start_paused = true)]
    async fn calls_begin_while_a_store_that_fails_is_asked_again() {
        let limits = Limits { requests_per_minute: Some(600), ..Limits::default() };
        let mut world = World::new(limits).await;
        world.driver.settings.waits_for_store = true;
        world.ask(100, None);
        let began = Instant::now();
        let fails = |_| async move {
            let reason = String::new();
            let is_back = began.elapsed() > Duration::from_secs(5);
            if is_back { Ok(()) } else { Err(iago_store::StoreError::Unavailable { reason }) }
        };
        world.driver.insist(fails).await.expect("it comes back");
        let granted = world.granted();
        assert!((45..=60).contains(&granted), "{granted} calls in five seconds of ten a second");
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_call_can_cost_at_most_is_kept_free_of_the_dollars_of_a_day() {
        let limits = Limits { dollars_per_day: Some(Money(10)), ..Limits::default() };
        for (cost_most, granted) in [(Money(3), 3), (Money(6), 1), (Money(10), 1)] {
            let mut world = World::new(limits).await;
            world.ask(5, Some(cost_most));
            assert_eq!(world.granted(), granted, "{cost_most:?}");
        }
    }
}
