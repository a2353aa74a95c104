//! Coverage and size for fixed suites: the prompts stay, and only their answers are drawn again.

use iago_statistics::{
    Pair, Quad, Tally, suite_difference, suite_difference_of_differences, suite_rate,
};

use crate::dice::{Design, Dice};
use crate::share::{Coverages, in_parallel, shares};

const SHAPES: [(u32, u32); 8] =
    [(5, 5), (20, 1), (20, 2), (20, 5), (20, 10), (50, 5), (100, 1), (100, 3)];
/// How much prompts differ: not at all, much, and nearly always saying the same.
const CORRELATIONS: [f64; 3] = [0.0, 0.5, 0.95];
/// Rates of `from` and `to`, on average over the suite.
const RATES: [(f64, f64); 6] =
    [(0.0, 0.01), (0.01, 0.03), (0.028, 0.142), (0.142, 0.142), (0.5, 0.5), (0.784, 0.07)];

pub(crate) fn print() {
    println!(
        "| prompts x repeats | rate | short | gap | short | gap of gaps | short | size, nothing \
         differs | size, differences cancel | size, gap of gaps |"
    );
    println!("|---|{}", "---|".repeat(9));
    let rows = in_parallel(&SHAPES, |shape| measure(*shape));
    for ((prompts, repeats), row) in SHAPES.iter().zip(rows) {
        println!("| {prompts} x {repeats} | {row} |");
    }
    println!();
}

#[derive(Default)]
struct Row {
    rates: Vec<f64>,
    gaps: Vec<f64>,
    gaps_of_gaps: Vec<f64>,
    /// The largest shares of p at most 0.05 where nothing differs, where differences cancel, and where
    /// a difference of differences is zero.
    sizes: [f64; 3],
}

impl std::fmt::Display for Row {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let cover = |shares: &Vec<f64>| Coverages(shares.clone()).to_string();
        let sizes = self.sizes.map(|size| format!("{:.1}", 100.0 * size)).join(" | ");
        let [rates, gaps] = [&self.rates, &self.gaps].map(cover);
        write!(f, "{rates} | {gaps} | {} | {sizes}", cover(&self.gaps_of_gaps))
    }
}

fn measure((prompts, repeats): (u32, u32)) -> Row {
    let mut row = Row::default();
    let settings = CORRELATIONS.into_iter().flat_map(|c| RATES.map(|rates| (c, rates)));
    for (seed, (correlation, (from, to))) in (100_u64..).zip(settings) {
        let design = Design::new(prompts, repeats, correlation);
        let mut dice = Dice::new(seed);
        let [one, other, third, fourth] =
            [from, to, to, to].map(|rate| propensities(&mut dice, design, rate));
        let (from, to) = (&one, &other);
        let truth = mean(to) - mean(from);
        let [rate, gap, twins, cancelling, gaps, gaps_size] = shares(seed, |dice| {
            let found = suite_difference(&pairs(dice, from, to, repeats)).expect("all paired");
            let rated = suite_rate(&draw(dice, to, repeats)).expect("something was counted");
            let same = suite_difference(&pairs(dice, to, to, repeats)).expect("all paired");
            let turned: Vec<f64> = third.iter().rev().copied().collect();
            let cancel = suite_difference(&pairs(dice, &third, &turned, repeats));
            let quads = quads(dice, [from, to, &third, &fourth], repeats);
            let more = suite_difference_of_differences(&quads).expect("all paired");
            let level = self::quads(dice, [to, &third, to, &third], repeats);
            let level = suite_difference_of_differences(&level).expect("all paired");
            [
                rated.interval.contains(mean(to)),
                found.interval.contains(truth),
                same.p <= 0.05,
                cancel.is_some_and(|found| found.p <= 0.05),
                more.interval.contains(truth - (mean(&fourth) - mean(&third))),
                level.p <= 0.05,
            ]
        });
        row.rates.push(rate);
        row.gaps.push(gap);
        row.gaps_of_gaps.push(gaps);
        for (size, found) in row.sizes.iter_mut().zip([twins, cancelling, gaps_size]) {
            *size = size.max(found);
        }
    }
    row
}

/// The propensity of each prompt of one suite: the limit of an urn after many draws.
fn propensities(dice: &mut Dice, design: Design, rate: f64) -> Vec<f64> {
    let limit = |_| {
        let tally = design.urn(rate).tally(dice, 2_000);
        if design.correlation == 0.0 { rate } else { f64::from(tally.yes) / f64::from(tally.of) }
    };
    (0..design.prompts).map(limit).collect()
}

fn mean(propensities: &[f64]) -> f64 {
    propensities.iter().sum::<f64>() / propensities.len() as f64
}

fn draw(dice: &mut Dice, propensities: &[f64], repeats: u32) -> Vec<Tally> {
    let mut prompt = |p: &f64| {
        let yes = (0..repeats).map(|_| u32::from(dice.chance(*p))).sum();
        Tally { yes, of: repeats }
    };
    propensities.iter().map(&mut prompt).collect()
}

fn pairs(dice: &mut Dice, from: &[f64], to: &[f64], repeats: u32) -> Vec<Pair> {
    let from = draw(dice, from, repeats);
    from.into_iter().zip(draw(dice, to, repeats)).map(|(from, to)| Pair { from, to }).collect()
}

fn quads(dice: &mut Dice, sides: [&Vec<f64>; 4], repeats: u32) -> Vec<Quad> {
    let [from, to, less_from, less_to] = sides;
    let minuends = pairs(dice, from, to, repeats);
    let subtrahends = pairs(dice, less_from, less_to, repeats);
    let both = minuends.into_iter().zip(subtrahends);
    both.map(|(minuend, subtrahend)| Quad { minuend, subtrahend }).collect()
}
