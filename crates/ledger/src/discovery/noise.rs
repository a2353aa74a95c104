//! Refusals that are no limit: their share does not fall when the rate is cut.
//!
//! A limit that is passed refuses what is beyond it, and nothing once the rate is below. So refusals are counted that come
//! while the rate rests after a cut; if they are as frequent after the rate has been cut by a part as they were before,
//! their share is taken for noise, as of a gateway that refuses calls at random. From then on only what is clearly more
//! than that share counts as a limit: a cumulative sum finds a small lasting excess as surely as a short large one.

/// Refusals that make a share, before and after.
const ENOUGH: u32 = 4;

/// The rate after, as a part of that before, at most.
const CUT: f64 = 0.85;

/// or after so many refusals, each of which cut the rate, though it has risen as far in between.
const MANY: u32 = 12;

/// A share after the cuts that is this part of the one before has not gone down: that of a limit goes to nothing.
const SAME: f64 = 0.5;

/// More than this is no noise that can be lived with, and less is what the search for a limit comes to by itself.
const SHARES: (f64, f64) = (0.02, 1.0 / 3.0);

/// Only this many times the noise counts against the rate,
const TOLERATED: f64 = 1.5;

/// and only once so many refused calls more than that have come together: at 5% noise, that takes thousands of calls.
const EXCESS: f64 = 5.0;

/// Calls over which the noise is forgotten if it ceases.
const MEMORY: f64 = 1000.0;

/// What is known of refusals that are no limit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Noise {
    share: Option<f64>,
    /// It is never taken for more.
    most: f64,
    excess: f64,
    before: Tally,
    after: Tally,
}

#[derive(Clone, Copy, Debug, Default)]
struct Tally {
    /// The rate when it began.
    rate: f64,
    taken: u32,
    refused: u32,
}

impl Tally {
    fn share(self) -> f64 {
        f64::from(self.refused) / f64::from(self.taken.saturating_add(self.refused).max(1))
    }
}

impl Noise {
    /// Whether refusals of a share are known to be no limit.
    pub(crate) fn is_known(&self) -> bool {
        self.share.is_some()
    }

    /// A call was taken; `resting` says whether the rate rests after a cut.
    pub(crate) fn take(&mut self, resting: bool) {
        if resting {
            self.after.taken = self.after.taken.saturating_add(1);
        }
        self.weigh(0.0);
    }

    /// A call was refused at this rate. True if this has just shown that refusals are no limit.
    pub(crate) fn refuse(&mut self, resting: bool, rate: f64) -> bool {
        self.weigh(1.0);
        if !resting || self.share.is_some() {
            return false;
        }
        self.after.refused += 1;
        if self.after.rate == 0.0 {
            self.after.rate = rate;
        }
        self.compare(rate)
    }

    /// Whether the refusals of late are within the noise.
    pub(crate) fn covers(&self) -> bool {
        self.share.is_some() && self.excess <= EXCESS
    }

    /// The rate was cut: what counted against it is dealt with.
    pub(crate) fn settle(&mut self) {
        self.excess = 0.0;
    }

    /// The rate before the cuts that were made for nothing.
    pub(crate) fn rate_before(&self) -> f64 {
        self.before.rate
    }

    fn weigh(&mut self, refused: f64) {
        let Some(share) = &mut self.share else { return };
        self.excess = (self.excess + refused - TOLERATED * *share).max(0.0);
        *share = (*share + (refused - *share) / MEMORY).min(self.most);
        if *share < SHARES.0 / 2.0 {
            *self = Self::default();
        }
    }

    fn compare(&mut self, rate: f64) -> bool {
        let (before, after) = (self.before, self.after);
        if after.refused < ENOUGH {
            return false;
        }
        let both = [before, after].map(Tally::share);
        let same = before.refused >= ENOUGH && both[1] >= SAME * both[0];
        if same && both.iter().all(|share| (SHARES.0..=SHARES.1).contains(share)) {
            let taken = before.taken.saturating_add(after.taken);
            let refused = before.refused + after.refused;
            let found = Tally { taken, refused, ..before }.share();
            // A count of few is off by its root: too small a share would be cut for again and again.
            let error = f64::from(refused).sqrt().recip();
            self.share = Some(found * (1.0 + error));
            self.most = found * (1.0 + 2.0 * error);
            self.excess = 0.0;
            return true;
        }
        // A few in a row make no share: it is compared once it could be noise.
        let over = rate <= CUT * after.rate || after.refused >= MANY;
        if over && both[1] <= SHARES.1 {
            self.before = after;
            self.after = Tally { rate, ..Tally::default() };
        }
        false
    }
}
