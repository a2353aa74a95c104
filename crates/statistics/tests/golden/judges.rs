//! Judges, ratios, fixed suites and looks.

use iago_statistics::{
    Audited, Confusion, Pair, RatioInterval, Spending, Tally, corrected_difference, corrected_rate,
    fleiss_kappa, hypergeometric_exact, look_bounds, mantel_haenszel, mantel_haenszel_exact, ratio,
};

use crate::rows::{Row, assert_close, golden};

#[test]
fn corrected_rates_agree_with_numpy_on_influence_values() {
    for row in golden!("corrected") {
        let found = corrected_rate(&row.audited("")).unwrap();
        row.agree("value", found.value);
        row.agree("standard_error", found.standard_error);
        row.agree_interval(found.interval);
    }
}

#[test]
fn corrected_differences_agree_with_numpy_on_influence_values() {
    for row in golden!("corrected_difference") {
        let found = corrected_difference(&row.cells("from_"), &row.cells("to_")).unwrap();
        row.agree("value", found.value);
        row.agree("standard_error", found.standard_error);
        row.agree_interval(found.interval);
    }
}

#[test]
fn draws_agree_with_the_hypergeometric_distribution_of_scipy() {
    for row in golden!("hypergeometric") {
        let drawn = (row.whole("drawn_yes"), row.whole("drawn"));
        row.agree("p", hypergeometric_exact(drawn, (row.whole("all_yes"), row.whole("all"))));
    }
}

#[test]
fn ratios_agree_with_fieller_in_numpy() {
    for row in golden!("ratio") {
        let found = ratio(&row.pairs()).unwrap();
        let (low, high) = match found.interval {
            RatioInterval::Bounded(interval) => (Some(interval.low), Some(interval.high)),
            RatioInterval::AtLeast(low) => (Some(low), None),
            RatioInterval::Unbounded => (None, None),
        };
        for (column, found) in [("value", found.value), ("low", low), ("high", high)] {
            row.agree_if_any(column, found);
        }
    }
}

#[test]
fn the_kappa_of_fleiss_agrees_with_statsmodels() {
    for row in golden!("fleiss_kappa") {
        let ratings: Vec<u32> = row.counts("ratings").collect();
        let categories = usize::try_from(row.whole("categories")).unwrap();
        let items: Vec<Vec<u32>> = ratings.chunks(categories).map(<[u32]>::to_vec).collect();
        row.agree("kappa", fleiss_kappa(&items).unwrap());
    }
}

#[test]
fn stratified_tests_agree_with_statsmodels_and_exact_ones_with_scipy() {
    for row in golden!("mantel_haenszel") {
        row.agree("p", mantel_haenszel(&row.pairs()));
        row.agree("exact", mantel_haenszel_exact(&row.pairs()).unwrap());
    }
}

#[test]
fn bounds_of_two_looks_agree_with_scipy_on_their_joint_distribution() {
    for row in golden!("looks") {
        let spending = match row.text("spending") {
            "pocock" => Spending::Pocock,
            "obrien_fleming" => Spending::ObrienFleming,
            other => panic!("no such spending function: {other}"),
        };
        let information = [row.number("first"), row.number("last")];
        let found = look_bounds(spending, row.number("alpha"), &information);
        row.agree("bound", found[0]);
        row.agree("second_bound", found[1]);
    }
}

impl Row {
    fn counts(&self, column: &str) -> impl Iterator<Item = u32> {
        self.text(column).split(' ').map(|count| count.parse().expect("a count"))
    }

    fn pairs(&self) -> Vec<Pair> {
        let from = self.tallies("from_yes", "from_of");
        let to = self.tallies("to_yes", "to_of");
        from.into_iter().zip(to).map(|(from, to)| Pair { from, to }).collect()
    }

    /// The two cells of one side, one after the other in each column.
    fn cells(&self, side: &str) -> [Vec<Audited>; 2] {
        let mut one = self.audited(side);
        let other = one.split_off(one.len() / 2);
        [one, other]
    }

    /// One side whose columns begin with `side`.
    fn audited(&self, side: &str) -> Vec<Audited> {
        let counts = |name: &str| self.counts(&format!("{side}{name}")).collect::<Vec<_>>();
        let (yes, of, asked) = (counts("yes"), counts("of"), counts("asked"));
        let (both_yes, false_yes) = (counts("both_yes"), counts("false_yes"));
        let (false_no, both_no) = (counts("false_no"), counts("both_no"));
        let prompt = |i| Audited {
            judged: Tally { yes: yes[i], of: of[i] },
            asked: asked[i],
            gold: Confusion {
                both_yes: both_yes[i],
                false_yes: false_yes[i],
                false_no: false_no[i],
                both_no: both_no[i],
            },
        };
        (0..yes.len()).map(prompt).collect()
    }

    fn agree_if_any(&self, column: &str, found: Option<f64>) {
        match found {
            Some(found) => assert_close(found, self.number(column), column, self),
            None => assert_eq!(self.text(column), "", "{column} in {self:?}"),
        }
    }
}
