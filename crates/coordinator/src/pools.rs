//! How pools go, for people who wait.

use iago_ledger::{PoolState, QuantityState, Source};
use iago_protocol::Heartbeat;
use iago_protocol::wire::{LimitProgress, PoolProgress};
use iago_scheduler::PoolId;
use iago_store::{Nights, Store};
use iago_sweep::LOCAL_POOL;

use crate::driver::Driver;
use crate::submit::Loaded;

impl<S: Store + Nights> Driver<S> {
    /// The pools that any sweep draws from, by number. To look at one is not for nothing.
    pub(crate) fn pools(&self, counted: &Heartbeat) -> Vec<PoolProgress> {
        let is_drawn = |name| self.sweeps.values().any(|loaded| loaded.draws_from(name));
        let drawn = self.scheduler.out().zip(0..).filter(|((name, ..), _)| is_drawn(name));
        let pools = drawn.map(|((name, out, blocked), number)| {
            let state = self.metering.state(PoolId(number));
            let known = blocked.or(state.waits_for.as_deref());
            let waits_for = known.or(counted.waits.get(name).map(String::as_str));
            let usable = self.metering.usable(PoolId(number));
            PoolProgress {
                name: name.to_owned(),
                in_flight: u64::from(out),
                waits_for: waits_for.map_or_else(
                    || self.usual_wait(name, out >= usable, &state),
                    ToOwned::to_owned,
                ),
                metered: state.metered,
                limits: limits(&state),
                concurrency: usable,
                waiting: state.waiting as u64,
                full: out >= usable,
            }
        });
        pools.collect()
    }

    /// What a pool waits for when nothing is wrong with it: a worker that has its program, and once it
    /// is full its limit.
    fn usual_wait(&self, name: &str, full: bool, state: &PoolState) -> String {
        if let Some(program) = program_of(name).filter(|_| !self.scheduler.is_served(name)) {
            return format!("a worker, since no worker runs program `{program}`");
        }
        let requests = state.minute.iter().find(|of| of.quantity == REQUESTS);
        requests.filter(|_| full).and_then(wait_of_full).unwrap_or_default()
    }
}

/// What a pool waits for besides answers that has as many jobs out as it may: its limit where that is
/// nearly used up.
fn wait_of_full(requests: &QuantityState) -> Option<String> {
    let (limit, _) = requests.limit?;
    let is_nearly_used_up = requests.used >= limit - limit / NEARLY;
    is_nearly_used_up.then(|| format!("its limit of {limit} calls a minute"))
}

/// A limit is nearly used up where less than this part of it is left.
const NEARLY: u64 = 10;

/// The quantity that is called so in a [`PoolState`].
const REQUESTS: &str = "requests";
/// Money, of which no state speaks as a quantity.
const PICODOLLARS: &str = "picodollars";

impl Loaded {
    /// Those of these pools that its jobs draw from.
    pub(crate) fn its_pools(&self, pools: &[PoolProgress]) -> Vec<PoolProgress> {
        pools.iter().filter(|pool| self.draws_from(&pool.name)).cloned().collect()
    }
}

fn limits(state: &PoolState) -> Vec<LimitProgress> {
    let minute = state.minute.iter().map(|QuantityState { quantity, limit, used }| {
        limit_progress(quantity, false, *limit, *used)
    });
    let calls = state
        .calls_per_day
        .map(|limit| limit_progress(REQUESTS, true, Some(limit), state.calls_of_day));
    let picodollars = |of: iago_sweep::Money| u64::try_from(of.0).unwrap_or(0);
    let money = state.dollars_per_day.map(|limit| {
        let limit = Some((picodollars(limit), Source::Configured));
        limit_progress(PICODOLLARS, true, limit, picodollars(state.cost_of_day))
    });
    minute.chain(calls).chain(money).collect()
}

fn limit_progress(
    quantity: &str,
    per_day: bool,
    limit: Option<(u64, Source)>,
    used: u64,
) -> LimitProgress {
    LimitProgress {
        quantity: quantity.to_owned(),
        per_day,
        limit: limit.map(|(limit, _)| limit),
        source: limit.map_or("", |(_, source)| source.word()).to_owned(),
        used,
    }
}

/// The program that a pool is of, if it is one's.
pub(crate) fn program_of(pool: &str) -> Option<&str> {
    pool.strip_prefix(LOCAL_POOL).and_then(|rest| rest.strip_prefix('.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_is_far_from_used_up_is_not_what_is_waited_for() {
        let of = |limit, used| {
            let limit = Some((limit, Source::Configured));
            wait_of_full(&QuantityState { quantity: REQUESTS, limit, used })
        };
        assert_eq!(of(2_400, 900), None);
        assert_eq!(of(2_400, 2_390).as_deref(), Some("its limit of 2400 calls a minute"));
        assert_eq!(of(6, 6).as_deref(), Some("its limit of 6 calls a minute"));
    }
}
