//! How likely a count is where every draw has the same known chance.

use statrs::function::beta::beta_reg;

/// P(X ≥ `yes`) of a binomial count of `of` draws with a chance of `share` each: one-sided and exact, by
/// the incomplete beta function (Abramowitz and Stegun 1964, 26.5.24). Where chances differ and `share` is
/// their mean, large counts are rarer than it says (Hoeffding 1956). 1 for no `yes` at all.
pub fn binomial_at_least(yes: u64, of: u64, share: f64) -> f64 {
    if yes == 0 {
        return 1.0;
    }
    if yes > of || share <= 0.0 {
        return 0.0;
    }
    beta_reg(yes as f64, (of - yes) as f64 + 1.0, share.min(1.0))
}
