//! What must hold whatever the counts are.

use iago_statistics::{
    Difference, Interval, Method, Missing, Pair, PairMissing, Quad, QuadMissing, Tally, Test,
    clopper_pearson, difference_of_differences, difference_of_differences_bounds, holm,
    paired_difference, paired_difference_bounds, rate, rate_bounds,
};
use proptest::collection::vec;
use proptest::prelude::*;

const ROUNDING: f64 = 1e-12;

fn tally(repeats_min: u32) -> impl Strategy<Value = Tally> {
    (repeats_min..=7_u32).prop_flat_map(|of| (0..=of).prop_map(move |yes| Tally { yes, of }))
}

fn pair() -> impl Strategy<Value = Pair> {
    (tally(0), tally(0)).prop_map(|(from, to)| Pair { from, to })
}

fn missing() -> impl Strategy<Value = Missing> {
    (tally(0), 0..=3_u32).prop_map(|(Tally { yes, of }, missing)| Missing { yes, of, missing })
}

fn pair_missing() -> impl Strategy<Value = PairMissing> {
    (missing(), missing()).prop_map(|(from, to)| PairMissing { from, to })
}

fn quad_missing() -> impl Strategy<Value = QuadMissing> {
    (pair_missing(), pair_missing())
        .prop_map(|(minuend, subtrahend)| QuadMissing { minuend, subtrahend })
}

/// Same repeats on every side, as in a sweep without drops.
fn balanced_pairs() -> impl Strategy<Value = Vec<Pair>> {
    (1..=4_u32).prop_flat_map(|of| {
        let side = move || (0..=of).prop_map(move |yes| Tally { yes, of });
        vec((side(), side()).prop_map(|(from, to)| Pair { from, to }), 1..30)
    })
}

proptest! {
    #[test]
    fn a_rate_lies_in_its_interval(cell in vec(tally(0), 0..30)) {
        let Some(found) = rate(&cell) else {
            prop_assert!(cell.iter().all(|tally| tally.of == 0));
            return Ok(());
        };
        prop_assert!(found.interval.contains(found.value));
        prop_assert!(0.0 <= found.interval.low && found.interval.high <= 1.0);
        prop_assert!(found.interval.width() > 0.0);
        prop_assert!(found.design_effect >= 1.0 - ROUNDING);
        prop_assert!(found.n_effective <= found.of as f64 + ROUNDING);
    }

    #[test]
    fn counting_no_instead_of_yes_mirrors_a_rate(cell in vec(tally(1), 1..30)) {
        let opposite: Vec<Tally> = cell.iter().map(|t| Tally { yes: t.of - t.yes, of: t.of }).collect();
        let (found, mirrored) = (rate(&cell).unwrap(), rate(&opposite).unwrap());
        prop_assert!(near(found.value, 1.0 - mirrored.value));
        prop_assert!(near(found.interval.low, 1.0 - mirrored.interval.high));
        prop_assert!(near(found.interval.high, 1.0 - mirrored.interval.low));
    }

    #[test]
    fn one_repeat_each_is_the_exact_interval(answers in vec(0..=1_u32, 1..60)) {
        let cell: Vec<Tally> = answers.iter().map(|&yes| Tally { yes, of: 1 }).collect();
        let found = rate(&cell).unwrap();
        prop_assert_eq!(found.method, Method::Exact);
        let yes = answers.iter().copied().map(u64::from).sum();
        prop_assert!(alike(found.interval, clopper_pearson(yes, answers.len() as u64, 0.95)));
    }

    #[test]
    fn repeats_that_only_repeat_themselves_add_nothing(
        answers in vec(0..=1_u32, 2..60), repeats in 2..=9_u32,
    ) {
        let once: Vec<Tally> = answers.iter().map(|&yes| Tally { yes, of: 1 }).collect();
        let often: Vec<Tally> =
            answers.iter().map(|&yes| Tally { yes: yes * repeats, of: repeats }).collect();
        prop_assert!(alike(rate(&once).unwrap().interval, rate(&often).unwrap().interval));
    }

    #[test]
    fn a_difference_lies_in_its_interval(pairs in vec(pair(), 0..30), seed: u64) {
        let Some(found) = paired_difference(&pairs, seed) else {
            prop_assert!(pairs.iter().all(|pair| pair.from.of == 0 || pair.to.of == 0));
            return Ok(());
        };
        assert_sound(&found, 1.0);
    }

    #[test]
    fn a_difference_of_differences_lies_in_its_interval(
        quads in vec((pair(), pair()), 0..30), seed: u64,
    ) {
        let quads: Vec<Quad> =
            quads.into_iter().map(|(minuend, subtrahend)| Quad { minuend, subtrahend }).collect();
        if let Some(found) = difference_of_differences(&quads, seed) {
            assert_sound(&found, 2.0);
        }
    }

    #[test]
    fn swapping_the_sides_negates_a_difference(pairs in vec(pair(), 1..30), seed: u64) {
        let swapped: Vec<Pair> = pairs.iter().map(|p| Pair { from: p.to, to: p.from }).collect();
        match (paired_difference(&pairs, seed), paired_difference(&swapped, seed)) {
            (None, None) => {}
            (Some(there), Some(back)) => {
                prop_assert!(near(there.value, -back.value) && near(there.pooled, -back.pooled));
                prop_assert!(near(there.interval.low, -back.interval.high));
                prop_assert!(near(there.interval.high, -back.interval.low));
                prop_assert!(near(there.p, back.p));
                prop_assert_eq!((there.from, there.to), (back.to, back.from));
            }
            (there, back) => prop_assert!(false, "{there:?} but {back:?}"),
        }
    }

    #[test]
    fn equal_sides_differ_by_nothing(cell in vec(tally(1), 1..30), seed: u64) {
        let pairs: Vec<Pair> = cell.iter().map(|&side| Pair { from: side, to: side }).collect();
        let found = paired_difference(&pairs, seed).unwrap();
        prop_assert_eq!((found.value, found.pooled, found.p), (0.0, 0.0, 1.0));
        prop_assert!(found.interval.width() > 0.0);
    }

    // With one repeat this also holds the exact McNemar test against the sign flip.
    #[test]
    fn subtracting_no_change_leaves_a_difference_and_widens_its_interval(pairs in balanced_pairs(), seed: u64) {
        let quads: Vec<Quad> = pairs.iter().map(|&minuend| {
            Quad { minuend, subtrahend: Pair { from: minuend.from, to: minuend.from } }
        }).collect();
        let plain = paired_difference(&pairs, seed).unwrap();
        let less_nothing = difference_of_differences(&quads, seed).unwrap();
        prop_assert!(near(plain.value, less_nothing.value));
        // A difference of differences may reach 2, and so do its pseudo-prompts.
        prop_assert_eq!(hull(plain.interval, less_nothing.interval), less_nothing.interval);
        prop_assert!(plain.p <= less_nothing.p + 1e-9);
        for found in [plain, less_nothing].iter().filter(|found| found.test != Test::McNemarExact) {
            prop_assert!(found.p >= 0.05 || !found.interval.contains(0.0), "{:?}", found);
        }
        prop_assert_eq!(plain.test == Test::McNemarExact, pairs[0].from.of == 1);
    }

    #[test]
    fn bounds_hold_the_rate_of_every_completion(
        cell in vec((missing(), 0..=3_u32), 1..30),
    ) {
        let gaps: Vec<Missing> = cell.iter().map(|(missing, _)| *missing).collect();
        let completed: Vec<Tally> = cell.iter().map(|(m, yes)| complete(*m, *yes)).collect();
        match (rate_bounds(&gaps), rate(&completed)) {
            (None, None) => {}
            (Some(bounds), Some(completion)) => {
                prop_assert!(bounds.contains(completion.value));
                if let Some(seen) = rate(&gaps.iter().map(|m| seen(*m)).collect::<Vec<_>>()) {
                    prop_assert_eq!(hull(bounds, seen.interval), bounds);
                }
            }
            (bounds, completion) => prop_assert!(false, "{bounds:?} but {completion:?}"),
        }
    }

    #[test]
    fn bounds_hold_the_difference_of_every_completion(
        pairs in vec((pair_missing(), 0..=3_u32, 0..=3_u32), 1..30),
    ) {
        let gaps: Vec<PairMissing> = pairs.iter().map(|(gaps, _, _)| *gaps).collect();
        let completed: Vec<Pair> = pairs.iter().map(|(gaps, from, to)| {
            Pair { from: complete(gaps.from, *from), to: complete(gaps.to, *to) }
        }).collect();
        let Some(bounds) = paired_difference_bounds(&gaps) else {
            prop_assert!(paired_difference(&completed, 1).is_none());
            return Ok(());
        };
        prop_assert!(bounds.contains(paired_difference(&completed, 1).unwrap().value));
        let as_seen: Vec<Pair> = gaps.iter().map(|gaps| seen_pair(*gaps)).collect();
        if let Some(found) = paired_difference(&as_seen, 1) {
            prop_assert_eq!(hull(bounds, found.interval), bounds);
        }
    }

    #[test]
    fn bounds_hold_the_difference_of_differences_that_was_seen(
        gaps in vec(quad_missing(), 1..30),
    ) {
        let as_seen: Vec<Quad> = gaps.iter().map(|quad| Quad {
            minuend: seen_pair(quad.minuend),
            subtrahend: seen_pair(quad.subtrahend),
        }).collect();
        if let Some(found) = difference_of_differences(&as_seen, 1) {
            let bounds = difference_of_differences_bounds(&gaps).unwrap();
            prop_assert_eq!(hull(bounds, found.interval), bounds);
        }
    }

    #[test]
    fn bounds_with_nothing_missing_are_the_interval(pairs in vec(pair(), 1..30)) {
        let whole = |Tally { yes, of }| Missing { yes, of, missing: 0 };
        let cell: Vec<Tally> = pairs.iter().map(|pair| pair.to).collect();
        let gaps: Vec<Missing> = cell.iter().copied().map(whole).collect();
        prop_assert_eq!(rate_bounds(&gaps), rate(&cell).map(|found| found.interval));

        let gaps: Vec<PairMissing> = pairs.iter()
            .map(|pair| PairMissing { from: whole(pair.from), to: whole(pair.to) }).collect();
        let found = paired_difference(&pairs, 1).map(|found| found.interval);
        prop_assert_eq!(paired_difference_bounds(&gaps), found);
    }

    #[test]
    fn holm_raises_p_values_and_keeps_their_order(family in vec(0.0..=1.0_f64, 0..12)) {
        let adjusted = holm(&family);
        prop_assert_eq!(adjusted.len(), family.len());
        for (i, (&raw, &raised)) in family.iter().zip(&adjusted).enumerate() {
            prop_assert!(raw <= raised && raised <= 1.0);
            prop_assert!(raised <= (raw * family.len() as f64).min(1.0) || adjusted.iter()
                .enumerate().any(|(j, &other)| j != i && other == raised));
            for (&other_raw, &other_raised) in family.iter().zip(&adjusted) {
                prop_assert!(raw > other_raw || raised <= other_raised);
            }
        }
        let mut backwards: Vec<f64> = family.iter().rev().copied().collect();
        backwards = holm(&backwards);
        backwards.reverse();
        prop_assert_eq!(backwards, adjusted);
    }
}

fn assert_sound(found: &Difference, reach: f64) {
    assert!(found.interval.contains(found.value), "{found:?}");
    assert!(-reach <= found.interval.low && found.interval.high <= reach, "{found:?}");
    assert!(found.p > 0.0 && found.p <= 1.0, "{found:?}");
    assert!(found.standard_error > 0.0 && found.detectable > found.standard_error, "{found:?}");
    assert!(found.pooled.abs() <= reach, "{found:?}");
}

fn complete(Missing { yes, of, missing }: Missing, more: u32) -> Tally {
    Tally { yes: yes + more.min(missing), of: of + missing }
}

fn seen(Missing { yes, of, .. }: Missing) -> Tally {
    Tally { yes, of }
}

fn seen_pair(gaps: PairMissing) -> Pair {
    Pair { from: seen(gaps.from), to: seen(gaps.to) }
}

fn hull(a: Interval, b: Interval) -> Interval {
    Interval { low: a.low.min(b.low), high: a.high.max(b.high) }
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= ROUNDING
}

fn alike(a: Interval, b: Interval) -> bool {
    near(a.low, b.low) && near(a.high, b.high)
}
