//! Means: of the intervals that are shown, how many hold the truth?

use iago_statistics::{Sum, Tally, mean};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::Rng;

use crate::sampler::Design;
use crate::simulate::{Outcome, Sweep};
use crate::table::{Table, coverage_where_shown, designs, points};

const SHARES: [f64; 7] = [0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5];
const PROMPTS: [u32; 4] = [50, 100, 300, 1000];

/// How the mean of a prompt is spread over prompts.
#[derive(Clone, Copy)]
enum Shape {
    Normal,
    Exponential,
    /// By the standard deviation of the logarithm.
    Lognormal(f64),
    /// Ten, but for a share that is one.
    TenOrOne(f64),
    /// Zero, but for a share that is lognormal.
    MostlyZero(f64),
}

const SHAPES: [Shape; 7] = [
    Shape::Normal,
    Shape::Exponential,
    Shape::Lognormal(0.5),
    Shape::Lognormal(1.0),
    Shape::TenOrOne(0.2),
    Shape::MostlyZero(0.1),
    Shape::MostlyZero(0.5),
];

pub(crate) fn means_of_zeros_and_ones() -> Table {
    let rows = designs(&[50, 100, 300], &[1, 5, 10], &[0.0, 0.6]);
    let fill = |design: Design| SHARES.iter().map(|share| zeros_and_ones(design, *share)).collect();
    Table {
        title: "Means of zeros and ones",
        stub: "prompts | repeats | correlation",
        columns: SHARES.iter().map(|share| format!("{}% ones", points(*share))).collect(),
        rows: rows.into_iter().map(|(name, design)| (name, fill(design))).collect(),
        show: coverage_where_shown,
    }
}

pub(crate) fn means_of_numbers() -> Table {
    shapes("Means of numbers", |shape, prompts| {
        Box::new(move |dice| {
            let sums: Vec<Sum> = (0..prompts).map(|_| shape.draw(dice)).collect();
            let found = mean(&sums).filter(|found| found.caution.is_none());
            let interval = found.and_then(|found| found.interval);
            interval.map_or(Outcome::Withheld, |shown| Outcome::shown(shown, shape.mean()))
        })
    })
}

fn shapes(title: &'static str, sweep: fn(Shape, u32) -> Sweep) -> Table {
    let fill = |prompts| SHAPES.iter().map(|shape| sweep(*shape, prompts)).collect();
    Table {
        title,
        stub: "prompts",
        columns: SHAPES.iter().map(|shape| shape.name()).collect(),
        rows: PROMPTS.iter().map(|prompts| (prompts.to_string(), fill(*prompts))).collect(),
        show: coverage_where_shown,
    }
}

fn zeros_and_ones(design: Design, truth: f64) -> Sweep {
    let cell = design.tallies(truth, 0.0).map(as_sum);
    Box::new(move |dice| {
        let found = mean(&design.draw(&cell, dice)).filter(|found| found.caution.is_none());
        let interval = found.and_then(|found| found.interval);
        interval.map_or(Outcome::Withheld, |interval| Outcome::shown(interval, truth))
    })
}

fn as_sum(Tally { yes, of }: Tally) -> Sum {
    Sum { total: f64::from(yes), of }
}

impl Shape {
    fn name(self) -> String {
        match self {
            Self::Normal => "normal".to_owned(),
            Self::Exponential => "exponential".to_owned(),
            Self::Lognormal(sigma) => format!("lognormal, {sigma}"),
            Self::TenOrOne(share) => format!("10, {}% 1", points(share)),
            Self::MostlyZero(share) => format!("0, {}% lognormal, 1", points(share)),
        }
    }

    fn mean(self) -> f64 {
        match self {
            Self::Normal => 0.0,
            Self::Exponential => 1.0,
            Self::Lognormal(sigma) => (sigma * sigma / 2.0).exp(),
            Self::TenOrOne(share) => 10.0 - 9.0 * share,
            Self::MostlyZero(share) => share * 0.5_f64.exp(),
        }
    }

    fn draw(self, dice: &mut ChaCha8Rng) -> Sum {
        let total = match self {
            Self::Normal => normal(dice),
            Self::Exponential => -uniform(dice).ln(),
            Self::Lognormal(sigma) => (sigma * normal(dice)).exp(),
            Self::TenOrOne(share) => {
                if uniform(dice) < share {
                    1.0
                } else {
                    10.0
                }
            }
            Self::MostlyZero(share) => {
                if uniform(dice) < share {
                    normal(dice).exp()
                } else {
                    0.0
                }
            }
        };
        Sum { total, of: 1 }
    }
}

/// Box and Muller's.
fn normal(dice: &mut ChaCha8Rng) -> f64 {
    let radius = (-2.0 * uniform(dice).ln()).sqrt();
    radius * (std::f64::consts::TAU * uniform(dice)).cos()
}

/// Strictly between 0 and 1.
fn uniform(dice: &mut ChaCha8Rng) -> f64 {
    (f64::from(dice.next_u32()) + 0.5) / (f64::from(u32::MAX) + 1.0)
}
