//! Rates: does the interval hold the rate of the population of prompts?

use iago_statistics::{Missing, rate, rate_bounds};

use crate::sampler::{Design, Losses};
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
    let cell = design.tallies(truth, lost);
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
