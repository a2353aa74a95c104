//! Do the intervals cover, and are the tests level? Thousands of invented sweeps answer.
//!
//! These are a few settings of the tables in the README, the worst among them; `examples/coverage`
//! has all. A share of sweeps is judged by its own exact interval at a confidence that a correct
//! method fails once in 100,000 changes of seed: a method that should cover 95% must not be shown to
//! cover less, and a conservative one is judged from below only. Where a simpler method falls short,
//! a test shows that it would be caught.

use iago_statistics::{
    Interval, Missing, Pair, Quad, Sum, Tally, Test, clopper_pearson, difference_of_differences,
    difference_of_differences_bounds, mean, mean_difference, paired_difference,
    paired_difference_bounds, rate, rate_bounds, t_quantile, wilson,
};
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

#[expect(dead_code, reason = "the tables draw more kinds of sweeps than these tests")]
#[path = "../examples/coverage/sampler.rs"]
mod sampler;

use sampler::{Chances, Design, Losses, TwoClasses};

const SWEEPS: u64 = 20_000;
const HUNDRED_BY_FIVE: Design = Design { prompts: 100, repeats: 5, correlation: 0.5 };
const FIFTY_BY_TEN: Design = Design { prompts: 50, repeats: 10, correlation: 0.6 };
const TWENTY_BY_TEN: Design = Design { prompts: 20, repeats: 10, correlation: 0.6 };
const BY_ANSWER: Losses = Losses { yes: 0.3, no: 0.01 };

#[test]
fn rates_cover_where_repeats_taken_for_independent_draws_do_not() {
    assert_between(rate_coverage(HUNDRED_BY_FIVE, 0.14, 0.0), 0.95, 0.98);
    let naive = share(1, HUNDRED_BY_FIVE.tallies(0.14, 0.0), HUNDRED_BY_FIVE, |cell| {
        let yes = cell.iter().map(|tally| u64::from(tally.yes)).sum();
        clopper_pearson(yes, 500, 0.95).contains(0.14)
    });
    assert!(naive.high < 0.85, "this setting cannot tell the methods apart: {naive:?}");
}

#[test]
fn rare_rates_cover() {
    let design = Design { prompts: 20, repeats: 2, correlation: 0.0 };
    for (design, truth) in [(design, 0.003), (FIFTY_BY_TEN, 0.003), (TWENTY_BY_TEN, 0.01)] {
        assert_at_least_95(rate_coverage(design, truth, 0.0));
    }
}

#[test]
fn rates_cover_at_one_repeat_where_wilson_does_not() {
    let design = Design { prompts: 100, repeats: 1, correlation: 0.0 };
    assert_at_least_95(rate_coverage(design, 0.0017, 0.0));
    let score = share(1, design.tallies(0.0017, 0.0), design, |cell| {
        let yes: u32 = cell.iter().map(|tally| tally.yes).sum();
        wilson(f64::from(yes), 100.0, 0.95).contains(0.0017)
    });
    assert!(score.high < 0.90, "this setting cannot tell the methods apart: {score:?}");
}

#[test]
fn rates_cover_over_the_range_of_rates_correlations_and_drops() {
    for correlation in [0.0, 0.3, 0.6] {
        let design = Design { correlation, ..HUNDRED_BY_FIVE };
        for (truth, dropped) in [(0.001, 0.0), (0.03, 0.2), (0.1, 0.0), (0.5, 0.2)] {
            assert_at_least_95(rate_coverage(design, truth, dropped));
        }
    }
}

#[test]
fn rates_cover_where_a_few_prompts_always_say_yes() {
    for (prompts, repeats) in [(100, 10), (100, 5), (300, 10)] {
        let design = Design { prompts, repeats, correlation: 0.0 };
        for share_always in [0.005, 0.02] {
            let classes = TwoClasses { always: share_always, else_rate: share_always };
            let covered = share(3, design.of_two_classes(classes), design, |cell| {
                let found = rate(cell).expect("nothing is dropped");
                found.interval.contains(classes.rate())
            });
            assert_at_least_95(covered);
        }
    }
}

#[test]
fn bounds_cover_where_yes_is_lost_more_often_and_the_interval_does_not() {
    let cell = HUNDRED_BY_FIVE.cell(0.5, BY_ANSWER);
    let bounds = share(2, cell.clone(), HUNDRED_BY_FIVE, |prompts| {
        rate_bounds(prompts).is_some_and(|bounds| bounds.contains(0.5))
    });
    assert_at_least_95(bounds);
    let seen = share(2, cell.map(see), HUNDRED_BY_FIVE, |prompts| {
        rate(prompts).is_some_and(|found| found.interval.contains(0.5))
    });
    assert!(seen.high < 0.6, "this setting cannot tell the methods apart: {seen:?}");
}

#[test]
fn paired_differences_cover() {
    let thousand = Design { prompts: 300, repeats: 5, correlation: 0.3 };
    for (design, from, to) in [
        (HUNDRED_BY_FIVE, 0.03, 0.14),
        (HUNDRED_BY_FIVE, 0.14, 0.14),
        (Design { correlation: 0.0, ..HUNDRED_BY_FIVE }, 0.001, 0.5),
        (Design { repeats: 1, ..HUNDRED_BY_FIVE }, 0.001, 0.012),
        (thousand, 0.3, 0.5),
    ] {
        assert_at_least_95(gap_coverage(design, from, to, 0.0));
    }
}

#[test]
fn paired_differences_cover_where_pseudo_prompts_that_know_no_correlation_do_not() {
    let twenty_by_five = Design { repeats: 5, ..TWENTY_BY_TEN };
    for (design, from, to) in [
        (TWENTY_BY_TEN, 0.001, 0.06),
        (TWENTY_BY_TEN, 0.003, 0.1),
        (FIFTY_BY_TEN, 0.001, 0.03),
        (twenty_by_five, 0.003, 0.1),
    ] {
        assert_at_least_95(gap_coverage(design, from, to, 0.0));
        assert_at_least_95(gap_coverage(design, from, to, 0.2));
    }
    let plain =
        gaps(3, TWENTY_BY_TEN, (0.001, 0.06), 0.0, |pairs| corrected_t(pairs, 0.1).contains(0.059));
    assert!(plain.high < 0.90, "this setting cannot tell the methods apart: {plain:?}");
}

#[test]
fn paired_differences_cover_where_one_cell_has_prompts_that_always_say_yes() {
    let classes = TwoClasses { always: 0.02, else_rate: 0.02 };
    let design = Design { prompts: 100, repeats: 10, correlation: 0.6 };
    let plain = Design { correlation: 0.0, ..design }.tallies(0.02, 0.0);
    for (seed, other, truth) in [
        (6, design.of_two_classes(classes), classes.rate() - 0.02),
        (7, design.tallies(0.02, 0.0), 0.0),
    ] {
        let whole = |Tally { yes, of }| Missing { yes, of, missing: 0 };
        let cells = [plain.clone(), other].map(|cell| cell.map(whole));
        let covered = share_of_sides(seed, &cells, design, |sides| {
            let pairs: Vec<_> = sides.iter().map(|&[from, to]| Pair { from, to }).collect();
            paired_difference_bounds(&pairs).is_some_and(|interval| interval.contains(truth))
        });
        assert_at_least_95(covered);
    }
}

#[test]
fn what_could_be_detected_is_found_in_four_of_five_sweeps() {
    let never = Tally { yes: 0, of: 1 };
    let nothing = [Pair { from: never, to: never }; 100];
    let gap = paired_difference(&nothing, 1).expect("all are paired").detectable;
    let design = Design { repeats: 1, ..HUNDRED_BY_FIVE };
    let found = gaps(11, design, (0.0, gap), 0.0, |pairs| {
        paired_difference(pairs, 1).is_some_and(|found| found.p <= 0.05 && found.value > 0.0)
    });
    assert!(found.high >= 0.8, "{gap} is found in {found:?}");
}

#[test]
fn bounds_of_differences_cover_where_yes_is_lost_more_often() {
    let cells = [0.03, 0.14].map(|rate| HUNDRED_BY_FIVE.cell(rate, BY_ANSWER));
    let covered = share_of_sides(4, &cells, HUNDRED_BY_FIVE, |sides| {
        let pairs: Vec<Pair<Missing>> = sides.iter().map(|&[from, to]| Pair { from, to }).collect();
        paired_difference_bounds(&pairs).is_some_and(|bounds| bounds.contains(0.11))
    });
    assert_at_least_95(covered);
}

#[test]
fn differences_of_differences_cover_and_so_do_those_of_rare_gaps_that_reverse() {
    assert_at_least_95(quad_coverage(HUNDRED_BY_FIVE, [0.03, 0.14, 0.03, 0.03]));
    assert_at_least_95(quad_coverage(TWENTY_BY_TEN, [0.001, 0.05, 0.05, 0.001]));
    let once = Design { prompts: 50, repeats: 1, correlation: 0.0 };
    assert_at_least_95(quad_coverage(once, [0.001, 0.03, 0.03, 0.001]));
}

#[test]
fn means_cover_where_repeats_correlate() {
    let wrong = wrong_means(HUNDRED_BY_FIVE, 0.4);
    assert!(wrong.shown.low > 0.5, "hardly an interval is shown: {wrong:?}");
    assert_at_least_95(wrong.right);
}

#[test]
fn means_of_which_a_few_prompts_carry_most_show_no_wrong_interval() {
    for (prompts, truth) in [(12, 0.1), (20, 0.03), (50, 0.03), (100, 0.1)] {
        let design = Design { prompts, ..HUNDRED_BY_FIVE };
        assert_at_least_95(wrong_means(design, truth).right);
    }
    let design = Design { prompts: 50, ..HUNDRED_BY_FIVE };
    let trusting = share(5, design.tallies(0.03, 0.0).map(as_sum), design, |cell| {
        let interval = mean(cell).and_then(|found| found.interval);
        interval.is_none_or(|interval| interval.contains(0.03))
    });
    assert!(trusting.high < 0.87, "this setting needs no caution: {trusting:?}");
}

#[test]
fn paired_differences_of_means_cover_a_gap() {
    // So few that all sign patterns of each invented sweep can be tried in a moment.
    let design = Design { prompts: 10, ..HUNDRED_BY_FIVE };
    let cells = [0.3, 0.5].map(|rate| design.tallies(rate, 0.0).map(as_sum));
    let right = share_of_sides(5, &cells, design, |sides| {
        let pairs: Vec<Pair<Sum>> = sides.iter().map(|&[from, to]| Pair { from, to }).collect();
        let found = mean_difference(&pairs, 1).expect("all are paired");
        found.interval.is_none_or(|interval| interval.contains(0.2))
    });
    assert_at_least_95(right);
}

#[test]
fn sign_flips_reject_a_null_with_effects_that_differ_at_most_at_their_level() {
    assert_level(rejections(HUNDRED_BY_FIVE, 0.14, 0.14), 0.04);
    assert_level(rejections(TWENTY_BY_TEN, 0.14, 0.14), 0.0);
}

#[test]
fn sign_flips_reject_a_null_with_equal_propensities_at_most_at_their_level() {
    let twins = HUNDRED_BY_FIVE.twins(0.14);
    let rejected = share(8, twins, HUNDRED_BY_FIVE, |pairs| {
        paired_difference(pairs, 8).is_some_and(|found| found.p <= 0.05)
    });
    assert_level(rejected, 0.01);
}

#[test]
fn sign_flips_find_a_gap_of_eleven_points() {
    let found = rejections(HUNDRED_BY_FIVE, 0.03, 0.14);
    assert!(found.low >= 0.90, "misses what it should find: {found:?}");
}

#[test]
fn sign_flips_of_differences_of_differences_reject_at_most_at_their_level() {
    let cells = [0.14; 4].map(|rate| HUNDRED_BY_FIVE.tallies(rate, 0.0));
    let rejected = share_of_sides(9, &cells, HUNDRED_BY_FIVE, |sides| {
        difference_of_differences(&quads(sides), 9).is_some_and(|found| found.p <= 0.05)
    });
    assert_level(rejected, 0.04);
}

#[test]
fn mcnemar_rejects_a_null_at_most_at_its_level() {
    let design = Design { repeats: 1, ..HUNDRED_BY_FIVE };
    let rejected = gaps(9, design, (0.3, 0.3), 0.0, |pairs| {
        let found = paired_difference(pairs, 9).expect("all are paired");
        assert_eq!(found.test, Test::McNemarExact);
        found.p <= 0.05
    });
    assert_level(rejected, 0.02);
}

fn rate_coverage(design: Design, truth: f64, dropped: f64) -> Interval {
    share(3, design.tallies(truth, dropped), design, |cell| {
        let found = rate(cell).expect("hardly all is dropped");
        found.caution.is_none() && found.interval.contains(truth)
    })
}

fn gap_coverage(design: Design, from: f64, to: f64, dropped: f64) -> Interval {
    gaps(4, design, (from, to), dropped, |pairs| {
        // With nothing missing, the bounds are the interval, and need no p-value.
        let whole = |Tally { yes, of }| Missing { yes, of, missing: 0 };
        let pairs: Vec<Pair<Missing>> =
            pairs.iter().map(|p| Pair { from: whole(p.from), to: whole(p.to) }).collect();
        paired_difference_bounds(&pairs).is_some_and(|interval| interval.contains(to - from))
    })
}

fn quad_coverage(design: Design, rates: [f64; 4]) -> Interval {
    let cells = rates.map(|rate| design.cell(rate, Losses::default()));
    let truth = rates[1] - rates[0] - (rates[3] - rates[2]);
    share_of_sides(6, &cells, design, |sides| {
        difference_of_differences_bounds(&quads(sides))
            .is_some_and(|interval| interval.contains(truth))
    })
}

fn rejections(design: Design, from: f64, to: f64) -> Interval {
    gaps(5, design, (from, to), 0.0, |pairs| {
        paired_difference(pairs, 5).is_some_and(|found| found.p <= 0.05)
    })
}

/// How many sweeps show no wrong interval, and how many show any.
#[derive(Debug)]
struct Means {
    right: Interval,
    shown: Interval,
}

fn wrong_means(design: Design, truth: f64) -> Means {
    let cell = design.tallies(truth, 0.0).map(as_sum);
    let shown = |prompts: &[Sum]| {
        let found = mean(prompts).expect("nothing is dropped");
        found.interval.filter(|_| found.caution.is_none())
    };
    Means {
        right: share(5, cell.clone(), design, |prompts| {
            shown(prompts).is_none_or(|interval| interval.contains(truth))
        }),
        shown: share(5, cell, design, |prompts| shown(prompts).is_some()),
    }
}

/// The interval with pseudo-prompts at a fixed distance of `±√square` from zero.
fn corrected_t(pairs: &[Pair], square: f64) -> Interval {
    let share = |tally: Tally| f64::from(tally.yes) / f64::from(tally.of);
    let differences = pairs.iter().map(|pair| share(pair.to) - share(pair.from));
    let n = pairs.len() as f64 + 2.0;
    let centre = differences.clone().sum::<f64>() / n;
    let squares =
        differences.map(|d| (d - centre).powi(2)).sum::<f64>() + 2.0 * (square + centre * centre);
    let half = t_quantile(0.975, n - 1.0) * (squares / n / (n - 1.0)).sqrt();
    Interval { low: centre - half, high: centre + half }
}

fn gaps(
    seed: u64,
    design: Design,
    (from, to): (f64, f64),
    dropped: f64,
    event: impl Fn(&[Pair]) -> bool,
) -> Interval {
    let cells = [from, to].map(|rate| design.tallies(rate, dropped));
    share_of_sides(seed, &cells, design, |sides| {
        event(&sides.iter().map(|&[from, to]| Pair { from, to }).collect::<Vec<_>>())
    })
}

fn quads<T: Copy>(sides: &[[T; 4]]) -> Vec<Quad<T>> {
    let quad = |&[from, to, less_from, less_to]: &[T; 4]| Quad {
        minuend: Pair { from, to },
        subtrahend: Pair { from: less_from, to: less_to },
    };
    sides.iter().map(quad).collect()
}

/// How often the event happens over many sweeps of one cell, as an interval that misses 1 in 100,000.
fn share<T: Copy>(
    seed: u64,
    cell: Chances<T>,
    design: Design,
    event: impl Fn(&[T]) -> bool,
) -> Interval {
    share_of_sides(seed, &[cell], design, |sides| {
        event(&sides.iter().map(|&[side]| side).collect::<Vec<_>>())
    })
}

/// The same of several cells, each with a propensity of its own for every prompt.
fn share_of_sides<T: Copy, const N: usize>(
    seed: u64,
    cells: &[Chances<T>; N],
    design: Design,
    event: impl Fn(&[[T; N]]) -> bool,
) -> Interval {
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut sweep = || -> Vec<[T; N]> {
        (0..design.prompts).map(|_| cells.each_ref().map(|cell| cell.draw(&mut dice))).collect()
    };
    let happened = (0..SWEEPS).filter(|_| event(&sweep())).count() as u64;
    clopper_pearson(happened, SWEEPS, 0.999_99)
}

fn see(Missing { yes, of, .. }: Missing) -> Tally {
    Tally { yes, of }
}

/// The same answers as numbers: 1 for yes and 0 for no.
fn as_sum(Tally { yes, of }: Tally) -> Sum {
    Sum { total: f64::from(yes), of }
}

fn assert_at_least_95(covered: Interval) {
    assert!(covered.high >= 0.95, "covers less than 95%: {covered:?}");
}

fn assert_between(covered: Interval, at_least: f64, at_most: f64) {
    assert!(covered.high >= at_least, "covers less than {at_least}: {covered:?}");
    assert!(covered.low <= at_most, "covers more than {at_most}: {covered:?}");
}

fn assert_level(rejected: Interval, at_least: f64) {
    assert!(rejected.low <= 0.05, "rejects a true null too often: {rejected:?}");
    assert!(rejected.high >= at_least, "p-values are far too large: {rejected:?}");
}
