//! How far what is missing could move a comparison, so that more of it never makes a claim easier.
//!
//! Each missing answer may have been yes, no, or never have counted. The ends are no less extreme than the
//! interval of any such completion: the value is that of the most extreme one, the standard error and the lean
//! are at least the largest that any has, and a caution that any has is set. Completions alone do not do:
//! filled with like answers, a cell looks more certain than it was, and one answer less could turn a claim that
//! could not be made into one that can.

mod suite_lean;

use suite_lean::most_suite_lean;

use crate::bounds::{Missing, PairMissing};
use crate::caution::Caution;
use crate::difference::Pair;
use crate::gap::{
    Gap, lean, mean_gap, over_means, over_prompts, paired_gap, pseudo_answers, pseudo_square,
    squares_about, suite_gap, within_prompts,
};
use crate::interval::Interval;
use crate::mean::Sum;
use crate::mean_bounds::MissingSum;
use crate::tally::Tally;

/// The least and the most that a gap can be, whatever the missing answers were.
///
/// Each end has its own value and the largest standard error: judge what must not be too high by `highest`,
/// and what must not be too low by `lowest`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GapBounds {
    pub lowest: Gap,
    pub highest: Gap,
}

/// The bounds of [`paired_gap`]: with nothing missing, the gap itself. `None` when no pair has an answer on
/// both sides.
pub fn paired_gap_bounds(pairs: &[PairMissing], scale: f64) -> Option<GapBounds> {
    if is_complete(pairs) {
        return paired_gap(&seen(pairs), scale).map(GapBounds::exactly);
    }
    let ranges = Ranges::of(pairs.iter().filter_map(|pair| Range::of_tallies(*pair, scale)));
    let squares = ranges.most_squares();
    let bounds =
        ranges.bounds(|value, prompts| over_prompts(value, squares, pseudo_square(scale), prompts));
    let least_pseudo = 2.0 * pseudo_square(scale) * least_typical_inverse(pairs);
    bounds.map(|bounds| bounds.leaning(&ranges, least_pseudo))
}

/// The bounds of [`suite_gap`]: with nothing missing, the gap itself. `None` when no pair has an answer on
/// both sides.
pub fn suite_gap_bounds(pairs: &[PairMissing], scale: f64) -> Option<GapBounds> {
    if is_complete(pairs) {
        return suite_gap(&seen(pairs), scale).map(GapBounds::exactly);
    }
    let could_count: Vec<PairMissing> = pairs
        .iter()
        .copied()
        .filter(|pair| could_answer(pair.from) && could_answer(pair.to))
        .collect();
    let side = |read: fn(&PairMissing) -> Missing| could_count.iter().map(read).collect::<Vec<_>>();
    let (to, from) = (side(|pair| pair.to), side(|pair| pair.from));
    let pseudo = pseudo_answers(scale) * most_typical_inverse(&could_count).powi(2);
    let variance = most_within(&to) + scale * scale * most_within(&from) + pseudo;
    let ranges = Ranges::of(pairs.iter().filter_map(|pair| Range::of_tallies(*pair, scale)));
    let bounds = ranges.bounds(|value, prompts| within_prompts(value, variance, prompts))?;
    let least_pseudo = pseudo_answers(scale) * least_typical_inverse(&could_count).powi(2);
    let lean = |sign: f64| most_suite_lean(&could_count, sign, scale, least_pseudo);
    Some(GapBounds {
        lowest: Gap { lean: -lean(-1.0), ..bounds.lowest },
        highest: Gap { lean: lean(1.0), ..bounds.highest },
    })
}

/// The bounds of [`mean_gap`]: with nothing missing, the gap itself. `limits` are the lowest and the
/// highest value that there can be. `None` when no pair has a number on both sides, and where a sum is not
/// finite.
pub fn mean_gap_bounds(
    pairs: &[Pair<MissingSum>],
    limits: Interval,
    scale: f64,
) -> Option<GapBounds> {
    let sums: Vec<Pair<Sum>> = pairs.iter().map(|pair| pair.map(MissingSum::seen)).collect();
    let found = mean_gap(&sums, scale)?;
    if pairs.iter().all(|pair| pair.from.missing == 0 && pair.to.missing == 0) {
        return Some(GapBounds::exactly(found));
    }
    let ranges = Ranges::of(pairs.iter().filter_map(|pair| Range::of_sums(*pair, limits, scale)));
    let squares = ranges.most_squares();
    let bounds = ranges.bounds(|value, prompts| over_means(value, squares, prompts))?;
    let GapBounds { lowest, highest } = bounds.leaning(&ranges, 0.0);
    let most_lean = highest.lean.max(-lowest.lean);
    let caution = found.caution.or_else(|| Caution::on_any_mean(&ranges.0, most_lean));
    Some(GapBounds { lowest: Gap { caution, ..lowest }, highest: Gap { caution, ..highest } })
}

impl GapBounds {
    fn exactly(gap: Gap) -> Self {
        Self { lowest: gap, highest: gap }
    }

    /// `pseudo` is added to the squares whatever is missing.
    fn leaning(self, ranges: &Ranges, pseudo: f64) -> Self {
        let Self { lowest, highest } = self;
        Self {
            lowest: Gap {
                lean: -ranges.most_lean(pseudo, |range| (-range.high, -range.low)),
                ..lowest
            },
            highest: Gap {
                lean: ranges.most_lean(pseudo, |range| (range.low, range.high)),
                ..highest
            },
        }
    }
}

impl<T> Pair<T> {
    fn map<U>(self, change: impl Fn(T) -> U) -> Pair<U> {
        Pair { from: change(self.from), to: change(self.to) }
    }
}

impl MissingSum {
    fn seen(self) -> Sum {
        Sum { total: self.total, of: self.of }
    }
}

fn is_complete(pairs: &[PairMissing]) -> bool {
    pairs.iter().all(|pair| pair.from.missing == 0 && pair.to.missing == 0)
}

fn seen(pairs: &[PairMissing]) -> Vec<Pair> {
    let tally = |Missing { yes, of, .. }| Tally { yes, of };
    pairs.iter().map(|pair| pair.map(tally)).collect()
}

fn is_certain(pair: &PairMissing) -> bool {
    pair.from.of > 0 && pair.to.of > 0
}

fn could_answer(side: Missing) -> bool {
    side.of > 0 || side.missing > 0
}

/// Where the difference of one prompt could lie.
#[derive(Clone, Copy)]
pub(crate) struct Range {
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Neither side is empty, so that it counts whatever the missing answers were.
    pub(crate) certain: bool,
}

impl Range {
    /// `None` for a prompt that could not be paired even then.
    fn of_tallies(pair: PairMissing, scale: f64) -> Option<Self> {
        let rate = |side: Missing| {
            let all = f64::from(side.of) + f64::from(side.missing);
            let low = f64::from(side.yes) / all;
            could_answer(side).then(|| (low, low + f64::from(side.missing) / all))
        };
        let certain = pair.from.of > 0 && pair.to.of > 0;
        Some(Self::difference(rate(pair.to)?, rate(pair.from)?, scale, certain))
    }

    fn of_sums(pair: Pair<MissingSum>, limits: Interval, scale: f64) -> Option<Self> {
        let mean = |side: MissingSum| {
            let all = f64::from(side.of) + f64::from(side.missing);
            let filled = |value: f64| (side.total + value * f64::from(side.missing)) / all;
            (all > 0.0).then(|| (filled(limits.low), filled(limits.high)))
        };
        let certain = pair.from.of > 0 && pair.to.of > 0;
        Some(Self::difference(mean(pair.to)?, mean(pair.from)?, scale, certain))
    }

    fn difference(to: (f64, f64), from: (f64, f64), scale: f64, certain: bool) -> Self {
        let (one, other) = (scale * from.0, scale * from.1);
        Self { low: to.0 - one.max(other), high: to.1 - one.min(other), certain }
    }

    fn farthest_from(self, centre: f64) -> f64 {
        if centre - self.low > self.high - centre { self.low } else { self.high }
    }
}

struct Ranges(Vec<Range>);

impl Ranges {
    fn of(ranges: impl Iterator<Item = Range>) -> Self {
        Self(ranges.collect())
    }

    /// From `gap`, which makes one of a value and the number of prompts that count in any case.
    fn bounds(&self, gap: impl Fn(f64, usize) -> Gap) -> Option<GapBounds> {
        let prompts = self.0.iter().filter(|range| range.certain).count();
        (prompts > 0).then(|| GapBounds {
            lowest: gap(-self.highest_mean(|range| -range.low), prompts),
            highest: gap(self.highest_mean(|range| range.high), prompts),
        })
    }

    fn highest_mean(&self, value: impl Fn(&Range) -> f64) -> f64 {
        highest_mean(self.0.iter().map(|range| (value(range), range.certain)))
    }

    /// No less than the lean of any completion, of differences that lie from the first to the second number:
    /// the cubes of the highest about the lowest mean, and no more squares than what is known has.
    fn most_lean(&self, pseudo: f64, ends: impl Fn(&Range) -> (f64, f64)) -> f64 {
        let lowest_mean = -self.highest_mean(|range| -ends(range).0);
        let cube = |range: &Range| {
            let cube = (ends(range).1 - lowest_mean).powi(3);
            if range.certain { cube } else { cube.max(0.0) }
        };
        let known: Vec<f64> =
            self.0.iter().filter(|r| r.low == r.high && r.certain).map(|r| r.low).collect();
        let mean = known.iter().sum::<f64>() / known.len().max(1) as f64;
        let squares = squares_about(mean, &known) + pseudo;
        let cubes: f64 = self.0.iter().map(cube).sum();
        if squares > 0.0 { lean(cubes, squares) } else { f64::from(u8::from(cubes > 0.0)) }
    }

    /// No less than the sum of squares of any completion about its own mean: the least over all centres of
    /// the sum of farthest squares. That sum is convex, so its slope is followed to where it turns.
    fn most_squares(&self) -> f64 {
        /// Each halves what is left: far beyond the last digit.
        const STEPS: u32 = 80;
        let (known, open): (Vec<&Range>, Vec<&Range>) =
            self.0.iter().partition(|range| range.low == range.high);
        let (count, sum) = (known.len() as f64, known.iter().map(|range| range.low).sum::<f64>());
        let slope = |centre: f64| {
            let open = open.iter().map(|range| centre - range.farthest_from(centre));
            count * centre - sum + open.sum::<f64>()
        };
        let ends = self.0.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), range| {
            (low.min(range.low), high.max(range.high))
        });
        let (mut low, mut high) = ends;
        for _ in 0..STEPS {
            let middle = 0.5 * (low + high);
            if slope(middle) > 0.0 { high = middle } else { low = middle }
        }
        let centre = 0.5 * (low + high);
        self.0.iter().map(|range| (range.farthest_from(centre) - centre).powi(2)).sum()
    }
}

/// The largest mean of values of which those that are not certain may be left out.
fn highest_mean(values: impl Iterator<Item = (f64, bool)>) -> f64 {
    let (certain, mut open): (Vec<_>, Vec<_>) = values.partition(|(_, certain)| *certain);
    open.sort_by(|(a, _), (b, _)| b.total_cmp(a));
    let (mut sum, mut of) = (certain.iter().map(|(value, _)| value).sum::<f64>(), certain.len());
    for (more, _) in open {
        if more * of as f64 <= sum {
            break;
        }
        sum += more;
        of += 1;
    }
    sum / of as f64
}

/// The most that the mean of one over the repeats can be, where a side without any answer had one at least.
fn most_typical_inverse(pairs: &[PairMissing]) -> f64 {
    let inverse = |side: Missing| 1.0 / f64::from(side.of.max(1));
    let of_pair = |pair: &PairMissing| 0.5 * (inverse(pair.from) + inverse(pair.to));
    highest_mean(pairs.iter().map(|pair| (of_pair(pair), is_certain(pair))))
}

/// The least that the mean of one over the repeats can be.
fn least_typical_inverse(pairs: &[PairMissing]) -> f64 {
    let inverse = |side: Missing| 1.0 / (f64::from(side.of) + f64::from(side.missing));
    let of_pair = |pair: &PairMissing| 0.5 * (inverse(pair.from) + inverse(pair.to));
    let could_count = pairs.iter().filter(|pair| could_answer(pair.from) && could_answer(pair.to));
    -highest_mean(could_count.map(|pair| (-of_pair(pair), is_certain(pair))))
}

/// The most that [`within`](crate::suite::within) can be on one side. Prompts that may have one answer
/// count with those asked once, and again for what they are with more.
fn most_within(sides: &[Missing]) -> f64 {
    let often: f64 = sides.iter().map(|side| most_of_prompt(*side)).sum();
    let once: Vec<&Missing> = sides.iter().filter(|side| side.of <= 1).collect();
    often + most_of_once(&once)
}

/// The most that `p(1 − p)/(n − 1)` can be with at least two answers. With twice as many as were seen half
/// of them can be yes, and from there on it only falls.
fn most_of_prompt(Missing { yes, of, missing }: Missing) -> f64 {
    let sizes = of.max(2)..=of.saturating_add(missing.min(of.saturating_add(2)));
    let at = |answers: u32| {
        let least = f64::from(yes);
        let most = least + f64::from(answers - of);
        let (all, half) = (f64::from(answers), 0.5 * f64::from(answers));
        let near = [half.floor(), half.ceil()].map(|yes| yes.clamp(least, most));
        let variance = near.map(|yes| yes * (all - yes)).into_iter().fold(0.0, f64::max);
        variance / (all * all * (all - 1.0))
    };
    sizes.map(at).fold(0.0, f64::max)
}

/// The most that as many single answers can vary, around one common rate.
fn most_of_once(once: &[&Missing]) -> f64 {
    if once.is_empty() {
        return 0.0;
    }
    let all = once.len() as f64;
    let yes: f64 = once.iter().map(|side| f64::from(side.yes)).sum();
    let open = once.iter().filter(|side| side.of == 0).count() as f64;
    let yes = (0.5 * all).clamp(yes, yes + open);
    if all < 2.0 { 0.25 } else { (yes * (all - yes) / (all - 1.0)).max(0.25) }
}
