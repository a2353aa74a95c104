//! How many calls an endpoint bears at once, apart from how many a minute.
//!
//! Refusals for too much to do, broken calls in a share that is no single event, and slowness each cut it once per
//! event; it grows back while it is used and nothing goes wrong. How many calls are under way is not counted but
//! estimated, by Little's law, from the calls that ended: time under way per second is calls under way.

use std::time::Duration;

use iago_sweep::{CallEnd, Need};

/// Calls under way at once that a pool of unknown concurrency begins with.
pub const UNKNOWN_CONCURRENCY: u32 = 32;

/// What an unknown concurrency can grow to.
pub const MOST_CONCURRENCY: u32 = 1024;

/// Seconds over which calls under way are averaged.
const AVERAGED: f64 = 10.0;
/// A cut, as a factor.
const CUT: f64 = 0.7;
/// Time without trouble after which it grows.
const CALM: Duration = Duration::from_secs(5);
/// It changes for others at most so often.
const CHANGES: Duration = Duration::from_secs(1);
/// It grows while this share of it is used: by a factor per second while there never was trouble,
const USED: f64 = 0.75;
const FREE_RISE: f64 = 1.1;
/// afterwards by this part of what it was cut from, per second.
const RISE: f64 = 0.02;
/// Calls that are judged together, at least, and the time that they take, at least: a 529 or a 500 now and then
/// among many answers is an endpoint's everyday and says nothing of how many calls it bears.
const BATCH: u32 = 20;
const BATCH_TIME: Duration = Duration::from_secs(1);
/// Turned away or broken ones among them that are no single event, and their share.
const BROKEN: u32 = 3;
const BROKEN_SHARE: f64 = 0.15;
/// So many in a row, and nothing answered, need no batch.
const BROKEN_IN_A_ROW: u32 = 5;
/// Slow is so many times the base.
const SLOW: f64 = 4.0;
/// The base is measured while at most this share is used, and forgets by this factor per batch.
const FEW: f64 = 0.25;
const BASE_DRIFT: f64 = 1.005;
/// A batch that is faster than this share of the one before a cut shows that the cut helped.
const HELPED: f64 = 0.8;
/// After so many cuts for slowness that did not help, it is the answers that are slow.
const FUTILE: u32 = 2;
/// Output tokens that take about as long as everything else in a call.
const TOKENS_PER_CALL: f64 = 100.0;

/// What was learnt of a pool's concurrency.
#[derive(Clone, Debug)]
pub(crate) struct Concurrency {
    most: f64,
    usable: f64,
    told: u32,
    told_at: Duration,
    /// What started before says nothing new.
    cut_at: Option<Duration>,
    cut_from: f64,
    under_way: f64,
    heard_at: Duration,
    grown_at: Duration,
    batch: Batch,
    /// Seconds of a call, for its length, with few under way.
    base: Option<f64>,
    /// The same before the last cut for slowness, and how many did not help.
    slow: Option<f64>,
    futile: u32,
}

#[derive(Clone, Copy, Debug, Default)]
struct Batch {
    /// When its first call ended.
    since: Option<Duration>,
    calls: u32,
    broken: u32,
    answered: u32,
    seconds: f64,
}

impl Concurrency {
    pub(crate) fn new(now: Duration, configured: Option<u32>) -> Self {
        let start = configured.unwrap_or(UNKNOWN_CONCURRENCY).max(1);
        Self {
            most: f64::from(configured.unwrap_or(MOST_CONCURRENCY).max(1)),
            usable: f64::from(start),
            told: start,
            told_at: now,
            cut_at: None,
            cut_from: 0.0,
            under_way: 0.0,
            heard_at: now,
            grown_at: now,
            batch: Batch::default(),
            base: None,
            slow: None,
            futile: 0,
        }
    }

    /// What others were told last.
    pub(crate) fn usable(&self) -> u32 {
        self.told
    }

    /// A call ended. Trouble is looked for only where it is this pool's own.
    pub(crate) fn hear(
        &mut self,
        now: Duration,
        took: Duration,
        how: CallEnd,
        usage: Option<Need>,
        own: bool,
    ) {
        let waited = now.saturating_sub(self.heard_at).as_secs_f64();
        self.heard_at = now;
        self.under_way =
            self.under_way * (-waited / AVERAGED).exp() + took.as_secs_f64() / AVERAGED;
        let stale = self.cut_at.is_some_and(|cut| now.saturating_sub(took) <= cut);
        if own && !stale {
            self.judge(now, took, how, usage);
        }
        self.grow(now);
    }

    /// When others must be told a change; `None` if there is none.
    pub(crate) fn changes_at(&self) -> Option<Duration> {
        (whole(self.usable) != self.told).then(|| self.told_at + CHANGES)
    }

    /// What others must be told now, if it changed.
    pub(crate) fn change(&mut self, now: Duration) -> Option<u32> {
        let usable = whole(self.usable);
        if self.changes_at().is_none_or(|due| due > now) {
            return None;
        }
        self.told = usable;
        self.told_at = now;
        Some(usable)
    }

    /// Cuts are forgotten up to where it began.
    pub(crate) fn release(&mut self) {
        self.usable = self.usable.max(self.most.min(f64::from(UNKNOWN_CONCURRENCY)));
        if self.most < f64::from(MOST_CONCURRENCY) {
            self.usable = self.most;
        }
        self.batch = Batch::default();
    }

    fn judge(&mut self, now: Duration, took: Duration, how: CallEnd, usage: Option<Need>) {
        match how {
            CallEnd::Answered => {
                self.batch.answered += 1;
                self.batch.seconds += took.as_secs_f64() / length(usage);
            }
            CallEnd::Broken | CallEnd::Overloaded { .. } => self.batch.broken += 1,
            CallEnd::Throttled { .. } | CallEnd::Other | CallEnd::Unsent => return,
        }
        self.batch.calls += 1;
        let since = *self.batch.since.get_or_insert(now);
        let is_whole = self.batch.calls >= BATCH && now.saturating_sub(since) >= BATCH_TIME;
        if is_whole || (self.batch.answered == 0 && self.batch.broken >= BROKEN_IN_A_ROW) {
            let batch = std::mem::take(&mut self.batch);
            self.judge_batch(now, batch);
        }
    }

    fn judge_batch(&mut self, now: Duration, batch: Batch) {
        if batch.broken >= BROKEN
            && f64::from(batch.broken) >= BROKEN_SHARE * f64::from(batch.calls)
        {
            self.cut(now);
        }
        if batch.answered < BATCH / 2 {
            return;
        }
        let mean = batch.seconds / f64::from(batch.answered);
        match self.base {
            Some(base) if mean > SLOW * base && self.under_way > 1.0 => self.cut_slow(now, mean),
            Some(base) if self.under_way <= FEW * self.usable => {
                self.base = Some(base.min(mean) * BASE_DRIFT);
            }
            Some(base) => self.base = Some((base * BASE_DRIFT).min(mean)),
            None => self.base = Some(mean),
        }
    }

    fn cut_slow(&mut self, now: Duration, mean: f64) {
        let helped = self.slow.is_none_or(|before| mean < before * HELPED);
        self.futile = if helped { 0 } else { self.futile + 1 };
        self.slow = Some(mean);
        if self.futile >= FUTILE {
            self.base = Some(mean / 2.0);
            self.slow = None;
            self.futile = 0;
        } else {
            self.cut(now);
        }
    }

    fn cut(&mut self, now: Duration) {
        self.cut_at = Some(now);
        self.cut_from = self.usable;
        // What is not used cannot be what is too much.
        let used = self.usable.min(self.under_way.max(1.0) * 1.5);
        self.usable = (used.max(self.usable * 0.5) * CUT).max(1.0);
        self.batch = Batch::default();
    }

    fn grow(&mut self, now: Duration) {
        let calm = self.cut_at.is_none_or(|cut| now.saturating_sub(cut) >= CALM);
        if now.saturating_sub(self.grown_at) < CHANGES {
            return;
        }
        self.grown_at = now;
        if calm && self.under_way >= USED * self.usable {
            let grown = match self.cut_at {
                None => self.usable * FREE_RISE,
                Some(_) => self.usable + (self.cut_from * RISE).max(1.0),
            };
            self.usable = grown.min(self.most);
        }
    }
}

/// How long a call is, so that long answers are not slow ones.
#[expect(clippy::cast_precision_loss, reason = "a ratio")]
fn length(usage: Option<Need>) -> f64 {
    1.0 + usage.map_or(0.0, |usage| usage.output as f64 / TOKENS_PER_CALL)
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 1 and a u32")]
fn whole(usable: f64) -> u32 {
    usable as u32
}
