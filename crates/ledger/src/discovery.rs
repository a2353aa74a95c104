//! How many calls a minute an endpoint takes that does not say so, or that takes fewer than it says.
//!
//! Begins with the first call that was throttled. Two kinds of endpoints answer the same way to different things:
//! one counts the calls of the last minute (what it had taken when it refused is exactly its limit), the other refills
//! a bucket (what it took between two refusals, by the time between them, is its flow; what it took before the first
//! says little). The first refusal is read as of the first kind; a single call is then tried now and then although the
//! minute is full, and when one is taken, the endpoint is of the second kind.
//!
//! Calls that started before a cut say nothing new: one cut per congestion event. After a cut the rate rests for
//! [`REST`], then rises by 1% a second and later faster, as long as somebody waits for it.

mod cuts;
mod noise;
mod stall;

use std::time::Duration;

use self::cuts::KNOWN_CUT;
use self::noise::Noise;
use self::stall::{PROBES, Stall, TELLING};
use crate::meter::Bound;
use crate::pool::Spacing;
use crate::window::{MINUTE, SLACK, Window};

/// How long a rate that was found stays, of time in which somebody waits for it.
const REST: f64 = 20.0;

/// It stays for so many calls at least, since every rise ends with one that is refused, but no longer than this.
const REST_CALLS: f64 = 40.0;
const REST_MOST: f64 = 45.0;

/// The same where the limit is known and others seem to use it.
const REST_KNOWN: f64 = 5.0;

/// How long the rate rises slowly.
const SLOW_RISE: f64 = 6.0;

/// Rise per second of the logarithm, slow and fast.
const RISE: (f64, f64) = (0.01, 0.03);

/// Seconds in which the rate doubles while an endpoint's flow is not known at all.
const DOUBLING: f64 = 2.0;

/// By how much more than was taken in the last minute the rate may rise.
const AHEAD: f64 = 1.5;

/// How an endpoint seems to count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It takes so many in any minute.
    Minute,
    /// It refills steadily.
    Flow,
    /// As is known; only, somebody else uses it too.
    Known,
}

/// What was found out of a pool's calls by the minute.
#[derive(Clone, Debug)]
pub(crate) struct Discovery {
    kind: Kind,
    /// Calls a minute.
    rate: f64,
    /// What `rate` cannot be above, by the event before.
    roof: f64,
    /// When the last cut was made: what started before says nothing new.
    cut_at: Duration,
    /// When the call started that was refused.
    crossed_at: Duration,
    /// Before this, all calls that were ever made are still in an endpoint's minute.
    minute_over: Duration,
    /// Whether there were calls before that nobody knows of: what is concluded before `minute_over` is looked at again.
    forgetful: bool,
    /// Whether an earlier ledger found this, and nothing was refused since.
    carried: bool,
    /// How long calls had been made before the first refusal.
    history: Duration,
    /// Whether a call that started after the cut was taken.
    passed: bool,
    /// Whether a single call that was tried beyond what had been taken was refused: only then is it a minute's count.
    confirmed: bool,
    /// Events in a row between which none was taken.
    misses: u32,
    stall: Option<Stall>,
    /// Whether nothing is known of the flow but that it is more than this.
    climbing: bool,
    /// Seconds since the cut in which somebody waited.
    quiet: f64,
    grown_at: Duration,
    noise: Noise,
}

/// A call that was refused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) now: Duration,
    /// When it started.
    pub(crate) started: Duration,
    /// Nothing may start before this.
    pub(crate) hold_until: Duration,
}

impl Discovery {
    /// The first refusal. `since` is when the first call of this pool started that is known of, `past` says whether there
    /// were others before, `known` is what is known of its limit.
    pub(crate) fn begin(
        refusal: Refusal,
        window: &Window,
        since: Duration,
        known: Option<f64>,
        past: bool,
    ) -> Self {
        let mut discovery = Self {
            kind: if known.is_some() { Kind::Known } else { Kind::Minute },
            rate: known.unwrap_or(f64::MAX),
            roof: f64::MAX,
            cut_at: refusal.now,
            crossed_at: refusal.started,
            minute_over: (since + MINUTE).saturating_sub(2 * SLACK),
            forgetful: past,
            carried: false,
            history: refusal.started.saturating_sub(since),
            passed: false,
            // Buckets refill in less.
            confirmed: refusal.hold_until.saturating_sub(refusal.now) > TELLING,
            misses: 1,
            stall: None,
            climbing: false,
            quiet: 0.0,
            grown_at: refusal.now,
            noise: Noise::default(),
        };
        if known.is_some() {
            discovery.rate = (discovery.rate * KNOWN_CUT).max(LOWEST);
        } else {
            discovery.amend(window);
            discovery.stall = Some(Stall {
                next: refusal.hold_until.max(refusal.now + 2 * PROBES.0),
                gap: 2 * PROBES.0,
                trying: None,
                first: true,
                beyond: false,
            });
        }
        discovery
    }

    /// What an earlier ledger had found, at `now`: `known` says whether more than that is known.
    pub(crate) fn carry_over(now: Duration, rate: f64, known: bool) -> Self {
        let refusal = Refusal { now, started: now, hold_until: now };
        let discovery = Self::begin(refusal, &Window::default(), now, Some(rate), true);
        let kind = if known { Kind::Known } else { Kind::Minute };
        Self { kind, rate, misses: 0, carried: true, ..discovery }
    }

    /// Whether this is only what an earlier ledger had found, and more than `found`.
    pub(crate) fn is_carried(&self, found: u64) -> bool {
        self.carried && self.rate > real(found)
    }

    /// Whether the end of a call that started then says nothing new.
    pub(crate) fn is_stale(&self, started: Duration) -> bool {
        started <= self.cut_at
    }

    /// A further call was refused. True if that says something of the limit.
    pub(crate) fn refuse(&mut self, refusal: Refusal, window: &Window) -> bool {
        if self.is_stale(refusal.started) {
            if refusal.started <= self.crossed_at {
                self.amend(window);
            }
            return false;
        }
        if self.stall.is_none() && self.is_noise() {
            return false;
        }
        let doubtful = self.forgetful && (self.kind == Kind::Flow || self.carried);
        if doubtful && self.kind != Kind::Known && refusal.started >= self.minute_over {
            let since = refusal.started.saturating_sub(MINUTE);
            let noise = self.noise;
            *self = Self { noise, ..Self::begin(refusal, window, since, None, false) };
            return true;
        }
        self.confirmed |= self.stall.is_some_and(|stall| stall.beyond);
        let taken_long_ago = window.between(self.cut_at, refusal.now.saturating_sub(TELLING)) > 0;
        self.misses = if self.passed || taken_long_ago { 1 } else { self.misses + 1 };
        self.cut(refusal, window);
        self.stall = self.stall_after(refusal);
        true
    }

    /// A call that started then was taken.
    pub(crate) fn take(&mut self, now: Duration, started: Duration, window: &Window) {
        if started > self.cut_at {
            self.passed = true;
            self.noise.take(self.rests());
            self.leave_stall(now, window);
        }
    }

    /// A call that was not asked for, and was taken, has ended late: the minute before the refusal held more.
    pub(crate) fn take_late(&mut self, started: Duration, window: &Window) {
        if started <= self.crossed_at && self.quiet == 0.0 {
            self.amend(window);
        }
    }

    /// Whether so much time has passed that it is to be taken in.
    pub(crate) fn is_due(&self, now: Duration) -> bool {
        now.saturating_sub(self.grown_at).as_secs_f64() >= TICK
    }

    /// Time passes; `wanted` says whether somebody waits for this pool. True if the rate has changed.
    pub(crate) fn grow(&mut self, now: Duration, wanted: bool, last_minute: f64) -> bool {
        let passed = now.saturating_sub(self.grown_at).as_secs_f64();
        self.grown_at = now;
        if !wanted || self.stall.is_some() {
            return false;
        }
        let passed = passed.min(LONGEST_TICK);
        self.quiet += passed;
        let per_second = self.rise();
        if per_second <= 0.0 {
            return false;
        }
        let most = if self.kind == Kind::Minute { AHEAD * last_minute } else { HIGHEST };
        self.rate = (self.rate * (per_second * passed).exp()).min(most.max(self.rate));
        true
    }

    /// When time that passes is to be taken in next: the rate rises then, or less than [`LONGEST_TICK`] has passed.
    pub(crate) fn rises_at(&self) -> Option<Duration> {
        let rests = if self.climbing { 0.0 } else { self.rest() - self.quiet };
        let wait = Duration::from_secs_f64(rests.clamp(TICK, LONGEST_TICK));
        self.stall.is_none().then(|| self.grown_at + wait)
    }

    /// Whether the limit is known, and only others' share of it is found out.
    pub(crate) fn is_of_known(&self) -> bool {
        self.kind == Kind::Known
    }

    /// The limit that is known was reached. True if nothing is left to be known of this.
    pub(crate) fn reach(&mut self, known: u64) -> bool {
        self.rate = self.rate.min(real(known));
        !self.noise.is_known()
    }

    /// Calls a minute.
    pub(crate) fn rate(&self) -> f64 {
        self.rate
    }

    /// What calls are held to, and how far apart. `known` is the limit that is known, which is never exceeded.
    pub(crate) fn bound(&self, known: Option<u64>, spacing: Spacing) -> Bound {
        let rate = known.map_or(self.rate, |known| self.rate.min(real(known)));
        match self.kind {
            Kind::Minute => {
                let window = whole(self.rate);
                Bound {
                    window: Some(known.map_or(window, |known| known.min(window))),
                    rate: Some(rate),
                    late: spacing.late(false),
                }
            }
            Kind::Flow | Kind::Known => {
                Bound { window: known, rate: Some(rate), late: spacing.late(true) }
            }
        }
    }

    /// Whether a call that was refused now is one of those that are at any rate.
    fn is_noise(&mut self) -> bool {
        if self.noise.refuse(self.rests(), self.rate) {
            // The cuts were made for nothing.
            self.rate = self.rate.max(self.noise.rate_before());
            self.climbing = self.kind == Kind::Flow;
            return true;
        }
        let covered = self.noise.covers();
        if !covered {
            self.noise.settle();
        }
        covered
    }

    /// Whether the rate has not risen since it was cut.
    fn rests(&self) -> bool {
        self.stall.is_none() && !self.climbing && self.quiet < self.rest()
    }

    fn rise(&self) -> f64 {
        if self.climbing {
            return std::f64::consts::LN_2 / DOUBLING;
        }
        match self.quiet - self.rest() {
            rested if rested < 0.0 => 0.0,
            rested if rested < SLOW_RISE => RISE.0,
            _ => RISE.1,
        }
    }

    fn rest(&self) -> f64 {
        match self.kind {
            Kind::Known => REST_KNOWN,
            Kind::Minute | Kind::Flow => REST.max(REST_CALLS * 60.0 / self.rate).min(REST_MOST),
        }
    }
}

/// The rate grows at most this often, in seconds, and by no more than the other at once.
const TICK: f64 = 0.1;
const LONGEST_TICK: f64 = 2.0;
/// Bounds of the rate, in calls a minute.
const LOWEST: f64 = 1.0;
const HIGHEST: f64 = 1e9;
/// Calls made for less than this say nothing of a flow.
const SHORT_HISTORY: Duration = Duration::from_secs(30);

#[expect(clippy::cast_precision_loss, reason = "a rate is a rate")]
fn real(count: u64) -> f64 {
    count as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within LOWEST and HIGHEST"
)]
fn whole(rate: f64) -> u64 {
    rate as u64
}
