//! The power of the paired test at the difference that a sweep says could be detected.

use iago_statistics::{Pair, paired_difference};
use rand_chacha::ChaCha8Rng;

use crate::sampler::{Chances, Design};
use crate::simulate::{Outcome, Sweep};
use crate::table::{Table, designs, points, power};

const RATES: [f64; 5] = [0.0, 0.03, 0.14, 0.5, 0.9];

pub(crate) fn powers_of_gaps() -> Table {
    let rows = designs(&[20, 100], &[1, 5], &[0.0, 0.6]);
    let fill = |design: Design| RATES.iter().map(|rate| find(design, *rate)).collect();
    Table {
        title: "Power at the gap that could be detected",
        stub: "prompts | repeats | correlation",
        columns: RATES.iter().map(|rate| format!("from {}%", points(*rate))).collect(),
        rows: rows.into_iter().map(|(name, design)| (name, fill(design))).collect(),
        show: power,
    }
}

/// A sweep without a gap says what could be detected, and another has that gap, away from the nearer edge.
fn find(design: Design, rate: f64) -> Sweep {
    let from = design.tallies(rate, 0.0);
    let sweep = move |to: &_, dice: &mut ChaCha8Rng| {
        let pair = || Pair { from: from.draw(dice), to: Chances::draw(to, dice) };
        let pairs: Vec<Pair> = std::iter::repeat_with(pair).take(design.count()).collect();
        paired_difference(&pairs, 1).expect("nothing is dropped")
    };
    let same = design.tallies(rate, 0.0);
    Box::new(move |dice| {
        let gap = sweep(&same, dice).detectable;
        let moved = if rate <= 0.5 { rate + gap } else { rate - gap };
        let found = sweep(&design.tallies(moved.clamp(0.0, 1.0), 0.0), dice);
        let rejects = found.p <= 0.05 && (found.value > 0.0) == (rate <= 0.5);
        Outcome::Tested { rejects }
    })
}
