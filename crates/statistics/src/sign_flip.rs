//! p-values of paired differences: sign flips over prompts, and the exact McNemar test.
//!
//! If a factor changes nothing, each prompt's difference is as likely to have come out with the
//! other sign. The p-value is the share of sign patterns whose sum is at least as far from zero as
//! the one seen (Fisher 1935). A factor that leaves the rate as it is but makes the differences
//! lopsided is not of that kind. Prompts are flipped, not repeats, so that correlation inside a prompt
//! is harmless. Differences of zero do not matter.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};
use statrs::function::beta::beta_reg;

use crate::paired::greatest_common_divisor;

/// Flips drawn when the exact distribution is out of reach; the smallest p is then 1 in 20,001.
const FLIPS: u32 = 20_000;
/// Differences up to which all sign patterns are tried.
const ENUMERATED_MAX: usize = 16;
/// Bounds on time (additions) and memory (8 bytes each) of the exact distribution of the sum.
const ADDITIONS_MAX: u64 = 1 << 26;
const SPAN_MAX: u64 = 1 << 22;

/// How a sign-flip p-value was computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flips {
    /// Over all sign patterns.
    Exact,
    /// Over this many random sign patterns, the one seen counted as one more (Phipson and Smyth
    /// 2010), so that p is never zero and the test never too liberal.
    Sampled(u32),
}

/// The two-sided exact McNemar test (McNemar 1947): of the prompts that changed, is half the share
/// that changed to yes?
///
/// `min(1, 2 · P(X ≤ min(gained, lost)))` with X binomial(gained + lost, ½). Valid only when every
/// prompt was asked once on each side; over (prompt, repeat) pairs its size reaches 25% and more.
pub fn mcnemar_exact(gained: u64, lost: u64) -> f64 {
    let (fewer, more) = (gained.min(lost) as f64, gained.max(lost) as f64);
    if fewer == more {
        return 1.0;
    }
    (2.0 * beta_reg(more, fewer + 1.0, 0.5)).clamp(f64::MIN_POSITIVE, 1.0)
}

/// The two-sided p-value of the sum of `differences`, exact where that is affordable.
///
/// `whole` are the same differences as multiples of a common unit, if there is a useful one.
pub(crate) fn sign_flip(differences: &[f64], whole: Option<&[i64]>, seed: u64) -> (f64, Flips) {
    let observed = differences.iter().sum::<f64>().abs();
    let moved: Vec<f64> = differences.iter().map(|d| d.abs()).filter(|d| *d > 0.0).collect();
    let (p, flips) = if let Some(p) = whole.and_then(exact_on_lattice) {
        (p, Flips::Exact)
    } else if moved.len() <= ENUMERATED_MAX {
        (enumerate(&moved, observed), Flips::Exact)
    } else {
        (sample(&moved, observed, FLIPS, seed), Flips::Sampled(FLIPS))
    };
    (p.clamp(f64::MIN_POSITIVE, 1.0), flips)
}

/// The exact p-value through the distribution of the sum, built one difference at a time; `None`
/// when that distribution is too wide.
///
/// With A the sum of the absolute differences and T the total of those flipped to plus, the signed
/// sum is 2T − A, and symmetric. So p = 2 P(T ≥ (A + observed)/2).
fn exact_on_lattice(whole: &[i64]) -> Option<f64> {
    let observed = whole.iter().sum::<i64>().unsigned_abs();
    if observed == 0 {
        return Some(1.0);
    }
    let unit =
        whole.iter().fold(0, |unit, d| greatest_common_divisor(d.abs(), unit)).unsigned_abs();
    let moved: Vec<u64> =
        whole.iter().filter(|d| **d != 0).map(|d| d.unsigned_abs() / unit).collect();
    let span: u64 = moved.iter().sum();
    if span > SPAN_MAX || span * moved.len() as u64 > ADDITIONS_MAX {
        return None;
    }
    let chance = distribution_of_positives(&moved);
    let from = (span + observed / unit) / 2;
    Some(2.0 * chance.iter().zip(0..).filter(|(_, t)| *t >= from).map(|(p, _)| p).sum::<f64>())
}

/// P(T = t) from t = 0 up, where each of `moved` joins T with probability one half.
fn distribution_of_positives(moved: &[u64]) -> Vec<f64> {
    let mut chance = vec![1.0];
    for &step in moved {
        let stays = chance.iter().copied().chain(zeros(step));
        let joins = zeros(step).chain(chance.iter().copied());
        chance = stays.zip(joins).map(|(stays, joins): (f64, f64)| 0.5 * (stays + joins)).collect();
    }
    chance
}

fn zeros(count: u64) -> impl Iterator<Item = f64> {
    (0..count).map(|_| 0.0)
}

fn enumerate(moved: &[f64], observed: f64) -> f64 {
    let extreme = observed - tolerance(moved);
    let patterns = 1_u64 << moved.len();
    let reached = (0..patterns).filter(|signs| signed_sum(moved, *signs).abs() >= extreme).count();
    reached as f64 / patterns as f64
}

fn sample(moved: &[f64], observed: f64, flips: u32, seed: u64) -> f64 {
    let extreme = observed - tolerance(moved);
    let mut generator = ChaCha8Rng::from_seed(expand(seed));
    let mut flip =
        || -> f64 { moved.chunks(64).map(|chunk| signed_sum(chunk, generator.next_u64())).sum() };
    let reached = (0..flips).filter(|_| flip().abs() >= extreme).count();
    (reached as f64 + 1.0) / (f64::from(flips) + 1.0)
}

/// The sum with the i-th of up to 64 values negated where bit i is set.
fn signed_sum(values: &[f64], signs: u64) -> f64 {
    values.iter().enumerate().map(|(i, v)| if signs >> i & 1 == 1 { -v } else { *v }).sum()
}

/// Sums that are equal on paper may differ by rounding, and a tie must count as extreme.
fn tolerance(moved: &[f64]) -> f64 {
    1e-12 * moved.iter().sum::<f64>()
}

/// A seed of 32 bytes with a layout that no dependency can change.
fn expand(seed: u64) -> [u8; 32] {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fifths, with ties and zeros: 14 that moved.
    const WHOLE: [i64; 16] = [3, -1, 2, 2, 0, 5, -2, 1, 1, -4, 3, 2, 0, 1, -1, 4];

    fn fifths() -> Vec<f64> {
        WHOLE.iter().map(|d| *d as f64 / 5.0).collect()
    }

    #[test]
    fn the_exact_distribution_agrees_with_trying_every_pattern() {
        let on_lattice = exact_on_lattice(&WHOLE).unwrap();
        let (enumerated, flips) = sign_flip(&fifths(), None, 1);
        assert_eq!(flips, Flips::Exact);
        assert!((on_lattice - enumerated).abs() < 1e-12, "{on_lattice} or {enumerated}");
        assert!(on_lattice > 0.01 && on_lattice < 0.5);
    }

    #[test]
    fn random_patterns_agree_with_all_patterns() {
        let moved: Vec<f64> = fifths().iter().map(|d| d.abs()).collect();
        let exact = exact_on_lattice(&WHOLE).unwrap();
        let sampled = sample(&moved, fifths().iter().sum::<f64>().abs(), 100_000, 3);
        let five_errors = 5.0 * (exact * (1.0 - exact) / 100_000.0).sqrt();
        assert!((sampled - exact).abs() < five_errors, "{sampled} or {exact}");
    }

    #[test]
    fn more_differences_than_one_word_of_signs_are_flipped_independently() {
        // 130 equal differences, balanced but for 20: two standard deviations are 22.8.
        let moved = [1.0; 130];
        let exact = exact_on_lattice(&[vec![1; 75], vec![-1; 55]].concat()).unwrap();
        let sampled = sample(&moved, 20.0, 100_000, 3);
        let five_errors = 5.0 * (exact * (1.0 - exact) / 100_000.0).sqrt();
        assert!((sampled - exact).abs() < five_errors, "{sampled} or {exact}");
    }

    #[test]
    fn sampled_p_values_are_never_zero() {
        assert_eq!(sample(&[1.0; 64], 64.0, 99, 3), 0.01);
    }

    #[test]
    fn a_distribution_too_wide_to_hold_is_not_computed() {
        assert_eq!(exact_on_lattice(&[1, i64::from(u32::MAX)]), None);
    }
}
