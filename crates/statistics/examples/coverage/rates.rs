//! Rates: does the interval hold the rate of the population of prompts?

use iago_statistics::{Missing, Tally, rate, rate_bounds};

use crate::sampler::{Chances, Design, Losses, TwoClasses};
use crate::simulate::{Outcome, Sweep};
use crate::table::{Table, coverage, designs, grid, points};

const RATES: [f64; 7] = [0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 0.5];

pub(crate) fn rates() -> Table {
    let rows = grid(&[1, 2, 5, 10]);
    table("Rates", rows, |design, rate| complete(design, rate, 0.0))
}

pub(crate) fn rates_with_drops() -> Table {
    let rows = designs(&[20, 100, 300], &[1, 5, 10], &[0.0, 0.3, 0.6]);
    table("Rates, 20% of the answers dropped at random", rows, |d, rate| complete(d, rate, 0.2))
}

pub(crate) fn rates_lost_by_answer() -> Table {
    let rows = designs(&[20, 100, 300], &[1, 5, 10], &[0.0, 0.6]);
    table("Bounds of rates, 30% of the yes and 1% of the no lost", rows, bounds)
}

/// In percent: how many prompts always say yes, and how often the others do.
const CLASSES: [(f64, f64); 7] =
    [(0.3, 0.3), (0.5, 0.5), (1.0, 1.0), (1.0, 10.0), (2.0, 0.5), (2.0, 2.0), (5.0, 2.0)];

pub(crate) fn rates_of_two_classes() -> Table {
    let rows = designs(&[20, 50, 100, 300, 1000], &[2, 5, 10], &[0.0]);
    let classes = CLASSES.map(|(always, else_rate)| TwoClasses {
        always: always / 100.0,
        else_rate: else_rate / 100.0,
    });
    let fill = |design: Design| classes.iter().map(|two| of_two_classes(design, *two)).collect();
    Table {
        title: "Rates where some prompts always say yes, and the others do independently",
        stub: "prompts | repeats | correlation of the others",
        columns: CLASSES.map(|(always, other)| format!("{always}% always, else {other}%")).into(),
        rows: rows.into_iter().map(|(name, design)| (name, fill(design))).collect(),
        show: coverage,
    }
}

fn table(
    title: &'static str,
    rows: Vec<(String, Design)>,
    sweep: fn(Design, f64) -> Sweep,
) -> Table {
    let fill = |design: Design| RATES.iter().map(|rate| sweep(design, *rate)).collect();
    Table {
        title,
        stub: "prompts | repeats | correlation",
        columns: RATES.iter().map(|rate| format!("{}%", points(*rate))).collect(),
        rows: rows.into_iter().map(|(name, design)| (name, fill(design))).collect(),
        show: coverage,
    }
}

fn complete(design: Design, truth: f64, lost: f64) -> Sweep {
    of_cell(design, design.tallies(truth, lost), truth)
}

fn of_two_classes(design: Design, classes: TwoClasses) -> Sweep {
    of_cell(design, design.of_two_classes(classes), classes.rate())
}

fn of_cell(design: Design, cell: Chances<Tally>, truth: f64) -> Sweep {
    Box::new(move |dice| match rate(&design.draw(&cell, dice)) {
        Some(found) if found.caution.is_none() => Outcome::shown(found.interval, truth),
        Some(_) | None => Outcome::Withheld,
    })
}

fn bounds(design: Design, truth: f64) -> Sweep {
    let cell = design.cell(truth, Losses { yes: 0.3, no: 0.01 });
    Box::new(move |dice| {
        let prompts: Vec<Missing> = design.draw(&cell, dice);
        rate_bounds(&prompts).map_or(Outcome::Withheld, |bounds| Outcome::shown(bounds, truth))
    })
}
