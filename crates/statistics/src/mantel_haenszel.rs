//! The test of a fixed suite: the two sides compared prompt by prompt, prompts not compared at all.
//!
//! Given how often a prompt said yes on both sides together, a factor that changes nothing deals these
//! out among its answers at random, whatever that prompt's propensity is.

use statrs::function::erf::erfc;

use crate::difference::Pair;

/// Bound on the additions of the exact distribution: it is convolved from those of the prompts.
const ADDITIONS_MAX: u64 = 1 << 26;

/// The exact two-sided test of conditional independence (Birch 1964): twice the smaller tail of the
/// number of yes on the `to` side, which is a sum of hypergeometric counts, one for each prompt.
///
/// With one repeat it is the exact McNemar test. Null: in no prompt do the sides differ. Where they do
/// and the differences cancel, the prompts' true variance is smaller than the one assumed, and the test
/// conservative. Pairs with an empty side carry no information. In `(0, 1]`; `None` when the
/// distribution is too long to build (about 10,000 prompts x 5).
pub fn mantel_haenszel_exact(pairs: &[Pair]) -> Option<f64> {
    let strata: Vec<Stratum> = informative(pairs).collect();
    if additions(&strata) > ADDITIONS_MAX {
        return None;
    }
    let chance =
        strata.iter().fold(vec![1.0], |chance, stratum| convolve(&chance, &stratum.distribution()));
    let seen = strata.iter().map(|stratum| stratum.to_yes - stratum.lowest()).sum::<f64>();
    let tail = |reached: &dyn Fn(f64) -> bool| -> f64 {
        chance.iter().zip(0_u32..).filter(|(_, at)| reached(f64::from(*at))).map(|(p, _)| p).sum()
    };
    let (below, above) = (tail(&|at| at <= seen), tail(&|at| at >= seen));
    Some((2.0 * below.min(above)).clamp(f64::MIN_POSITIVE, 1.0))
}

/// The chi-squared test of Mantel and Haenszel (1959), two-sided, with their continuity correction:
/// `(|Σ(a − E a)| − ½)² / Σ Var a` on one degree of freedom, where `a` is a prompt's number of yes on
/// the `to` side. The large-sample form of [`mantel_haenszel_exact`]; with one repeat it is the
/// corrected McNemar test. 1 when no pair carries information.
pub fn mantel_haenszel(pairs: &[Pair]) -> f64 {
    let (surplus, variance) =
        informative(pairs).fold((0.0, 0.0), |(surplus, variance), stratum| {
            (surplus + stratum.to_yes - stratum.mean(), variance + stratum.variance())
        });
    if variance == 0.0 {
        return 1.0;
    }
    let z = (f64::abs(surplus) - 0.5).max(0.0) / variance.sqrt();
    erfc(z / std::f64::consts::SQRT_2).clamp(f64::MIN_POSITIVE, 1.0)
}

/// One prompt's two-by-two table, in whole numbers.
struct Stratum {
    to_yes: f64,
    to_of: f64,
    from_of: f64,
    yes: f64,
}

/// What the exact distribution costs, from the lengths alone.
fn additions(strata: &[Stratum]) -> u64 {
    let grow = |(length, additions): (u64, u64), stratum: &Stratum| {
        let steps = stratum.steps();
        (length.saturating_add(steps), additions.saturating_add(length.saturating_mul(steps + 1)))
    };
    strata.iter().fold((1, 0), grow).1
}

/// Prompts asked on both sides that said neither always yes nor always no.
fn informative(pairs: &[Pair]) -> impl Iterator<Item = Stratum> {
    let strata = pairs.iter().map(|Pair { from, to }| Stratum {
        to_yes: f64::from(to.yes),
        to_of: f64::from(to.of),
        from_of: f64::from(from.of),
        yes: f64::from(to.yes) + f64::from(from.yes),
    });
    strata.filter(|stratum| stratum.variance() > 0.0)
}

impl Stratum {
    fn all(&self) -> f64 {
        self.to_of + self.from_of
    }

    fn mean(&self) -> f64 {
        self.yes * self.to_of / self.all()
    }

    /// Of a hypergeometric count.
    fn variance(&self) -> f64 {
        let all = self.all();
        if all < 2.0 {
            return 0.0;
        }
        self.mean() * (self.from_of / all) * ((all - self.yes) / (all - 1.0))
    }

    /// The fewest yes that the `to` side can have.
    fn lowest(&self) -> f64 {
        (self.yes - self.from_of).max(0.0)
    }

    /// The most yes that the `to` side can have.
    fn highest(&self) -> f64 {
        self.to_of.min(self.yes)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "no more than the answers of a side, and not negative where anything can vary"
    )]
    fn steps(&self) -> u64 {
        (self.highest() - self.lowest()) as u64
    }

    /// Hypergeometric chances of the yes on the `to` side, from the fewest up. They are worked out from
    /// the likeliest outwards: from an end, hundreds of repeats would go beyond what a number can hold.
    fn distribution(&self) -> Vec<f64> {
        let Self { to_of, from_of, yes, .. } = *self;
        let next = |at: f64| (to_of - at) * (yes - at) / ((at + 1.0) * (from_of - yes + at + 1.0));
        let mode = ((to_of + 1.0) * (yes + 1.0) / (self.all() + 2.0)).floor();
        let mode = mode.clamp(self.lowest(), self.highest());

        let mut chances = Vec::new();
        let (mut at, mut chance) = (mode, 1.0);
        while at > self.lowest() {
            at -= 1.0;
            chance /= next(at);
            chances.push(chance);
        }
        chances.reverse();
        chances.push(1.0);
        (at, chance) = (mode, 1.0);
        while at < self.highest() {
            chance *= next(at);
            at += 1.0;
            chances.push(chance);
        }
        let sum: f64 = chances.iter().sum();
        chances.iter().map(|chance| chance / sum).collect()
    }
}

/// The distribution of the sum of two independent counts.
fn convolve(one: &[f64], other: &[f64]) -> Vec<f64> {
    let mut both = vec![0.0; one.len() + other.len() - 1];
    for (shift, weight) in other.iter().enumerate() {
        for (sum, chance) in both[shift..].iter_mut().zip(one) {
            *sum += weight * chance;
        }
    }
    both
}
