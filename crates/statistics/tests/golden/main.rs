//! Agreement with scipy and statsmodels: `make.py` beside this file wrote the expected values.

use iago_statistics::{
    Pair, Sum, beta_quantile, clopper_pearson, clustered_standard_error, holm, mcnemar_exact, mean,
    mean_difference, normal_quantile, paired_difference, t_quantile, wilson,
};

mod judges;
mod rows;

use rows::{assert_close, golden};

#[test]
fn normal_quantiles_agree_with_scipy() {
    for row in golden!("normal_quantile") {
        row.agree("quantile", normal_quantile(row.number("probability")));
    }
}

#[test]
fn t_quantiles_agree_with_scipy() {
    for row in golden!("t_quantile") {
        row.agree("quantile", t_quantile(row.number("probability"), row.number("freedom")));
    }
}

#[test]
fn beta_quantiles_agree_with_scipy() {
    for row in golden!("beta_quantile") {
        let found =
            beta_quantile(row.number("probability"), row.number("alpha"), row.number("beta"));
        row.agree("quantile", found);
    }
}

#[test]
fn wilson_agrees_with_statsmodels() {
    for row in golden!("wilson") {
        let found = wilson(row.number("yes"), row.number("n"), row.number("confidence"));
        row.agree_interval(found);
    }
}

#[test]
fn clopper_pearson_agrees_with_statsmodels() {
    for row in golden!("clopper_pearson") {
        let found = clopper_pearson(row.whole("yes"), row.whole("n"), row.number("confidence"));
        row.agree_interval(found);
    }
}

#[test]
fn exact_mcnemar_agrees_with_statsmodels() {
    for row in golden!("mcnemar") {
        row.agree("p", mcnemar_exact(row.whole("gained"), row.whole("lost")));
    }
}

#[test]
fn holm_agrees_with_statsmodels() {
    for row in golden!("holm") {
        let adjusted = holm(&row.numbers("p"));
        assert_eq!(adjusted.len(), row.numbers("adjusted").len());
        for (found, expected) in adjusted.into_iter().zip(row.numbers("adjusted")) {
            assert_close(found, expected, "adjusted", &row);
        }
    }
}

#[test]
fn the_clustered_standard_error_agrees_with_statsmodels() {
    for row in golden!("clustered_standard_error") {
        let found = clustered_standard_error(&row.tallies("yes", "of")).unwrap();
        row.agree("standard_error", found);
    }
}

#[test]
fn paired_differences_agree_with_scipy_on_the_corrected_sample() {
    for row in golden!("paired_difference") {
        let from = row.tallies("from_yes", "from_of");
        let to = row.tallies("to_yes", "to_of");
        let pairs: Vec<Pair> =
            from.into_iter().zip(to).map(|(from, to)| Pair { from, to }).collect();
        let found = paired_difference(&pairs, 1).unwrap();
        row.agree("value", found.value);
        row.agree("standard_error", found.standard_error);
        // The reference does not know that a difference of proportions ends at 1.
        assert_close(found.interval.low, row.number("low").max(-1.0), "low", &row);
        assert_close(found.interval.high, row.number("high").min(1.0), "high", &row);
        if !row.text("p").is_empty() {
            row.agree("p", found.p);
        }
    }
}

#[test]
fn means_agree_with_statsmodels_and_their_intervals_with_scipy() {
    for row in golden!("mean") {
        let found = mean(&row.sums("total", "of")).unwrap();
        row.agree("value", found.value);
        row.agree("standard_error", found.standard_error.unwrap());
        row.agree_interval(found.interval.unwrap());
    }
}

#[test]
fn differences_of_means_agree_with_the_paired_t_of_scipy() {
    for row in golden!("mean_difference") {
        let (from, to) = (row.sums("from_total", "from_of"), row.sums("to_total", "to_of"));
        let pairs: Vec<Pair<Sum>> =
            from.into_iter().zip(to).map(|(from, to)| Pair { from, to }).collect();
        let found = mean_difference(&pairs, 1).unwrap();
        row.agree("value", found.value);
        row.agree("standard_error", found.standard_error.unwrap());
        row.agree_interval(found.interval.unwrap());
        if !row.text("p_sign_flip").is_empty() {
            row.agree("p_sign_flip", found.p);
        }
    }
}
