//! What a contrast of this size could have found.

use crate::quantile::normal_quantile;

/// The smallest true difference that a two-sided test at 5% finds with 80% power, given the
/// standard error of the estimate: `(z₀.₉₇₅ + z₀.₈₀) · standard_error`, about 2.80 standard errors
/// (Cohen 1988, normal approximation). Same unit as the standard error.
pub fn detectable(standard_error: f64) -> f64 {
    (normal_quantile(0.975) + normal_quantile(0.80)) * standard_error
}
