//! What a comparison says at any level and against any bound, not at 95% and against zero alone.
//!
//! The estimates and standard errors are those of the contrasts. Their tests are left out: a sign flip or
//! a conditional test asks whether anything changed, costs most of the time, and says nothing of a change
//! beyond a margin.

use statrs::function::erf::erfc;

use crate::caution::Caution;
use crate::difference::Pair;
use crate::interval::Interval;
use crate::mean::{ROUNDING, Sum};
use crate::paired::{Counted, Sides, complete, share_left_by_repeats, typical_repeats};
use crate::quantile::{normal_quantile, t_p, t_quantile};
use crate::suite::{PSEUDO_ANSWERS, within};
use crate::tally::Tally;

/// How much more `to` is than `scale` times `from`, on average over prompts, with its error.
///
/// A scale of 1 is a difference. With another one, "at most a fifth more" is a statement about a single
/// number, `to − 1.2 · from ≤ 0`, in which the error of `from` counts as it should (Fieller 1954).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// The mean over paired prompts.
    pub value: f64,
    /// In the unit of the value; of a mean 0 where no spread was seen, with `caution` set. Against an
    /// error of 0 nothing is claimed: every p is 1.
    pub standard_error: f64,
    /// Degrees of freedom of Student's t; `None` where the error is normal.
    pub freedom: Option<f64>,
    /// How lopsided the prompts are, `Σe³ / (Σe²)^(3/2)` of their distances from the mean: from −1 to 1,
    /// towards where a few of them lie far out; in a fixed suite that of the draws within prompts.
    pub lean: f64,
    /// Prompts with an answer on both sides.
    pub prompts: u64,
    /// Set where no interval holds, nor a p-value.
    pub caution: Option<Caution>,
}

impl Gap {
    /// Two-sided, at `confidence` between 0 and 1: what neither one-sided claim at `(1 − confidence) / 2`
    /// excludes.
    pub fn interval(&self, confidence: f64) -> Interval {
        let q = self.quantile((1.0 + confidence) / 2.0);
        let half = |lean: f64| corrected_reach(q, lean) * self.standard_error;
        Interval { low: self.value - half(-self.lean), high: self.value + half(self.lean) }
    }

    /// One-sided p of "the truth is `bound` or less": small where the value lies well above.
    pub fn p_above(&self, bound: f64) -> f64 {
        self.p((bound - self.value) / self.standard_error, -self.lean)
    }

    /// One-sided p of "the truth is `bound` or more": small where the value lies well below.
    ///
    /// Where a few prompts lie far above, most samples have too few of them, and then show a mean that is too
    /// low with too small an error at once: of claims by t at 2.5%, 2.9% were wrong (simulated, 743 prompts
    /// of which one in twenty lost all), and in a fixed suite near
    /// a rate of one 3.3%. So p is that of t, or of t freed of its skewness (Hall 1992),
    /// whichever is larger.
    pub fn p_below(&self, bound: f64) -> f64 {
        self.p((self.value - bound) / self.standard_error, self.lean)
    }

    /// How many standard errors a claim at this one-sided level needs.
    pub fn reach(&self, tail: f64) -> f64 {
        self.quantile(1.0 - tail)
    }

    /// The gap with its sign turned.
    #[must_use]
    pub fn negated(self) -> Self {
        Self { value: -self.value, lean: -self.lean, ..self }
    }

    fn quantile(&self, probability: f64) -> f64 {
        self.freedom.map_or_else(
            || normal_quantile(probability),
            |freedom| t_quantile(probability, freedom),
        )
    }

    /// How likely t is at most this, with the side that it is below of leaning so.
    fn p(&self, t: f64, lean: f64) -> f64 {
        if !t.is_finite() { 1.0 } else { self.upper_tail(-t.max(free_of_skewness(t, lean))) }
    }

    fn upper_tail(&self, t: f64) -> f64 {
        let Some(freedom) = self.freedom else { return normal_tail(t) };
        let half = 0.5 * t_p(t, freedom);
        if t >= 0.0 { half } else { 1.0 - half }
    }
}

/// Beyond this, `lean · |t|` makes a claim no harder.
const LEAN_FAR: f64 = 4.5;

/// Hall's (1992) cubic transformation of Student's t, `t + λt²/3 + λ²t³/27 + λ/6`, which rises with t. Below
/// zero it also rises with λ up to 4.5/|t|, and is held there: a more lopsided sample claims less.
fn free_of_skewness(t: f64, lean: f64) -> f64 {
    if lean <= 0.0 || t >= 0.0 {
        return t;
    }
    let lean = lean.min(LEAN_FAR / -t);
    t + lean * t * t / 3.0 + lean * lean * t.powi(3) / 27.0 + lean / 6.0
}

/// How many standard errors the bound is away at which `q` are left once t is free of its skewness.
fn corrected_reach(q: f64, lean: f64) -> f64 {
    if lean <= 0.0 {
        return q;
    }
    /// Below this the first term of the series is exact to the last digits, and the formula loses them.
    const LEAN_NEXT_TO_NONE: f64 = 1e-6;
    if lean < LEAN_NEXT_TO_NONE {
        return q + lean * (q * q / 3.0 + 1.0 / 6.0);
    }
    // (1 + λt/3)³ = 1 + λ(g − λ/6), at g = −q.
    let cube = 1.0 - lean * (q + lean / 6.0);
    let reach = 3.0 / lean * (1.0 - cube.cbrt());
    // Where λ is held at 4.5/|t|, g is −|t|/4 + 3/(4|t|).
    if lean * reach > LEAN_FAR { 2.0 * (q + (q * q + 0.75).sqrt()) } else { reach.max(q) }
}

/// P(Z > z) of a standard normal.
pub fn normal_tail(z: f64) -> f64 {
    0.5 * erfc(z / std::f64::consts::SQRT_2)
}

/// `to − scale · from` over prompts like these, by the t of [`paired_difference`](crate::paired_difference())
/// with its two pseudo-prompts, which lie as far out as `(1 + scale) / 2` answers. `None` when no pair has
/// both sides.
pub fn paired_gap(pairs: &[Pair], scale: f64) -> Option<Gap> {
    let paired = complete_pairs(pairs);
    let differences: Vec<f64> = paired.iter().map(|sides| scaled(sides, scale)).collect();
    let share = share_left_by_repeats(&paired);
    let value = mean_of(&differences)?;
    let pseudo = pseudo_square(scale) * share;
    let squares = squares_about(value, &differences);
    let lean = lean(cubes_about(value, &differences), squares + 2.0 * pseudo);
    Some(Gap { lean, ..over_prompts(value, squares, pseudo, differences.len()) })
}

/// `to − scale · from` over exactly these prompts, by the variance within them, as
/// [`suite_difference`](crate::suite_difference()). `None` when no pair has both sides.
pub fn suite_gap(pairs: &[Pair], scale: f64) -> Option<Gap> {
    let paired = complete_pairs(pairs);
    let differences: Vec<f64> = paired.iter().map(|sides| scaled(sides, scale)).collect();
    let value = mean_of(&differences)?;
    let side = |at: usize| paired.iter().map(|sides| sides[at].1).collect::<Vec<Tally>>();
    let (to, from) = (side(0), side(1));
    let seen = within(&to, |_| 1.0) + scale * scale * within(&from, |_| 1.0);
    let variance = seen + pseudo_answers(scale) / typical_repeats(&paired).powi(2);
    let cubes = |side: &[Tally]| side.iter().map(|tally| third_moment(*tally)).sum::<f64>();
    let lean = lean(cubes(&to) - scale.powi(3) * cubes(&from), variance);
    Some(Gap { lean, ..within_prompts(value, variance, paired.len()) })
}

/// The third central moment of a prompt's proportion, without bias: `p(1 − p)(1 − 2p) / ((n − 1)(n − 2))`.
/// With fewer than three answers none can be seen.
pub(crate) fn third_moment(Tally { yes, of }: Tally) -> f64 {
    if of < 3 {
        return 0.0;
    }
    let n = f64::from(of);
    let p = f64::from(yes) / n;
    p * (1.0 - p) * (1.0 - 2.0 * p) / ((n - 1.0) * (n - 2.0))
}

/// `to − scale · from` of means over prompts, by the t of
/// [`mean_difference`](crate::mean_difference()), with its cautions. `None` when no pair has both sides and
/// where a sum is not finite.
pub fn mean_gap(pairs: &[Pair<Sum>], scale: f64) -> Option<Gap> {
    let paired = complete_pairs(pairs);
    let differences: Vec<f64> = paired.iter().map(|sides| scaled(sides, scale)).collect();
    let value = mean_of(&differences).filter(|value| value.is_finite())?;
    let mut residuals: Vec<f64> = differences.iter().map(|d| d - value).collect();
    let spread = residuals.iter().fold(0.0, |most: f64, e| most.max(e.abs()));
    let largest =
        paired.iter().flatten().fold(0.0, |most: f64, (_, sum)| most.max(sum.mean().abs()));
    if spread <= ROUNDING * largest {
        residuals.fill(0.0);
    }
    let squares = squares_about(0.0, &residuals);
    let lean = lean(cubes_about(0.0, &residuals), squares);
    let caution =
        Caution::on_mean(&residuals).or_else(|| (squares == 0.0).then_some(Caution::NoSpread));
    Some(Gap { lean, caution, ..over_means(value, squares, paired.len()) })
}

/// Student's t over prompts and two pseudo-prompts.
pub(crate) fn over_prompts(value: f64, squares: f64, pseudo: f64, prompts: usize) -> Gap {
    let n = prompts as f64 + 2.0;
    Gap {
        value,
        standard_error: ((squares + 2.0 * pseudo) / (n - 1.0) / n).sqrt(),
        freedom: Some(n - 1.0),
        lean: 0.0,
        prompts: prompts as u64,
        caution: None,
    }
}

/// Normal, from the variance of the sum over prompts.
pub(crate) fn within_prompts(value: f64, variance: f64, prompts: usize) -> Gap {
    Gap {
        value,
        standard_error: variance.sqrt() / prompts as f64,
        freedom: None,
        lean: 0.0,
        prompts: prompts as u64,
        caution: None,
    }
}

/// Student's t over prompts.
pub(crate) fn over_means(value: f64, squares: f64, prompts: usize) -> Gap {
    let n = prompts as f64;
    Gap {
        value,
        standard_error: (squares / (n - 1.0).max(1.0) / n).sqrt(),
        freedom: Some((n - 1.0).max(1.0)),
        lean: 0.0,
        prompts: prompts as u64,
        caution: None,
    }
}

/// The square of the farthest that a single answer on either side can move the difference, about its
/// middle: 1 for a plain difference.
pub(crate) fn pseudo_square(scale: f64) -> f64 {
    ((1.0 + scale.abs()) / 2.0).powi(2)
}

/// Half of the answers more that varied lie on either side.
pub(crate) fn pseudo_answers(scale: f64) -> f64 {
    PSEUDO_ANSWERS * (1.0 + scale * scale) / 2.0
}

pub(crate) fn squares_about(value: f64, differences: &[f64]) -> f64 {
    differences.iter().map(|d| (d - value).powi(2)).sum()
}

fn cubes_about(value: f64, differences: &[f64]) -> f64 {
    differences.iter().map(|d| (d - value).powi(3)).sum()
}

/// The skewness of a mean, from the sums of cubes and of squares.
pub(crate) fn lean(cubes: f64, squares: f64) -> f64 {
    if squares > 0.0 { (cubes / squares.powf(1.5)).clamp(-1.0, 1.0) } else { 0.0 }
}

fn complete_pairs<T: Counted>(pairs: &[Pair<T>]) -> Vec<Sides<2, T>> {
    complete(&pairs.iter().map(|pair| pair.sides()).collect::<Vec<_>>())
}

fn scaled<T: Counted>([(_, to), (_, from)]: &Sides<2, T>, scale: f64) -> f64 {
    to.mean() - scale * from.mean()
}

fn mean_of(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}
