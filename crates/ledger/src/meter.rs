//! One quantity that is limited by the minute: requests, or tokens of one kind or both.

use std::time::Duration;

use iago_sweep::Need;

use crate::pace::{Pace, flow_of};
use crate::window::{MINUTE, Window};

/// What is limited by the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quantity {
    Requests,
    Input,
    Output,
    Tokens,
}

/// No call takes more, whatever its usage claims, so that sums stay exact.
pub(crate) const MOST_AMOUNT: u64 = 1 << 40;

impl Quantity {
    pub(crate) const ALL: [Self; 4] = [Self::Requests, Self::Input, Self::Output, Self::Tokens];

    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Requests => "requests",
            Self::Input => "input tokens",
            Self::Output => "output tokens",
            Self::Tokens => "tokens",
        }
    }

    /// How much of it one call takes.
    pub(crate) fn amount(self, need: Need) -> u64 {
        let amount = match self {
            Self::Requests => 1,
            Self::Input => need.input,
            Self::Output => need.output,
            Self::Tokens => need.input.saturating_add(need.output),
        };
        amount.min(MOST_AMOUNT)
    }
}

/// What a meter holds its charges to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Bound {
    /// The most that counts in a minute.
    pub(crate) window: Option<u64>,
    /// The amount per minute at which starts are spread.
    pub(crate) rate: Option<f64>,
    /// Seconds of lateness that are caught up however much of the flow a call is; below zero, by how many more starts
    /// are apart.
    pub(crate) late: f64,
}

impl Bound {
    /// That of a limit that is known.
    #[expect(clippy::cast_precision_loss, reason = "a rate is a rate")]
    pub(crate) fn known(limit: u64, late: f64) -> Self {
        Self { window: Some(limit), rate: Some(limit as f64), late }
    }
}

/// Charges of one quantity, and what they are held to.
#[derive(Clone, Debug)]
pub(crate) struct Meter {
    pub(crate) window: Window,
    pace: Pace,
    bound: Bound,
    /// What a reply told: nothing before this.
    held_until: Duration,
}

impl Meter {
    /// Begins with the last minute used evenly, and nothing to catch up.
    pub(crate) fn new(now: Duration, bound: Bound) -> Self {
        let window = bound.window.map(|limit| Window::used_evenly(now, limit)).unwrap_or_default();
        Self { window, pace: Pace::used_up(now), bound, held_until: Duration::ZERO }
    }

    pub(crate) fn bound(&self) -> Bound {
        self.bound
    }

    /// Holds charges to another limit from now on.
    pub(crate) fn set_bound(&mut self, now: Duration, bound: Bound) {
        if let (Some(old), Some(new)) = (self.bound.rate, bound.rate) {
            self.pace.rescale(now, flow_of(old) / flow_of(new));
        } else {
            self.pace = Pace::used_up(now);
        }
        self.bound = bound;
    }

    /// Grants nothing before `until`.
    pub(crate) fn hold(&mut self, until: Duration) {
        self.held_until = self.held_until.max(until);
    }

    /// Forgets that it was held.
    pub(crate) fn release(&mut self, now: Duration) {
        self.held_until = Duration::ZERO;
        self.pace = Pace::used_up(now);
    }

    /// Catches up nothing of the time before `at`.
    pub(crate) fn use_up(&mut self, at: Duration) {
        self.pace.use_up(at);
    }

    /// `amount`, at most the whole limit: more is a bound that cannot be meant.
    pub(crate) fn clamp(&self, amount: u64) -> u64 {
        self.bound.window.map_or(amount, |limit| amount.min(limit))
    }

    /// When this amount can be charged, if nothing else is; `None` if now.
    pub(crate) fn opens_at(&mut self, now: Duration, amount: u64) -> Option<Duration> {
        self.window.advance(now);
        let amount = self.clamp(amount);
        let window = self.bound.window.and_then(|limit| self.window.opens_at(amount, limit));
        let held = Some(self.held_until).filter(|until| *until > now);
        window.max(held).max(self.paced_until(now, amount))
    }

    /// When the amount `other` could be charged if `one` were at `start`, and nothing else.
    pub(crate) fn opens_after(&self, start: Duration, one: u64, other: u64) -> Duration {
        let (one, other) = (self.clamp(one), self.clamp(other));
        let window = self.bound.window.and_then(|limit| self.window.opens_at(one + other, limit));
        let paced = self.bound.rate.map(|rate| {
            let mut pace = self.pace;
            pace.count(start, real(one), flow_of(rate));
            let opens = pace.opens_at(real(other), flow_of(rate), self.bound.late);
            Duration::try_from_secs_f64(opens).unwrap_or_default()
        });
        window.max(paced).unwrap_or(start).max(start)
    }

    /// How long the flow takes for this amount.
    pub(crate) fn takes(&self, amount: u64) -> Duration {
        let seconds = self.bound.rate.map_or(0.0, |rate| real(self.clamp(amount)) / flow_of(rate));
        Duration::try_from_secs_f64(seconds).unwrap_or(MINUTE)
    }

    /// The moment that the window alone opens for one more; `None` if it is open.
    pub(crate) fn window_opens_at(&mut self, now: Duration) -> Option<Duration> {
        self.window.advance(now);
        self.window.opens_at(1, self.bound.window?)
    }

    fn paced_until(&self, now: Duration, amount: u64) -> Option<Duration> {
        let opens = self.pace.opens_at(real(amount), flow_of(self.bound.rate?), self.bound.late);
        // A microsecond of rounding is no reason to wait.
        (opens > now.as_secs_f64() + 1e-6).then(|| Duration::from_secs_f64(opens))
    }

    /// Charges at `now`.
    pub(crate) fn charge(&mut self, now: Duration, amount: u64) {
        self.window.advance(now);
        self.window.add(now, amount);
        if let Some(rate) = self.bound.rate {
            self.pace.count(now, real(amount), flow_of(rate));
        }
    }

    /// Corrects a charge of the moment `at` to what it really was.
    pub(crate) fn settle(&mut self, now: Duration, at: Duration, charged: u64, actual: u64) {
        self.window.advance(now);
        self.window.take(at, charged.saturating_sub(actual));
        self.window.add(at, actual.saturating_sub(charged));
        if let Some(rate) = self.bound.rate {
            self.pace.count(now, real(actual) - real(charged), flow_of(rate));
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "for pacing, where rounding is harmless")]
fn real(amount: u64) -> f64 {
    amount as f64
}
