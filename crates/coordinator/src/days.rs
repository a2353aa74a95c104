//! Limits by the day: what was called is noted, so that a restart begins no new day.
//!
//! Every few seconds, and when it stops in order, a leader notes what was called in pools that are
//! limited by the day. With the first call of a pool it notes it at once, and when it stops in order it
//! notes nothing more than that: a row without calls. Where that row is missing the leader was killed,
//! and what it may have called since its last note is counted at full use of what is known. Whoever
//! leads next notes that as well, before anything is granted: leaders that are killed one after the
//! other add up.

use std::collections::BTreeMap;

use iago_ledger::UsedBefore;
use iago_store::{Nights, Store, StoreError};
use iago_sweep::{Money, PoolId, PoolUse};
use tokio::time::{Duration, Instant, timeout};
use tracing::warn;

use crate::driver::{Driver, Halt};
use crate::settings::{PoolSettings, Settings};

/// How often what was called is noted.
const NOTE_EVERY: Duration = Duration::from_secs(10);
/// How long whoever stops waits for its last note.
const CLOSE_MAX: Duration = Duration::from_secs(2);
/// What a limit by the day looks back on.
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// What was called and is not noted yet.
#[derive(Debug, Default)]
pub(crate) struct Days {
    unnoted: BTreeMap<PoolId, (u64, Money)>,
    /// When each pool that was called was last noted.
    noted: BTreeMap<PoolId, Instant>,
}

/// What was used of pools within a day before now, by whoever led before. What a leader that was killed
/// may have used since its last note is in it, and in the store from now on.
pub(crate) async fn take_over<S: Store>(
    store: &S,
    term: u64,
    settings: &Settings,
) -> Result<Vec<(PoolId, UsedBefore)>, StoreError> {
    // Days outlive processes, so that only the wall clock tells how long ago something was.
    let now = settings.clock.now().as_millisecond();
    let mut uses = store.recent_use(now.saturating_sub(milliseconds(DAY))).await?;
    let unnoted = settings.pools.iter().flat_map(|pool| unnoted(pool, &uses, now));
    let unnoted: Vec<PoolUse> = unnoted.collect();
    if !unnoted.is_empty() {
        store.note_use(term, unnoted.clone()).await?;
        uses.extend(unnoted);
    }
    let ago = |at_ms| Duration::from_millis(u64::try_from(now - at_ms).unwrap_or_default());
    let used = uses.into_iter().filter_map(|PoolUse { pool, at_ms, calls, cost }| {
        Some((settings.pool_id(&pool)?, UsedBefore { ago: ago(at_ms), calls, cost }))
    });
    Ok(used.collect())
}

/// What may have been used of a pool since the last of these notes, by a leader that was killed, and the
/// row that says that nothing follows; nothing where there is one already. So much can be called until
/// the next note: all that a minute allows, or as much as between any two notes of the day.
fn unnoted(pool: &PoolSettings, uses: &[PoolUse], now: i64) -> Vec<PoolUse> {
    let of_pool = || uses.iter().filter(|used| used.pool == pool.name);
    let Some(last) = of_pool().next_back().filter(|last| !is_closing(last)) else {
        return Vec::new();
    };
    let fullest = of_pool().map(|used| used.calls).max().unwrap_or(0);
    let calls = pool.limits.requests_per_minute.map_or(fullest, u64::from);
    let cost = of_pool().map(|used| used.cost).max().unwrap_or_default();
    // Clocks of two machines may differ: rows stay in order.
    let at_ms = last.at_ms.saturating_add(milliseconds(NOTE_EVERY)).min(now).max(last.at_ms);
    let name = || pool.name.clone();
    let closing = PoolUse { pool: name(), at_ms, calls: 0, cost: Money::ZERO };
    vec![PoolUse { pool: name(), at_ms, calls, cost }, closing]
}

/// Whether whoever noted this stopped in order.
fn is_closing(used: &PoolUse) -> bool {
    used.calls == 0 && used.cost == Money::ZERO
}

impl Days {
    fn add(&mut self, (pool, calls, cost): (PoolId, u64, Money)) {
        let unnoted = self.unnoted.entry(pool).or_default();
        unnoted.0 = unnoted.0.saturating_add(calls);
        unnoted.1 += cost;
    }

    /// Takes what is to be noted by now.
    fn take_due(&mut self, now: Instant) -> Vec<(PoolId, u64, Money)> {
        let is_due = |pool: &PoolId| {
            self.noted.get(pool).is_none_or(|noted| now.duration_since(*noted) >= NOTE_EVERY)
        };
        let (due, rest): (BTreeMap<_, _>, _) =
            std::mem::take(&mut self.unnoted).into_iter().partition(|(pool, _)| is_due(pool));
        self.unnoted = rest;
        self.noted.extend(due.keys().map(|pool| (*pool, now)));
        due.into_iter().map(|(pool, (calls, cost))| (pool, calls, cost)).collect()
    }

    /// Takes all that is left, each pool with the row that says that nothing follows.
    fn take_rest(&mut self) -> Vec<(PoolId, u64, Money)> {
        let rest = std::mem::take(&mut self.unnoted);
        let called: Vec<PoolId> = self.noted.keys().chain(rest.keys()).copied().collect();
        let rest = rest.into_iter().map(|(pool, (calls, cost))| (pool, calls, cost));
        let closing = called.into_iter().map(|pool| (pool, 0, Money::ZERO));
        let closing: BTreeMap<_, _> = closing.map(|row| (row.0, row)).collect();
        rest.chain(closing.into_values()).collect()
    }
}

impl<S: Store + Nights> Driver<S> {
    /// Notes what was called, where it is time.
    pub(crate) async fn note_days(&mut self) -> Result<(), Halt> {
        self.count_days();
        let due = self.days.take_due(Instant::now());
        let (term, uses) = (self.term, self.uses(due));
        if uses.is_empty() {
            return Ok(());
        }
        let ask = |store: std::sync::Arc<S>| {
            let uses = uses.clone();
            async move { store.note_use(term, uses).await }
        };
        self.insist(ask).await
    }

    /// Notes what is left, and that no more comes. A store that does not take it costs the next leader
    /// what it then takes for called.
    pub(crate) async fn close_days(&mut self) {
        self.count_days();
        let rest = self.days.take_rest();
        let uses = self.uses(rest);
        if uses.is_empty() {
            return;
        }
        match timeout(CLOSE_MAX, self.store.note_use(self.term, uses)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                warn!(%error, "the last calls for the limits by the day are not noted");
            }
            Err(_late) => warn!(
                "the store does not answer: the last calls for the limits by the day are not noted"
            ),
        }
    }

    fn count_days(&mut self) {
        for used in self.metering.take_use() {
            self.days.add(used);
        }
    }

    fn is_limited_by_day(&self, pool: PoolId) -> bool {
        self.settings.pool(pool).is_some_and(PoolSettings::has_limit_by_day)
            || self.metering.state(pool).calls_per_day.is_some()
    }

    fn uses(&self, used: Vec<(PoolId, u64, Money)>) -> Vec<PoolUse> {
        let at_ms = self.settings.clock.now().as_millisecond();
        // What replies told is looked up only where it is time to note something.
        let used = used.into_iter().filter(|(pool, ..)| self.is_limited_by_day(*pool));
        let used = used.filter_map(|(pool, calls, cost)| {
            let pool = self.settings.pool(pool)?.name.clone();
            Some(PoolUse { pool, at_ms, calls, cost })
        });
        used.collect()
    }
}

fn milliseconds(of: Duration) -> i64 {
    i64::try_from(of.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use iago_ledger::Limits;

    use super::*;

    const NOW: i64 = 1_000_000_000;

    fn used(minutes_ago: i64, calls: u64, cost: i64) -> PoolUse {
        let at_ms = NOW - minutes_ago * 60_000;
        PoolUse { pool: "lab".to_owned(), at_ms, calls, cost: Money(cost) }
    }

    /// The calls that are taken to follow these notes.
    fn follow(rate: Option<u32>, uses: &[PoolUse]) -> Vec<u64> {
        let limits = Limits { requests_per_minute: rate, ..Limits::default() };
        let pool = PoolSettings { name: "lab".to_owned(), limits };
        unnoted(&pool, uses, NOW).iter().map(|used| used.calls).collect()
    }

    #[test]
    fn a_leader_that_was_killed_is_taken_to_have_called_until_its_next_note() {
        let killed = [used(9, 1, 7), used(8, 5, 0)];
        assert_eq!(follow(Some(20), &killed), [20, 0]);
        assert_eq!(follow(None, &killed), [5, 0], "as many as before its fullest note");
        let stopped = [used(9, 1, 7), used(8, 5, 0), used(8, 0, 0)];
        assert_eq!(follow(Some(20), &stopped), [0; 0]);
        assert_eq!(follow(Some(20), &[]), [0; 0], "nobody ever called");
    }

    #[test]
    fn what_it_may_have_called_stands_behind_its_last_note_and_never_in_the_future() {
        let pool = PoolSettings { name: "lab".to_owned(), limits: Limits::default() };
        let at = |minutes| {
            let follow = unnoted(&pool, &[used(minutes, 1, 0)], NOW);
            follow.iter().map(|used| NOW - used.at_ms).collect::<Vec<_>>()
        };
        assert_eq!((at(9), at(0)), (vec![530_000; 2], vec![0; 2]));
        assert_eq!(at(-1), [-60_000; 2], "unless the clock of whoever led before is ahead");
    }

    #[tokio::test(start_paused = true)]
    async fn leaders_that_are_killed_one_after_the_other_add_up() {
        let limits = Limits { requests_per_day: Some(100), ..Limits::default() };
        let pool = PoolSettings { name: "lab".to_owned(), limits };
        let settings = Settings::alone(String::new(), vec![pool], Vec::new());
        let store = iago_store::MemoryStore::default();
        let total = async |called| {
            let term = store.lead("c", Duration::ZERO).await.expect("nobody else leads");
            let used = take_over(&store, term, &settings).await.expect("it is there");
            let row = PoolUse {
                pool: "lab".to_owned(),
                at_ms: settings.clock.now().as_millisecond(),
                calls: called,
                cost: <_>::default(),
            };
            store.note_use(term, vec![row]).await.expect("it leads");
            used.iter().map(|(_, used)| used.calls).sum::<u64>()
        };
        let totals = [total(3).await, total(2).await, total(1).await, total(1).await];
        assert_eq!(totals, [0, 3 + 3, 6 + 2 + 3, 11 + 1 + 3]);
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_call_is_noted_at_once_and_what_follows_with_the_next_note() {
        let (mut days, pool) = (Days::default(), PoolId(0));
        let one = (pool, 1, Money(3));
        days.add(one);
        assert_eq!(days.take_due(Instant::now()), [one]);
        days.add(one);
        days.add(one);
        assert_eq!(days.take_due(Instant::now()), []);
        tokio::time::advance(NOTE_EVERY).await;
        assert_eq!(days.take_due(Instant::now()), [(pool, 2, Money(6))]);
        days.add(one);
        assert_eq!(days.take_rest(), [one, (pool, 0, Money::ZERO)]);
    }
}
