//! Quantiles of the normal, Student's t and beta distributions.
//!
//! A thin layer over `statrs`, whose inverse functions stop iterating before they reach the last
//! digits, or for the beta distribution of millions of draws never stop: Newton steps on its (accurate)
//! distribution functions, for beta inside a bracket and bounded in number, bring every quantile to a
//! relative 1e-9 of scipy's.

use statrs::distribution::{Beta, Continuous, ContinuousCDF, Normal, StudentsT};
use statrs::function::beta::beta_reg;

/// Degrees of freedom from which [`t_quantile`] is computed from the normal one: there the expansion
/// is exact to 1e-13, while the incomplete beta function has begun to lose digits.
const EXPANDED_FROM: f64 = 1e5;

/// The `probability` quantile of the standard normal distribution, for `0 < probability < 1`.
pub fn normal_quantile(probability: f64) -> f64 {
    let normal = Normal::standard();
    polish(&normal, normal.inverse_cdf(probability), probability)
}

/// The `probability` quantile of Student's t with `freedom` degrees of freedom, for
/// `0 < probability < 1`.
///
/// Panics unless `freedom > 0`.
pub fn t_quantile(probability: f64, freedom: f64) -> f64 {
    if freedom >= EXPANDED_FROM {
        return expand_t(normal_quantile(probability), freedom);
    }
    let t = StudentsT::new(0.0, 1.0, freedom).expect("degrees of freedom are positive");
    polish(&t, t.inverse_cdf(probability), probability)
}

/// How likely Student's t with `freedom` degrees of freedom is at least as far from zero as `t`.
///
/// Panics unless `freedom > 0`.
pub(crate) fn t_p(t: f64, freedom: f64) -> f64 {
    beta_reg(freedom / 2.0, 0.5, freedom / (freedom + t * t))
}

/// The `probability` quantile of the beta distribution with shapes `alpha` and `beta`, for
/// `0 < probability < 1`; in `0..=1`.
///
/// Newton's method from the normal quantile on the scale of log odds, kept between the nearest points
/// that are known to be too low and too high. From shapes of about a million on, the incomplete beta
/// function of `statrs` loses digits near the median (2e-5 at ten million), and hardly any in the tails.
///
/// Panics unless both shapes are positive and finite.
pub fn beta_quantile(probability: f64, alpha: f64, beta: f64) -> f64 {
    /// Halving alone closes the bracket to the last digit in fewer.
    const STEPS_MAX: u32 = 100;
    /// Relative; steps this small are rounding.
    const CLOSE: f64 = 1e-14;
    let distribution = Beta::new(alpha, beta).expect("both shapes are positive");
    let (mut low, mut high) = (0.0, 1.0);
    let mut x = guess_beta(probability, alpha, beta);
    for _ in 0..STEPS_MAX {
        let excess = distribution.cdf(x) - probability;
        if excess > 0.0 {
            high = x;
        } else {
            low = x;
        }
        let newton = x - excess / distribution.pdf(x);
        let next = if low < newton && newton < high { newton } else { between(low, high) };
        if (next - x).abs() <= CLOSE * next {
            return next;
        }
        x = next;
    }
    x
}

/// Log odds are about normal, with the variance `1/alpha + 1/beta`.
fn guess_beta(probability: f64, alpha: f64, beta: f64) -> f64 {
    let spread = (1.0 / alpha + 1.0 / beta).sqrt();
    let odds = alpha / beta * (normal_quantile(probability) * spread).exp();
    let guess = odds / (1.0 + odds);
    if 0.0 < guess && guess < 1.0 { guess } else { 0.5 }
}

/// Halfway in orders of magnitude, so that quantiles next to zero are reached too.
fn between(low: f64, high: f64) -> f64 {
    low.max(f64::MIN_POSITIVE).sqrt() * high.sqrt()
}

/// The quantile of t from that of the normal distribution (Abramowitz and Stegun 1964, 26.7.5).
fn expand_t(z: f64, freedom: f64) -> f64 {
    let first = (z.powi(3) + z) / 4.0;
    let second = (5.0 * z.powi(5) + 16.0 * z.powi(3) + 3.0 * z) / 96.0;
    z + first / freedom + second / (freedom * freedom)
}

/// Newton's method on `cdf(x) = probability`, started at a good guess.
fn polish<D>(distribution: &D, guess: f64, probability: f64) -> f64
where
    D: ContinuousCDF<f64, f64> + Continuous<f64, f64>,
{
    let mut x = guess;
    for _ in 0..3 {
        let step = (distribution.cdf(x) - probability) / distribution.pdf(x);
        if step.is_finite() {
            x -= step;
        }
    }
    x
}
