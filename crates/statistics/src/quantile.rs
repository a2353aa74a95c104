//! Quantiles of the normal, Student's t and beta distributions.
//!
//! A thin layer over `statrs`, whose inverse functions stop iterating before they reach the last
//! digits: a few Newton steps on its (accurate) distribution functions bring every quantile
//! to a relative 1e-9 of scipy's.

use statrs::distribution::{Beta, Continuous, ContinuousCDF, Normal, StudentsT};

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

/// The `probability` quantile of the beta distribution with shapes `alpha` and `beta`, for
/// `0 < probability < 1`.
///
/// Panics unless both shapes are positive.
pub fn beta_quantile(probability: f64, alpha: f64, beta: f64) -> f64 {
    let distribution = Beta::new(alpha, beta).expect("both shapes are positive");
    polish(&distribution, distribution.inverse_cdf(probability), probability)
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
