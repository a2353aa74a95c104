//! The pools that a job draws from, and how a call of it comes to begin.
//!
//! A call needs a slot in every pool of its route, a grant where one of them is metered, and the pace
//! of all of them. Whatever it waits for, it must not stand in the way of calls of other routes that
//! share a pool with it: gates are waited for without a slot, no slot is held while another one is
//! waited for (so nothing can wait in a circle), and of those that wait for grants only a part may
//! hold slots.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::select_all;
use iago_attempt::Opening;
use iago_protocol::Call;
use tokio::time::{sleep, timeout};

use crate::asks::{Asking, Asks, Draw, Grant, Unwanted};
use crate::backoff::share;
use crate::pool::{Clock, Pool, SharedGate};
use crate::slots::{Slot, Slots, Taker};

/// After a closed gate opens, calls start spread over this time and not all at once.
const SPREAD: Duration = Duration::from_millis(500);

/// How long a call that was granted is held up to smooth starts: it counts in the minute of its
/// grant, and must not slip into a later one.
const SMOOTHED_MAX: Duration = Duration::from_millis(250);

/// How long a call waits in a slot for its grant until it looks whether somebody else wants the slot.
const WAITED_IN_SLOT: Duration = Duration::from_secs(1);

/// Pools that are drawn from together.
#[derive(Debug)]
pub(crate) struct Route {
    number: Taker,
    names: Arc<[String]>,
    /// The endpoint's first.
    pools: Vec<Arc<Pool>>,
    /// Closed while the endpoint wants fewer calls of this route: another one may draw on other
    /// limits.
    pub(crate) gate: SharedGate,
    /// Those that have or want slots and have not begun.
    turns: Arc<Slots>,
    asks: Arc<Asks>,
    clock: Clock,
}

/// The right to make one call, from when it was given.
#[derive(Debug)]
pub(crate) struct Permit {
    pub(crate) started: Duration,
    grant: Option<Grant>,
    _slots: Vec<Slot>,
}

/// No call can begin.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Shut {
    /// Until a person acts. With the reason.
    Blocked(String),
    /// Ever, since it does not fit. With the reason.
    Refused(String),
    /// Here and now: its coordinator wants it back.
    Declined,
}

impl From<Unwanted> for Shut {
    fn from(unwanted: Unwanted) -> Self {
        match unwanted {
            Unwanted::Refused(why) => Self::Refused(why),
            Unwanted::Declined => Self::Declined,
        }
    }
}

impl Permit {
    /// The call begins. Gives the number of its grant, if it needed one.
    pub(crate) fn begin(&mut self) -> Option<u64> {
        self.grant.take().and_then(Grant::spend)
    }
}

impl Route {
    /// `pools` are in the order of the route, the endpoint's first.
    pub(crate) fn new(
        number: Taker,
        pools: Vec<(String, Arc<Pool>)>,
        asks: Arc<Asks>,
        clock: Clock,
    ) -> Self {
        let (names, pools): (Vec<_>, Vec<_>) = pools.into_iter().unzip();
        let (names, gate, turns) = (names.into(), SharedGate::new(clock), Slots::new(1));
        Self { number, names, pools, gate, turns, asks, clock }
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// The endpoint's own pool.
    pub(crate) fn home(&self) -> &Pool {
        &self.pools[0]
    }

    /// How many of its slots may be waited in, as things are now.
    pub(crate) fn share(&self) {
        let shares = self.pools.iter().map(|pool| pool.slots.share_of(self.number));
        self.turns.resize(shares.min().unwrap_or(0).max(1));
    }

    /// Waits until a call may begin. `key` spreads those that a closed gate held back.
    pub(crate) async fn enter(&self, key: u64, draw: Draw) -> Result<Permit, Shut> {
        loop {
            self.pass_gates(key).await?;
            self.share();
            let _turn = self.turns.take(self.number).await;
            if let Some(permit) = self.enter_in_turn(draw).await? {
                return Ok(permit);
            }
        }
    }

    /// Waits for slots and a grant; `None` where a gate closed, or where slots went as the grant came.
    /// Slots go round while others want them, and what was asked for keeps its age.
    async fn enter_in_turn(&self, draw: Draw) -> Result<Option<Permit>, Shut> {
        let mut asking = None;
        loop {
            let slots = self.wait_for_slots(&mut asking).await;
            if !self.is_open() {
                return Ok(None);
            }
            let grant = tokio::select! {
                granted = self.be_granted(&mut asking, draw) => granted?,
                // Somebody else may be waiting to be given them.
                () = taken_away(&slots) => continue,
                () = self.stand_in_the_way(&slots) => continue,
            };
            // Where slots were taken away or a gate closed meanwhile: whoever kept what it had would
            // start with all the others that did, far above the limit.
            let stays = slots.iter().all(|slot| !slot.is_owed()) && self.is_open();
            let started = self.clock.now();
            return Ok(stays.then_some(Permit { started, grant, _slots: slots }));
        }
    }

    /// A call of it ended.
    pub(crate) fn report(&self, call: Call) {
        self.asks.report(call);
    }

    /// A grant that comes without slots is of no use by the time that there are some: it goes back.
    async fn wait_for_slots(&self, asking: &mut Option<Asking>) -> Vec<Slot> {
        let mut slots = pin!(self.take_slots());
        if let Some(asked) = asking {
            tokio::select! {
                biased;
                slots = &mut slots => return slots,
                granted = asked.granted() => if granted.is_ok() { *asking = None },
            }
        }
        slots.await
    }

    /// One slot in each pool. Where one is not to be had, the others are given back, and that one is
    /// waited for first.
    async fn take_slots(&self) -> Vec<Slot> {
        let mut first = 0;
        loop {
            let waited = self.pools[first].slots.take(self.number).await;
            match self.take_others(first) {
                Ok(mut others) => {
                    others.push(waited);
                    return others;
                }
                Err(used_up) => first = used_up,
            }
        }
    }

    fn take_others(&self, but: usize) -> Result<Vec<Slot>, usize> {
        let others = self.pools.iter().enumerate().filter(|(nth, _)| *nth != but);
        others.map(|(nth, pool)| pool.slots.try_take(self.number).ok_or(nth)).collect()
    }

    async fn be_granted(
        &self,
        asking: &mut Option<Asking>,
        draw: Draw,
    ) -> Result<Option<Grant>, Shut> {
        if !self.pools.iter().any(|pool| pool.is_metered()) {
            self.keep_pace().await;
            return Ok(None);
        }
        let asking = asking.get_or_insert_with(|| self.asks.ask(Arc::clone(&self.names), draw));
        loop {
            asking.granted().await?;
            let _late = timeout(SMOOTHED_MAX, self.keep_pace()).await;
            if let Some(grant) = asking.take() {
                return Ok(Some(grant));
            }
        }
    }

    async fn keep_pace(&self) {
        for pool in &self.pools {
            pool.waiter().ready().await;
        }
    }

    /// Waits until what waits here should not: a gate closed, or another route wants the slots.
    async fn stand_in_the_way(&self, slots: &[Slot]) {
        loop {
            sleep(WAITED_IN_SLOT).await;
            self.share();
            if !self.is_open() || slots.iter().any(|slot| slot.is_wanted_by_another(self.number)) {
                return;
            }
        }
    }

    async fn pass_gates(&self, key: u64) -> Result<(), Shut> {
        for nth in 0.. {
            match self.opening() {
                Opening::Open => break,
                Opening::Blocked(why) => return Err(Shut::Blocked(why)),
                Opening::In(rest) => sleep(rest + SPREAD.mul_f64(share(key, nth))).await,
            }
        }
        Ok(())
    }

    fn is_open(&self) -> bool {
        self.opening() == Opening::Open
    }

    /// Of all gates together.
    fn opening(&self) -> Opening {
        let gates = self.pools.iter().map(|pool| &pool.gate).chain([&self.gate]);
        gates.map(SharedGate::opening).fold(Opening::Open, |all, one| match (all, one) {
            (blocked @ Opening::Blocked(_), _) | (_, blocked @ Opening::Blocked(_)) => blocked,
            (Opening::In(some), Opening::In(others)) => Opening::In(some.max(others)),
            (Opening::Open, other) | (other, Opening::Open) => other,
        })
    }
}

async fn taken_away(slots: &[Slot]) {
    select_all(slots.iter().map(|slot| Box::pin(slot.taken_away()))).await;
}

#[cfg(test)]
mod tests;
