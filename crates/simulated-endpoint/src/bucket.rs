//! A bucket into which a limit flows, kept as what it lacks.

use std::time::Duration;

use crate::minute::MINUTE;

/// What a bucket lacks to be full. Drops make the numbers whole: a limit of n per minute is n drops
/// per nanosecond, so that nothing is ever rounded but what is told.
#[derive(Debug, Default)]
pub(crate) struct Bucket {
    lacks: u128,
    seen: Duration,
}

/// The drops of one request or token.
const DROPS: u128 = MINUTE.as_nanos();

impl Bucket {
    /// Lets the limit per minute flow in. Without a limit it is always full.
    pub(crate) fn advance(&mut self, now: Duration, limit: Option<u64>) {
        let flowed = now.saturating_sub(self.seen).as_nanos();
        self.lacks =
            limit.map_or(0, |limit| self.lacks.saturating_sub(flowed.saturating_mul(limit.into())));
        self.seen = now;
    }

    pub(crate) fn take(&mut self, much: u64) {
        self.lacks += u128::from(much) * DROPS;
    }

    /// How long until a call that takes so much is admitted: until it is there, or the bucket is
    /// full.
    pub(crate) fn wait(&self, much: u64, limit: u64, burst: Duration) -> Duration {
        let whole = burst.as_nanos() * u128::from(limit);
        let wanted = (u128::from(much) * DROPS).min(whole);
        time_of((self.lacks + wanted).saturating_sub(whole), limit)
    }

    /// What is in it.
    pub(crate) fn holds(&self, limit: u64, burst: Duration) -> u64 {
        let whole = burst.as_nanos() * u128::from(limit);
        u64::try_from(whole.saturating_sub(self.lacks) / DROPS).unwrap_or(u64::MAX)
    }

    /// How long until it is full.
    pub(crate) fn fills_after(&self, limit: u64) -> Duration {
        time_of(self.lacks, limit)
    }
}

/// How long so many drops flow, and rather too long than too short.
fn time_of(drops: u128, limit: u64) -> Duration {
    if drops == 0 {
        return Duration::ZERO;
    }
    let nanos = drops.div_ceil(u128::from(limit).max(1));
    Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
}
