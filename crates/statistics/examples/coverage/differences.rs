//! Paired gaps and differences of differences of rates.

use iago_statistics::{
    Interval, Missing, Pair, Quad, Tally, difference_of_differences_bounds,
    paired_difference_bounds,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::sampler::{Chances, Design, Losses, TwoClasses};
use crate::simulate::{Outcome, Sweep};
use crate::table::{Table, coverage, designs, grid, points};

const NONE: Losses = Losses { yes: 0.0, no: 0.0 };
const DROPS: Losses = Losses { yes: 0.2, no: 0.2 };
const BY_ANSWER: Losses = Losses { yes: 0.3, no: 0.01 };

const GAPS: [(f64, f64); 8] = [
    (0.001, 0.001),
    (0.001, 0.012),
    (0.001, 0.03),
    (0.003, 0.1),
    (0.03, 0.14),
    (0.14, 0.14),
    (0.001, 0.5),
    (0.3, 0.5),
];

/// Minuend and subtrahend; the fourth is a gap that is reversed in the subtrahend.
const GAPS_OF_GAPS: [[(f64, f64); 2]; 6] = [
    [(0.001, 0.012), (0.001, 0.001)],
    [(0.001, 0.06), (0.001, 0.003)],
    [(0.03, 0.14), (0.03, 0.03)],
    [(0.001, 0.05), (0.05, 0.001)],
    [(0.14, 0.14), (0.14, 0.14)],
    [(0.3, 0.5), (0.5, 0.3)],
];

/// How the cells of one prompt hang together.
#[derive(Clone, Copy)]
enum Prompts {
    /// A propensity of its own in each cell.
    Own,
    /// As high or as low among the prompts in all cells: the strongest tie that there can be.
    Common,
}

pub(crate) fn gaps() -> Table {
    let rows = grid(&[1, 2, 5, 10]);
    gap_table("Paired gaps, a propensity of its own in each cell", rows, Prompts::Own, NONE)
}

pub(crate) fn gaps_in_common() -> Table {
    let rows = designs(&[20, 50, 100, 300], &[1, 5, 10], &[0.0, 0.3, 0.6]);
    gap_table("Paired gaps, prompts in the same order in both cells", rows, Prompts::Common, NONE)
}

pub(crate) fn gaps_with_drops() -> Table {
    let rows = designs(&[20, 50, 100], &[1, 5, 10], &[0.0, 0.3, 0.6]);
    let title = "Paired gaps, 20% of the answers dropped at random";
    gap_table(title, rows, Prompts::Own, DROPS)
}

pub(crate) fn gaps_lost_by_answer() -> Table {
    let rows = designs(&[20, 100], &[1, 5, 10], &[0.0, 0.6]);
    let title = "Bounds of paired gaps, 30% of the yes and 1% of the no lost";
    gap_table(title, rows, Prompts::Own, BY_ANSWER)
}

pub(crate) fn gaps_of_gaps() -> Table {
    let rows = grid(&[1, 5, 10]);
    let title = "Differences of differences, a propensity of its own in each cell";
    gap_of_gap_table(title, rows, Prompts::Own, NONE)
}

pub(crate) fn gaps_of_gaps_in_common() -> Table {
    let rows = designs(&[20, 50, 100], &[1, 5, 10], &[0.0, 0.3, 0.6]);
    let title = "Differences of differences, prompts in the same order in all cells";
    gap_of_gap_table(title, rows, Prompts::Common, NONE)
}

pub(crate) fn gaps_of_gaps_with_drops() -> Table {
    let rows = designs(&[20, 100], &[1, 5, 10], &[0.0, 0.6]);
    let title = "Differences of differences, 20% of the answers dropped at random";
    gap_of_gap_table(title, rows, Prompts::Own, DROPS)
}

pub(crate) fn gaps_of_gaps_lost_by_answer() -> Table {
    let rows = designs(&[20, 100], &[5], &[0.0, 0.6]);
    let title = "Bounds of differences of differences, 30% of the yes and 1% of the no lost";
    gap_of_gap_table(title, rows, Prompts::Own, BY_ANSWER)
}

/// The rate on both sides.
const UNEVEN: [f64; 6] = [0.01, 0.02, 0.03, 0.05, 0.14, 0.3];

pub(crate) fn gaps_of_uneven_cells() -> Table {
    let rows = designs(&[20, 50, 100, 300], &[2, 5, 10, 20], &[0.6]);
    let fill = |design: Design| UNEVEN.iter().map(|rate| uneven(design, *rate)).collect();
    Table {
        title: "Paired gaps of nothing, where repeats of a prompt correlate in one cell only",
        stub: "prompts | repeats | correlation in one cell",
        columns: UNEVEN.iter().map(|rate| format!("{}%", points(*rate))).collect(),
        rows: rows.into_iter().map(|(name, design)| (name, fill(design))).collect(),
        show: coverage,
    }
}

/// In percent: the rate of the cell of one class; of the other, how many prompts always say yes, and how
/// often its others do.
const CLASSES: [(f64, f64, f64); 6] = [
    (0.1, 2.0, 1.0),
    (1.0, 0.5, 0.5),
    (1.0, 1.0, 1.0),
    (2.0, 2.0, 2.0),
    (4.0, 2.0, 2.0),
    (10.0, 2.0, 10.0),
];

pub(crate) fn gaps_of_two_classes() -> Table {
    let rows = designs(&[20, 50, 100, 200, 300], &[2, 5, 10, 20], &[0.0]);
    let fill = |design: Design| CLASSES.iter().map(|row| two_classes(design, *row)).collect();
    let name = |(from, always, other): &(f64, f64, f64)| {
        format!("{from}% → {always}% always, else {other}%")
    };
    Table {
        title: "Paired gaps to a cell where some prompts always say yes",
        stub: "prompts | repeats | correlation of the others",
        columns: CLASSES.iter().map(name).collect(),
        rows: rows.into_iter().map(|(name, design)| (name, fill(design))).collect(),
        show: coverage,
    }
}

fn gap_table(
    title: &'static str,
    rows: Vec<(String, Design)>,
    prompts: Prompts,
    losses: Losses,
) -> Table {
    let fill =
        |design: Design| GAPS.iter().map(|gap| one_gap(design, *gap, prompts, losses)).collect();
    Table {
        title,
        stub: "prompts | repeats | correlation",
        columns: GAPS.iter().map(name).collect(),
        rows: rows.into_iter().map(|(name, design)| (name, fill(design))).collect(),
        show: coverage,
    }
}

fn gap_of_gap_table(
    title: &'static str,
    rows: Vec<(String, Design)>,
    prompts: Prompts,
    losses: Losses,
) -> Table {
    let fill = |design: Design| {
        GAPS_OF_GAPS.iter().map(|gaps| one_gap_of_gaps(design, *gaps, prompts, losses)).collect()
    };
    let both =
        |[minuend, subtrahend]: &[_; 2]| format!("{} less {}", name(minuend), name(subtrahend));
    Table {
        title,
        stub: "prompts | repeats | correlation",
        columns: GAPS_OF_GAPS.iter().map(both).collect(),
        rows: rows.into_iter().map(|(name, design)| (name, fill(design))).collect(),
        show: coverage,
    }
}

fn name((from, to): &(f64, f64)) -> String {
    format!("{} → {}%", points(*from), points(*to))
}

/// What is shown of a gap is its interval where nothing is missing at random, and the bounds where
/// what is missing hangs on the answer.
fn one_gap(design: Design, (from, to): (f64, f64), prompts: Prompts, losses: Losses) -> Sweep {
    let cells = [from, to].map(|rate| design.cell(rate, losses));
    let at_random = losses.yes == losses.no;
    Box::new(move |dice| {
        let pair = || {
            let [from, to] = prompts.draw(&cells, dice).map(|side| forget(side, at_random));
            Pair { from, to }
        };
        let pairs: Vec<Pair<Missing>> = std::iter::repeat_with(pair).take(design.count()).collect();
        show(paired_difference_bounds(&pairs), to - from)
    })
}

fn one_gap_of_gaps(
    design: Design,
    [minuend, subtrahend]: [(f64, f64); 2],
    prompts: Prompts,
    losses: Losses,
) -> Sweep {
    let rates = [minuend.0, minuend.1, subtrahend.0, subtrahend.1];
    let cells = rates.map(|rate| design.cell(rate, losses));
    let truth = rates[1] - rates[0] - (rates[3] - rates[2]);
    let at_random = losses.yes == losses.no;
    Box::new(move |dice| {
        let quad = || {
            let [from, to, less_from, less_to] =
                prompts.draw(&cells, dice).map(|side| forget(side, at_random));
            let subtrahend = Pair { from: less_from, to: less_to };
            Quad { minuend: Pair { from, to }, subtrahend }
        };
        let quads: Vec<Quad<Missing>> = std::iter::repeat_with(quad).take(design.count()).collect();
        show(difference_of_differences_bounds(&quads), truth)
    })
}

fn uneven(design: Design, rate: f64) -> Sweep {
    let from = Design { correlation: 0.0, ..design }.tallies(rate, 0.0);
    complete_gap(design, [from, design.tallies(rate, 0.0)], 0.0)
}

fn two_classes(design: Design, (from, always, other): (f64, f64, f64)) -> Sweep {
    let classes = TwoClasses { always: always / 100.0, else_rate: other / 100.0 };
    let cells = [design.tallies(from / 100.0, 0.0), design.of_two_classes(classes)];
    complete_gap(design, cells, classes.rate() - from / 100.0)
}

fn complete_gap(design: Design, cells: [Chances<Tally>; 2], truth: f64) -> Sweep {
    let whole = |Tally { yes, of }| Missing { yes, of, missing: 0 };
    let cells = cells.map(|cell| cell.map(whole));
    Box::new(move |dice| {
        let pair = || {
            let [from, to] = Prompts::Own.draw(&cells, dice);
            Pair { from, to }
        };
        let pairs: Vec<Pair<Missing>> = std::iter::repeat_with(pair).take(design.count()).collect();
        show(paired_difference_bounds(&pairs), truth)
    })
}

fn show(found: Option<Interval>, truth: f64) -> Outcome {
    found.map_or(Outcome::Withheld, |interval| Outcome::shown(interval, truth))
}

impl Prompts {
    fn draw<T: Copy, const N: usize>(
        self,
        cells: &[Chances<T>; N],
        dice: &mut ChaCha8Rng,
    ) -> [T; N] {
        match self {
            Self::Own => cells.each_ref().map(|cell| cell.draw(dice)),
            Self::Common => {
                let uniform = dice.next_u32();
                cells.each_ref().map(|cell| cell.at(uniform))
            }
        }
    }
}

/// Bounds of prompts of which nothing is missing are the plain interval, without a p-value that
/// nobody looks at here.
fn forget(missing: Missing, at_random: bool) -> Missing {
    Missing { missing: if at_random { 0 } else { missing.missing }, ..missing }
}
