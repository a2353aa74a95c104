//! How lopsided the draws of a fixed suite could be, whatever the missing answers were.

use super::{is_certain, is_complete, most_of_prompt, seen};
use crate::bounds::{Missing, PairMissing};
use crate::difference::Pair;
use crate::gap::third_moment;
use crate::tally::Tally;

/// No less than the lean of any completion, with its sign turned where `sign` is −1. It is not the most cubes
/// over the largest error: where claims get hard a lean moves an end all at once, and then a smaller error with
/// more of a lean may end farther out.
///
/// A power of 3/2 lies above its tangents, so cubes that are below λ times one of them, taken at any variance,
/// are those of a lean of λ at most. The best of a few variances will do; they are always out of one series,
/// so that more missing never finds a better one.
pub(super) fn most_suite_lean(pairs: &[PairMissing], sign: f64, scale: f64, pseudo: f64) -> f64 {
    let (to, from): (Vec<Missing>, Vec<Missing>) =
        pairs.iter().filter(|pair| is_certain(pair)).map(|pair| (pair.to, pair.from)).unzip();
    let both = |least: fn(&[Missing]) -> f64| least(&to) + scale * scale * least(&from);
    let floor = pseudo + both(least_of_once);
    let least = floor + both(|side| side.iter().map(|one| least_of_prompt(*one)).sum());
    let first = (2.0 * least.log2()).floor();
    let variances = (0_u8..=4).map(|step| (0.5 * (first + f64::from(step))).exp2());
    let lean = |variance: f64| {
        let slope = 1.5 * variance.sqrt();
        most_pull(pairs, sign, scale, floor - variance / 3.0, slope) / slope
    };
    // From three times the least on, a tangent is below zero at the least.
    variances.filter(|variance| *variance < 3.0 * least).map(lean).fold(1.0, f64::min)
}

/// The least that those can vary that are asked once: no less than those of them that surely are.
fn least_of_once(sides: &[Missing]) -> f64 {
    let once = sides.iter().filter(|side| side.of == 1 && side.missing == 0);
    let (yes, all) =
        once.fold((0.0, 0.0), |(yes, all), side| (yes + f64::from(side.yes), all + 1.0));
    if all < 2.0 { 0.0 } else { yes * (all - yes) / (all - 1.0) }
}

/// The least that `p(1 − p)/(n − 1)` can be of a prompt with two answers or more. It is concave in what is
/// added of one kind, and rises before it falls in how much: the least is at an end of both.
fn least_of_prompt(Missing { yes, of, missing }: Missing) -> f64 {
    let all = of.saturating_add(missing);
    let ways = [(yes, of), (yes, all), (yes + (all - of), all)];
    let variance = |(yes, of)| variance_of_often(Tally { yes, of });
    if of < 2 { 0.0 } else { ways.into_iter().map(variance).fold(f64::INFINITY, f64::min) }
}

/// The most that cubes over squares can be, up to `limit`, with the cubes times `sign` and `more` squares. Every
/// prompt is at liberty to take the completion that makes most of it (Dinkelbach 1967). Prompts asked once
/// have no cubes, and are left out of the squares.
fn most_pull(pairs: &[PairMissing], sign: f64, scale: f64, more: f64, limit: f64) -> f64 {
    /// Each halves what is left.
    const STEPS: u32 = 50;
    let factors = (sign, -sign * scale.powi(3));
    let (known, open): (Vec<PairMissing>, Vec<PairMissing>) =
        pairs.iter().partition(|pair| is_complete(&[**pair]));
    let cubes: f64 = seen(&known).iter().map(|pair| cubes_of_pair(pair, factors)).sum();
    let squares: f64 = seen(&known).iter().map(|pair| squares_of_pair(pair, scale)).sum();
    let excess = |pull: f64| -> f64 {
        let of_pair = |pair: &PairMissing| {
            let to = most_excess(pair.to, factors.0, pull);
            let both = to + most_excess(pair.from, factors.1, pull * scale * scale);
            if is_certain(pair) { both } else { both.max(0.0) }
        };
        cubes - pull * (squares + more) + open.iter().map(of_pair).sum::<f64>()
    };
    let (mut low, mut high) = (0.0, limit);
    for _ in 0..STEPS {
        let middle = 0.5 * (low + high);
        if excess(middle) > 0.0 { low = middle } else { high = middle }
    }
    high
}

fn cubes_of_pair(pair: &Pair, (to, from): (f64, f64)) -> f64 {
    to * third_moment(pair.to) + from * third_moment(pair.from)
}

fn squares_of_pair(pair: &Pair, scale: f64) -> f64 {
    variance_of_often(pair.to) + scale * scale * variance_of_often(pair.from)
}

/// Of a prompt's proportion, as it shows in two answers or more.
fn variance_of_often(tally: Tally) -> f64 {
    if tally.of < 2 {
        0.0
    } else {
        most_of_prompt(Missing { yes: tally.yes, of: tally.of, missing: 0 })
    }
}

/// The most that `factor` times the third moment of a prompt less `price` times its variance can be. With
/// many answers both are next to nothing.
fn most_excess(Missing { yes, of, missing }: Missing, factor: f64, price: f64) -> f64 {
    let more = 0..=missing.min(2 * of.saturating_add(3));
    let ways = more.flat_map(|more| (0..=more).map(move |hits| (yes + hits, of + more)));
    let excess = |(yes, of)| {
        let tally = Tally { yes, of };
        factor * third_moment(tally) - price * variance_of_often(tally)
    };
    ways.map(excess).fold(f64::NEG_INFINITY, f64::max)
}
