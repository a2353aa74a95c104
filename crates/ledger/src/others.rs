//! What headers tell of a limit by the minute, and how much of it others take who use the same account.

use iago_sweep::ToldLimit;
use std::time::Duration;

use crate::meter::MOST_AMOUNT;
use crate::window::MINUTE;

/// Seconds over which the others' share is smoothed.
const SMOOTHING: f64 = 10.0;

/// What others seem to use below this share of the limit is noise: replies overtake each other.
const NOISE: f64 = 0.05;

/// Others never take all: so much of the limit is always tried.
const MOST_OF_OTHERS: f64 = 0.9;

/// Different limits that are told within a minute: of so many, the greatest are not remembered.
const TOLD: usize = 8;

/// A limit as headers tell it. Models that share a pool may each have their own; the least of those told within a minute
/// is never too much for any.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct TellTale {
    /// Limits, and when each was told last.
    told: [Option<(u64, Duration)>; TOLD],
    share: f64,
    heard: Duration,
}

impl TellTale {
    /// Takes in what a reply told. `own` is what the pool itself has used in the last minute, calls under way included.
    #[expect(clippy::cast_precision_loss, reason = "a share")]
    pub(crate) fn hear(&mut self, now: Duration, told: ToldLimit, own: u64) {
        let of_reply = told.limit.filter(|limit| *limit > 0).map(|limit| limit.min(MOST_AMOUNT));
        if let Some(limit) = of_reply {
            self.note(now, limit);
        }
        let limit = of_reply.or(self.limit());
        let (Some(limit), Some(remaining)) = (limit, told.remaining) else { return };
        let gone = limit.saturating_sub(remaining);
        let seen = gone.saturating_sub(own) as f64 / limit as f64;
        let counts = seen > NOISE && is_of_a_minute(gone, limit, told.reset_after);
        let seen = if counts { seen } else { 0.0 };
        let waited = now.saturating_sub(self.heard).as_secs_f64();
        let weight = 1.0 - (-waited / SMOOTHING).exp();
        self.share += (seen - self.share) * weight;
        self.heard = now;
    }

    /// The least limit that was told in the last minute of telling.
    pub(crate) fn limit(&self) -> Option<u64> {
        self.told.iter().flatten().map(|(limit, _)| *limit).min()
    }

    fn note(&mut self, now: Duration, limit: u64) {
        for told in &mut self.told {
            *told = told.filter(|(of, at)| *of != limit && now.saturating_sub(*at) < MINUTE);
        }
        // An empty place, or else that of the greatest.
        let place = self.told.iter_mut().max_by_key(|told| told.map_or(u64::MAX, |of| of.0));
        if let Some(place) = place
            && place.is_none_or(|(greatest, _)| limit < greatest)
        {
            *place = Some((limit, now));
        }
    }

    /// The share of the limit that others take, 0 to 0.9.
    pub(crate) fn share(&self) -> f64 {
        if self.share < NOISE / 2.0 { 0.0 } else { self.share.min(MOST_OF_OTHERS) }
    }
}

/// Whether what is gone of a limit is what was used in about the last minute: it then takes as long to come back. A
/// bucket that holds but a second's flow is full again in a second, and what is missing in it says nothing of a
/// minute.
#[expect(clippy::cast_precision_loss, reason = "a share")]
pub(crate) fn is_of_a_minute(gone: u64, limit: u64, reset_after: Option<Duration>) -> bool {
    let Some(reset) = reset_after else { return false };
    let flows_back = MINUTE.mul_f64(gone as f64 / limit as f64);
    reset >= flows_back / 2
}
