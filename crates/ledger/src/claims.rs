//! What older asks keep from younger ones.
//!
//! A pool that refuses an ask is kept for it until it might not, so that a large call is not starved by small ones. The
//! other pools of its route are kept as well, or a route of two busy pools would starve: whenever one opens, the other
//! has just been used. There, a younger ask may still go if the older one would not wait longer for it, which costs the
//! pool next to nothing; and nothing is kept for an ask that waits for long, so that a blocked pool slows no other.

use std::collections::BTreeMap;
use std::time::Duration;

use iago_sweep::PoolId;

use crate::asks::Draw;
use crate::ledger::index;
use crate::pool::Pool;

/// A wait that is always short enough to keep the other pools of a route, and the longest. Between them counts how long
/// the flow of its pools takes for such a call: it waits no longer for a flow that is just in use.
const SHORT: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(30);

/// A pool is kept for so many asks at once: each younger one is held against all of them.
const KEPT: usize = 8;

/// The claims of the asks that were looked at.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    pools: BTreeMap<PoolId, Claim>,
    /// When a pool refuses one no more, or its wait becomes short: what is kept, and from whom, may change then.
    turns: Option<Duration>,
}

#[derive(Debug, Default)]
struct Claim {
    /// It refuses an older ask until then.
    refuses_until: Option<Duration>,
    /// It is kept for older asks.
    kept: Vec<Kept>,
}

/// What an older ask will draw, and when.
#[derive(Clone, Copy, Debug)]
struct Kept {
    at: Duration,
    draw: Draw,
}

impl Claims {
    /// Whether a call of these pools fits in all of them, and none is claimed by an older one: `None` if so. Otherwise
    /// they are claimed for it, and the first moment at which it might fit is returned.
    pub(crate) fn claim(
        &mut self,
        now: Duration,
        route: &[PoolId],
        draw: Draw,
        pools: &mut [Pool],
    ) -> Option<Duration> {
        let mut own = None;
        let mut others = false;
        let mut claimed = None;
        let mut short = SHORT;
        for id in route {
            let pool = &mut pools[index(*id)];
            let claim = self.pools.entry(*id).or_default();
            let refused = pool.opens_at(now, draw);
            others |= claim.refuses_until > refused;
            claimed = claimed.max(claim.refuses_until);
            claim.refuses_until = claim.refuses_until.max(refused);
            own = own.max(refused);
            self.turns = self.turns.into_iter().chain(refused.filter(|_| route.len() > 1)).min();
            short = short.max(pool.takes(draw));
        }
        let start = own.unwrap_or(now);
        let kept = route.iter().filter_map(|id| self.kept_until(*id, start, draw, pools)).max();
        // Who waits for an older ask is no reason yet to keep anything.
        let short = short.min(LONGEST);
        // What keeps only the pool that refuses it keeps it however long.
        let soon = own.filter(|at| route.len() == 1 || at.saturating_sub(now) <= short);
        if let Some(at) = own.filter(|_| soon.is_none()) {
            self.turns = self.turns.into_iter().chain([at.saturating_sub(short)]).min();
        }
        if let Some(at) = soon.filter(|_| !others && kept.is_none()) {
            route.iter().for_each(|id| self.keep(*id, Kept { at, draw }));
        }
        own.max(claimed).max(kept)
    }

    /// When something else may be kept than now, though nothing happens.
    pub(crate) fn turns(&self) -> Option<Duration> {
        self.turns
    }

    /// The pools that were looked at.
    pub(crate) fn pools(&self) -> impl Iterator<Item = PoolId> {
        self.pools.keys().copied()
    }

    /// Until when a pool is kept from a call that could start at `start`; `None` if nobody older waits longer for it.
    fn kept_until(
        &self,
        id: PoolId,
        start: Duration,
        draw: Draw,
        pools: &[Pool],
    ) -> Option<Duration> {
        let pool = &pools[index(id)];
        let kept = self.pools.get(&id)?.kept.iter();
        kept.filter(|of| pool.opens_after(start, draw, of.draw) > of.at).map(|of| of.at).max()
    }

    fn keep(&mut self, id: PoolId, kept: Kept) {
        let claim = self.pools.entry(id).or_default();
        if claim.kept.len() < KEPT {
            claim.kept.push(kept);
        }
    }
}
