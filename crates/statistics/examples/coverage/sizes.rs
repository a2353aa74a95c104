//! The size of every test: how often is a null that is true rejected at 5%?

use iago_statistics::{Pair, Quad, Tally, difference_of_differences, paired_difference};
use rand_chacha::ChaCha8Rng;

use crate::sampler::{Chances, Design};
use crate::simulate::{Outcome, Sweep};
use crate::table::{Table, designs, points, size};

const RATES: [f64; 3] = [0.03, 0.14, 0.5];

/// What is null about a pair of cells.
#[derive(Clone, Copy)]
enum Null {
    /// Every prompt has one propensity in both: the factor does nothing at all.
    Homogeneous,
    /// A propensity of its own in each: the factor changes prompts, but no more up than down.
    Heterogeneous,
    /// The repeats of a prompt differ in one and are alike in the other.
    Uneven,
}

/// A setting of a column, by name, and what counts as a rejection in it.
type Column = (&'static str, Null, fn(Design, f64, Null) -> Sweep);

/// With one repeat, these are the sizes of McNemar's test.
pub(crate) fn tests_of_gaps() -> Table {
    let columns: [Column; 3] = [
        ("homogeneous", Null::Homogeneous, gap),
        ("heterogeneous", Null::Heterogeneous, gap),
        ("uneven", Null::Uneven, gap),
    ];
    table("Size of the paired test: McNemar at one repeat, else sign flip and t", &columns)
}

pub(crate) fn tests_of_gaps_of_gaps() -> Table {
    let columns: [Column; 3] = [
        ("homogeneous", Null::Homogeneous, gap_of_gaps),
        ("heterogeneous", Null::Heterogeneous, gap_of_gaps),
        ("uneven", Null::Uneven, gap_of_gaps),
    ];
    table("Size of the test of differences of differences: sign flip and t", &columns)
}

fn table(title: &'static str, columns: &[Column]) -> Table {
    let rows = designs(&[20, 100], &[1, 5, 10], &[0.0, 0.6]);
    let settings =
        || columns.iter().flat_map(|column| RATES.iter().map(move |rate| (column, rate)));
    let fill =
        |design| settings().map(|((_, null, sweep), rate)| sweep(design, *rate, *null)).collect();
    let name = |((name, ..), rate): (&Column, &f64)| format!("{name}, {}%", points(*rate));
    Table {
        title,
        stub: "prompts | repeats | correlation",
        columns: settings().map(name).collect(),
        rows: rows.into_iter().map(|(name, design)| (name, fill(design))).collect(),
        show: size,
    }
}

fn gap(design: Design, rate: f64, null: Null) -> Sweep {
    let pair = Cells::new(design, rate, null);
    Box::new(move |dice| {
        let pairs: Vec<Pair> = (0..design.prompts).map(|_| pair.draw(dice)).collect();
        test(paired_difference(&pairs, 1).map(|found| found.p <= 0.05))
    })
}

fn gap_of_gaps(design: Design, rate: f64, null: Null) -> Sweep {
    let pair = Cells::new(design, rate, null);
    Box::new(move |dice| {
        let quads: Vec<Quad> = (0..design.prompts)
            .map(|_| {
                // The other way round, so that what is lopsided in both adds up.
                let Pair { from, to } = pair.draw(dice);
                Quad { minuend: pair.draw(dice), subtrahend: Pair { from: to, to: from } }
            })
            .collect();
        test(difference_of_differences(&quads, 1).map(|found| found.p <= 0.05))
    })
}

fn test(rejects: Option<bool>) -> Outcome {
    rejects.map_or(Outcome::Withheld, |rejects| Outcome::Tested { rejects })
}

enum Cells {
    Twins(Chances<Pair>),
    Own { from: Chances<Tally>, to: Chances<Tally> },
}

impl Cells {
    fn new(design: Design, rate: f64, null: Null) -> Self {
        let alike = design.tallies(rate, 0.0);
        match null {
            Null::Homogeneous => Self::Twins(design.twins(rate)),
            Null::Heterogeneous => Self::Own { from: alike.clone(), to: alike },
            Null::Uneven => {
                let other = Design { correlation: 0.6 - design.correlation, ..design };
                Self::Own { from: alike, to: other.tallies(rate, 0.0) }
            }
        }
    }

    fn draw(&self, dice: &mut ChaCha8Rng) -> Pair {
        match self {
            Self::Twins(pairs) => pairs.draw(dice),
            Self::Own { from, to } => Pair { from: from.draw(dice), to: to.draw(dice) },
        }
    }
}
