//! Counts to estimates, intervals and contrasts, by methods whose coverage was simulated.
//!
//! Everything here is a function of its arguments: counts go in, one [`Tally`] for each prompt and
//! cell, and proportions in `0..=1` come out, never percent. A number that is averaged goes in as one
//! [`Sum`] for each prompt and cell, and keeps its unit. Where a method needs chance, the seed
//! is an argument. The prompt is the unit of sampling throughout: repeats of one prompt resemble
//! each other, and counting them as independent made 95% intervals that cover 75%. Where no interval
//! holds, a [`Caution`] says so. The README has the simulated coverage of every interval and the size of
//! every test.
//!
//! What it deliberately does not do: classify transcripts, decide which of them count, choose
//! families, read a store, or format a number. Unknown answers are never coerced: they are left
//! out of an estimate and come back as bounds.
//!
//! ```
//! use iago_statistics::{Pair, Tally, holm, paired_difference, rate};
//!
//! let paid = [Tally { yes: 0, of: 5 }, Tally { yes: 1, of: 5 }, Tally { yes: 0, of: 5 }];
//! let free = [Tally { yes: 2, of: 5 }, Tally { yes: 5, of: 5 }, Tally { yes: 0, of: 5 }];
//! let comply = rate(&free).expect("something was counted");
//! assert_eq!((comply.yes, comply.of, comply.prompts), (7, 15, 3));
//!
//! let pairs: Vec<Pair> = paid.into_iter().zip(free).map(|(from, to)| Pair { from, to }).collect();
//! let gap = paired_difference(&pairs, 7).expect("three prompts have both sides");
//! assert!((gap.value - 0.4).abs() < 1e-12 && gap.interval.contains(gap.value));
//! assert_eq!(holm(&[gap.p, 0.01]), [0.5, 0.02]);
//! ```

mod agreement;
mod binomial;
mod bounds;
mod caution;
mod corrected;
mod corrected_side;
mod difference;
mod family;
mod gap;
mod gap_bounds;
mod hypergeometric;
mod interval;
mod judge_error;
mod looks;
mod mantel_haenszel;
mod mean;
mod mean_bounds;
mod mean_difference;
mod paired;
mod power;
mod quantile;
mod rate;
mod ratio;
mod sign_flip;
mod suite;
mod tally;
mod unpaired;

pub use agreement::fleiss_kappa;
pub use binomial::binomial_at_least;
pub use bounds::{
    Missing, PairMissing, QuadMissing, difference_of_differences_bounds, paired_difference_bounds,
    rate_bounds, suite_difference_bounds, suite_difference_of_differences_bounds,
    suite_rate_bounds,
};
pub use caution::Caution;
pub use corrected::{
    Audited, Corrected, CorrectedDifference, corrected_difference, corrected_rate,
};
pub use difference::{Difference, Pair, Quad, Test, difference_of_differences, paired_difference};
pub use family::holm;
pub use gap::{Gap, mean_gap, normal_tail, paired_gap, suite_gap};
pub use gap_bounds::{GapBounds, mean_gap_bounds, paired_gap_bounds, suite_gap_bounds};
pub use hypergeometric::hypergeometric_exact;
pub use interval::{CONFIDENCE, Interval, clopper_pearson, wilson};
pub use judge_error::{Confusion, sensitivity, specificity};
pub use looks::{Spending, look_bounds, spent};
pub use mantel_haenszel::{mantel_haenszel, mantel_haenszel_exact};
pub use mean::{Mean, Sum, mean};
pub use mean_bounds::{
    MissingSum, mean_bounds, mean_difference_bounds, mean_difference_of_differences_bounds,
};
pub use mean_difference::{MeanDifference, mean_difference, mean_difference_of_differences};
pub use power::detectable;
pub use quantile::{beta_quantile, normal_quantile, t_quantile};
pub use rate::{Method, Rate, clustered_standard_error, rate};
pub use ratio::{Ratio, RatioInterval, ratio};
pub use sign_flip::{Flips, mcnemar_exact};
pub use suite::{suite_difference, suite_difference_of_differences, suite_rate};
pub use tally::Tally;
pub use unpaired::{binomial_standard_error, unpaired_difference};
