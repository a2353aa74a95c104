//! What a contrast of this size could have found.

use crate::quantile::{normal_quantile, t_quantile};

/// The smallest true difference that a two-sided test at 5% finds with 80% power, given the
/// standard error of the estimate: `(z₀.₉₇₅ + z₀.₈₀) · standard_error`, about 2.80 standard errors
/// (Cohen 1988, normal approximation). Same unit as the standard error, which must be the one at that
/// difference: a rate near zero or one varies more once it has moved, which [`Difference::detectable`]
/// takes into account.
///
/// [`Difference::detectable`]: crate::Difference::detectable
pub fn detectable(standard_error: f64) -> f64 {
    (normal_quantile(0.975) + normal_quantile(POWER)) * standard_error
}

const POWER: f64 = 0.80;

/// A contrast of rates as it was seen, to ask how it would have been at another difference.
pub(crate) struct Seen {
    /// Complete prompts.
    pub(crate) prompts: f64,
    /// Sides of a prompt: two, or four in a difference of differences.
    pub(crate) sides: f64,
    pub(crate) standard_error: f64,
    /// What the repeats leave of a single answer's variance: 1 at one repeat.
    pub(crate) share: f64,
    /// Rates of the sides that may have moved: where from, and where they are.
    pub(crate) moved: Vec<(f64, f64)>,
}

impl Seen {
    /// The smallest true difference found with at least 80% power, or the largest that there can be.
    ///
    /// The solution of `δ = (t + z₀.₈₀) · se(δ) + 2/m` with t at `m + 1` degrees of freedom. se(δ) is the
    /// standard error seen, with as much more variance as a rate has that moved by up to δ from where the
    /// contrast starts, towards one half: `share · p(1 − p)` for each prompt. The last term is what an exact
    /// test loses to its steps, of which each is a prompt.
    pub(crate) fn detectable(&self) -> f64 {
        let reach = self.sides / 2.0;
        let errors = t_quantile(0.975, self.prompts + 1.0) + normal_quantile(POWER);
        let steps = STEPS / self.prompts;
        let (mut low, mut high) = (0.0, reach);
        for _ in 0..60 {
            let middle = 0.5 * (low + high);
            if middle < errors * self.standard_error_at(middle) + steps {
                low = middle;
            } else {
                high = middle;
            }
        }
        high
    }

    fn standard_error_at(&self, difference: f64) -> f64 {
        let more = self.moved.iter().map(|&(start, end)| {
            let nearest = start.min(1.0 - start);
            let there = variance((nearest + difference).min(0.5));
            (there - variance(end)).max(0.0)
        });
        let more = self.share * more.fold(0.0, f64::max);
        let pairs = (self.prompts + 2.0) * (self.prompts + 1.0);
        (self.standard_error.powi(2) + self.prompts * more / pairs).sqrt()
    }
}

/// Prompts by which an exact test may miss its level.
const STEPS: f64 = 2.0;

fn variance(rate: f64) -> f64 {
    rate * (1.0 - rate)
}
