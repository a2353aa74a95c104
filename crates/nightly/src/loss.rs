//! How much worse tonight is than the baseline, and how far that is known.
//!
//! A loss is `baseline − tonight` where higher is better, and `tonight − baseline` where lower is: positive
//! is worse. A relative margin is a share of a baseline that is itself only estimated. So the question is
//! put to one number, `tonight − (1 ± share) · baseline`, whose error has that of the baseline in it, and
//! the interval of the loss is that number's, moved by the margin as it was estimated.

use iago_statistics::{
    Caution, Gap, GapBounds, Interval, Missing as Gaps, MissingSum, Pair, PairMissing, Sum, Tally,
    mean_gap, mean_gap_bounds, paired_gap, paired_gap_bounds, suite_gap, suite_gap_bounds,
};
use iago_sweep::{Better, Gate, Generalise, Margin, MissingAs};

use crate::night::{Comparison, Counts, RateCount, Sides, SumCount};

/// A loss with its error, and with what the missing answers could make of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Loss {
    /// What was seen; against a relative margin, the loss beyond it.
    pub(crate) seen: Gap,
    /// With everything missing good tonight and bad in the baseline; as seen, where missing is dropped.
    pub(crate) least: Gap,
    /// With everything missing bad tonight and good in the baseline; as seen, where missing is dropped.
    pub(crate) most: Gap,
    /// What the gaps are compared with: the margin, or 0 where it is in them.
    pub(crate) bound: f64,
    /// The mean over paired prompts.
    pub(crate) baseline: f64,
    /// The mean over paired prompts.
    pub(crate) tonight: f64,
    /// How much worse still passes, in the measure's unit.
    pub(crate) margin: f64,
    /// The factor of the baseline in the gaps.
    pub(crate) scale: f64,
    /// Prompts that came out (worse, better).
    pub(crate) moved: (u64, u64),
}

/// Why there is no loss to judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoLoss {
    /// No prompt has a value on both sides.
    NothingPaired,
    /// A measure without limits: what is missing could have been anything.
    NoLimits,
}

/// The loss of one comparison.
pub(crate) fn find_loss(
    comparison: &Comparison,
    generalise: Generalise,
    missing: MissingAs,
) -> Result<Loss, NoLoss> {
    match &comparison.counts {
        Counts::Rates(prompts) => rate_loss(&comparison.gate, prompts, generalise, missing),
        Counts::Means { prompts, limits } => mean_loss(&comparison.gate, prompts, *limits, missing),
    }
}

fn rate_loss(
    gate: &Gate,
    prompts: &[Sides<RateCount>],
    generalise: Generalise,
    missing: MissingAs,
) -> Result<Loss, NoLoss> {
    let seen: Vec<Pair> =
        prompts.iter().map(|p| Pair { from: p.baseline.tally(), to: p.tonight.tally() }).collect();
    let sides = Seen::of(seen.iter().map(|pair| (mean(pair.from), mean(pair.to))));
    let held = Held::to(gate, sides.baseline);
    let (find, find_bounds): (FindGap, FindBounds) = match generalise {
        Generalise::Prompts => (paired_gap, paired_gap_bounds),
        Generalise::Suite => (suite_gap, suite_gap_bounds),
    };
    let found = find(&seen, held.scale).ok_or(NoLoss::NothingPaired)?;
    let bounds = match missing {
        MissingAs::Dropped => None,
        MissingAs::WorstCase => find_bounds(&with_missing(prompts), held.scale),
    };
    Ok(held.loss(gate.better, &sides, found, bounds))
}

fn mean_loss(
    gate: &Gate,
    prompts: &[Sides<SumCount>],
    limits: Option<(f64, f64)>,
    missing: MissingAs,
) -> Result<Loss, NoLoss> {
    let seen: Vec<Pair<Sum>> =
        prompts.iter().map(|p| Pair { from: p.baseline.sum(), to: p.tonight.sum() }).collect();
    let sides = Seen::of(seen.iter().map(|pair| (mean_of(pair.from), mean_of(pair.to))));
    let held = Held::to(gate, sides.baseline);
    let found = mean_gap(&seen, held.scale).ok_or(NoLoss::NothingPaired)?;
    let counts_missing = missing == MissingAs::WorstCase
        && prompts.iter().any(|p| p.baseline.missing.all() > 0 || p.tonight.missing.all() > 0);
    let bounds = if counts_missing {
        let (low, high) = limits.ok_or(NoLoss::NoLimits)?;
        let pairs: Vec<Pair<MissingSum>> = prompts
            .iter()
            .map(|p| Pair { from: p.baseline.with_missing(), to: p.tonight.with_missing() })
            .collect();
        mean_gap_bounds(&pairs, Interval { low, high }, held.scale)
    } else {
        None
    };
    Ok(held.loss(gate.better, &sides, found, bounds))
}

type FindGap = fn(&[Pair], f64) -> Option<Gap>;
type FindBounds = fn(&[PairMissing], f64) -> Option<GapBounds>;

/// What a gate's loss is held to.
struct Held {
    scale: f64,
    bound: f64,
    margin: f64,
}

impl Held {
    fn to(gate: &Gate, baseline: f64) -> Self {
        match gate.margin {
            Margin::Absolute(margin) => Self { scale: 1.0, bound: margin, margin },
            Margin::Relative(share) => {
                // Of a baseline below zero it is a share of its distance from zero.
                let up = if baseline < 0.0 { -share } else { share };
                let scale = match gate.better {
                    Better::Higher => 1.0 - up,
                    Better::Lower => 1.0 + up,
                };
                Self { scale, bound: 0.0, margin: share * baseline.abs() }
            }
        }
    }

    fn loss(&self, better: Better, sides: &Seen, found: Gap, bounds: Option<GapBounds>) -> Loss {
        let GapBounds { lowest, highest } =
            bounds.unwrap_or(GapBounds { lowest: found, highest: found });
        let (worse, fewer) = sides.moved;
        let (seen, least, most, moved) = match better {
            Better::Lower => (found, lowest, highest, (worse, fewer)),
            Better::Higher => {
                (found.negated(), highest.negated(), lowest.negated(), (fewer, worse))
            }
        };
        let &Self { scale, bound, margin } = self;
        let &Seen { baseline, tonight, .. } = sides;
        Loss { seen, least, most, bound, baseline, tonight, margin, scale, moved }
    }
}

impl Loss {
    /// One-sided p of "the loss is the margin or more", at worst.
    pub(crate) fn p_pass(&self) -> f64 {
        if self.caution().is_some() { 1.0 } else { self.most.p_below(self.bound) }
    }

    /// One-sided p of "the loss is the margin or less", at best.
    pub(crate) fn p_regression(&self) -> f64 {
        if self.caution().is_some() { 1.0 } else { self.least.p_above(self.bound) }
    }

    /// Why no interval holds, of what was seen or of what it could have been.
    pub(crate) fn caution(&self) -> Option<Caution> {
        self.seen.caution.or(self.most.caution).or(self.least.caution)
    }

    /// From the gaps to the loss in the measure's unit.
    pub(crate) fn shift(&self) -> f64 {
        self.margin - self.bound
    }
}

/// Means over paired prompts.
struct Seen {
    baseline: f64,
    tonight: f64,
    /// Prompts in which tonight is (higher, lower).
    moved: (u64, u64),
}

impl Seen {
    fn of(prompts: impl Iterator<Item = (Option<f64>, Option<f64>)>) -> Self {
        let paired: Vec<(f64, f64)> = prompts.filter_map(|(from, to)| Some((from?, to?))).collect();
        let of = paired.len() as f64;
        let (from, to) = paired.iter().fold((0.0, 0.0), |(a, b), (from, to)| (a + from, b + to));
        let count =
            |moved: fn(&(f64, f64)) -> bool| paired.iter().filter(|p| moved(p)).count() as u64;
        let moved = (count(|(from, to)| to > from), count(|(from, to)| to < from));
        Self { baseline: from / of, tonight: to / of, moved }
    }
}

fn mean(tally: Tally) -> Option<f64> {
    (tally.of > 0).then(|| f64::from(tally.yes) / f64::from(tally.of))
}

fn mean_of(sum: Sum) -> Option<f64> {
    (sum.of > 0).then(|| sum.total / f64::from(sum.of))
}

fn with_missing(prompts: &[Sides<RateCount>]) -> Vec<PairMissing> {
    prompts
        .iter()
        .map(|p| Pair { from: p.baseline.with_missing(), to: p.tonight.with_missing() })
        .collect()
}

impl RateCount {
    pub(crate) fn tally(self) -> Tally {
        Tally { yes: self.yes.min(self.of), of: self.of }
    }

    fn with_missing(self) -> Gaps {
        let Tally { yes, of } = self.tally();
        Gaps { yes, of, missing: self.missing.all() }
    }
}

impl SumCount {
    fn sum(self) -> Sum {
        Sum { total: self.total, of: self.of }
    }

    fn with_missing(self) -> MissingSum {
        MissingSum { total: self.total, of: self.of, missing: self.missing.all() }
    }
}
