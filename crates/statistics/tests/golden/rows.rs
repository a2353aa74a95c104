//! The golden files: comma-separated, lists inside a column separated by spaces.

use std::collections::HashMap;

use iago_statistics::{Interval, Sum, Tally};

const TOLERANCE: f64 = 1e-9;

/// The rows of a golden file by its name.
macro_rules! golden {
    ($name:literal) => {
        crate::rows::rows(include_str!(concat!($name, ".csv")))
    };
}
pub(crate) use golden;

/// One line of a golden file, by column name.
#[derive(Debug)]
pub(crate) struct Row(HashMap<&'static str, &'static str>);

pub(crate) fn rows(file: &'static str) -> Vec<Row> {
    let mut lines = file.lines();
    let header: Vec<&str> = lines.next().expect("a golden file has a header").split(',').collect();
    let rows: Vec<Row> =
        lines.map(|line| Row(header.iter().copied().zip(line.split(',')).collect())).collect();
    assert!(!rows.is_empty(), "an empty golden file proves nothing");
    rows
}

impl Row {
    pub(crate) fn text(&self, column: &str) -> &'static str {
        self.0.get(column).expect("the golden file has this column")
    }

    pub(crate) fn number(&self, column: &str) -> f64 {
        self.text(column).parse().expect("a number")
    }

    pub(crate) fn whole(&self, column: &str) -> u64 {
        self.text(column).parse().expect("a whole number")
    }

    pub(crate) fn numbers(&self, column: &str) -> Vec<f64> {
        self.text(column).split(' ').map(|item| item.parse().expect("a number")).collect()
    }

    pub(crate) fn tallies(&self, yes: &str, of: &str) -> Vec<Tally> {
        let counts = |column| self.text(column).split(' ').map(|n| n.parse().expect("a count"));
        counts(yes).zip(counts(of)).map(|(yes, of)| Tally { yes, of }).collect()
    }

    pub(crate) fn sums(&self, total: &str, of: &str) -> Vec<Sum> {
        let of = self.text(of).split(' ').map(|n| n.parse().expect("a count"));
        self.numbers(total).into_iter().zip(of).map(|(total, of)| Sum { total, of }).collect()
    }

    pub(crate) fn agree(&self, column: &str, found: f64) {
        assert_close(found, self.number(column), column, self);
    }

    pub(crate) fn agree_interval(&self, found: Interval) {
        self.agree("low", found.low);
        self.agree("high", found.high);
    }
}

pub(crate) fn assert_close(found: f64, expected: f64, column: &str, row: &Row) {
    // Relative, but for the rounding of a value that is zero on paper.
    let allowed = TOLERANCE * expected.abs() + 1e-15;
    assert!((found - expected).abs() <= allowed, "{column} is {found}, not {expected}, in {row:?}");
}
