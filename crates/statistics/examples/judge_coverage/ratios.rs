//! Coverage of ratios.

use iago_statistics::{Pair, RatioInterval, ratio};

use crate::dice::{Design, Dice};
use crate::share::{Coverages, in_parallel, shares};

const DESIGNS: [Design; 22] = [
    Design::new(10, 5, 0.3),
    Design::new(20, 1, 0.0),
    Design::new(20, 5, 0.0),
    Design::new(20, 5, 0.3),
    Design::new(20, 5, 0.6),
    Design::new(50, 1, 0.0),
    Design::new(50, 5, 0.0),
    Design::new(50, 5, 0.3),
    Design::new(50, 5, 0.6),
    Design::new(50, 10, 0.6),
    Design::new(100, 1, 0.0),
    Design::new(100, 5, 0.0),
    Design::new(100, 5, 0.3),
    Design::new(100, 5, 0.6),
    Design::new(100, 10, 0.3),
    Design::new(100, 10, 0.6),
    Design::new(300, 1, 0.0),
    Design::new(300, 3, 0.0),
    Design::new(300, 3, 0.3),
    Design::new(300, 3, 0.6),
    Design::new(1000, 1, 0.0),
    Design::new(1000, 3, 0.6),
];
/// Rates of `from` and `to`.
const RATES: [(f64, f64); 13] = [
    (0.001, 0.001),
    (0.001, 0.01),
    (0.01, 0.01),
    (0.01, 0.03),
    (0.01, 0.5),
    (0.028, 0.142),
    (0.142, 0.028),
    (0.142, 0.142),
    (0.3, 0.5),
    (0.5, 0.5),
    (0.5, 0.05),
    (0.784, 0.07),
    (0.9, 0.99),
];

pub(crate) fn print() {
    println!("| prompts x repeats | correlation | lowest | short | bounded at 2.8, 14.2 |");
    println!("|---|---|---|---|---|");
    let found = in_parallel(&DESIGNS, |design| {
        let results = RATES.map(|rates| measure(*design, rates));
        let bounded = results[5][1];
        (Coverages(results.map(|[covered, _]| covered).to_vec()), bounded)
    });
    for (design, (covered, bounded)) in DESIGNS.iter().zip(found) {
        println!("| {design} | {covered} | {:.0} |", 100.0 * bounded);
    }
    println!();
}

/// How often the interval covers, and how often it has both ends.
fn measure(design: Design, (from, to): (f64, f64)) -> [f64; 2] {
    shares(13, |dice| {
        let found = ratio(&draw(dice, design, (from, to))).expect("all are paired");
        let covered = match found.interval {
            RatioInterval::Bounded(interval) => interval.contains(to / from),
            RatioInterval::AtLeast(low) => low <= to / from,
            RatioInterval::Unbounded => true,
        };
        [covered, matches!(found.interval, RatioInterval::Bounded(_))]
    })
}

fn draw(dice: &mut Dice, design: Design, (from, to): (f64, f64)) -> Vec<Pair> {
    let mut side = |rate| design.urn(rate).tally(dice, design.repeats);
    (0..design.prompts).map(|_| Pair { from: side(from), to: side(to) }).collect()
}
