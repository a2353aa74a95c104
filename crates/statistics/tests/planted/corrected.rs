//! A judge that errs, corrected by labels of people on a random part.

use iago_statistics::{
    Audited, Confusion, Interval, Tally, corrected_difference, corrected_rate, rate, sensitivity,
    specificity,
};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::dice::{Design, Dice};
use crate::{assert_covers, share};

/// The published classifier on which people and the judge disagreed most.
const OLD: Judge = Judge { sensitivity: 20.0 / 51.0, specificity: 47.0 / 55.0 };
const GOOD: Judge = Judge { sensitivity: 0.95, specificity: 0.99 };
const PERFECT: Judge = Judge { sensitivity: 1.0, specificity: 1.0 };
const HUNDRED_BY_FIVE: Design = Design::new(100, 5, 0.3);

#[derive(Clone, Copy)]
struct Judge {
    sensitivity: f64,
    specificity: f64,
}

#[test]
fn a_judge_that_shows_fourteen_percent_of_nothing_is_corrected_to_nothing() {
    // 80 of 550 judged yes, and 32 of the 220 labelled: people never say yes.
    let prompt = |i: u32| Audited {
        judged: Tally { yes: u32::from(i < 80), of: 5 },
        asked: 5,
        gold: Confusion {
            false_yes: u32::from(i < 32),
            both_no: 2 - u32::from(i < 32),
            ..Confusion::default()
        },
    };
    let cell: Vec<Audited> = (0..110).map(prompt).collect();
    let found = corrected_rate(&cell).unwrap();
    assert_eq!(tenths(shown(&cell)), 14.5);
    assert!(found.value.abs() < 1e-12 && found.interval.low == 0.0);
    assert!(found.interval.high > 0.02 && found.interval.high < 0.07, "{found:?}");
    assert_eq!((found.labels, found.prompts), (220, 110));
}

#[test]
fn a_judge_that_shows_a_third_of_three_quarters_is_corrected_to_three_quarters() {
    // 784 of 1,000 are yes, of which it sees 20 in 51; one in five is labelled.
    let prompt = |i: u32| Audited {
        judged: Tally { yes: u32::from(i < 139) + u32::from(i < 200), of: 5 },
        asked: 5,
        gold: match i {
            0..62 => Confusion { both_yes: 1, ..Confusion::default() },
            62..68 => Confusion { false_yes: 1, ..Confusion::default() },
            68..163 => Confusion { false_no: 1, ..Confusion::default() },
            _ => Confusion { both_no: 1, ..Confusion::default() },
        },
    };
    let cell: Vec<Audited> = (0..200).map(prompt).collect();
    let found = corrected_rate(&cell).unwrap();
    assert_eq!((tenths(shown(&cell)), tenths(found.value)), (33.9, 78.4));
    assert!(found.interval.low > 0.69 && found.interval.high < 0.87, "{found:?}");

    let gold: Vec<Confusion> = cell.iter().map(|prompt| prompt.gold).collect();
    let found = sensitivity(&gold).unwrap();
    assert_eq!((found.yes, found.of), (62, 157));
    let found = specificity(&gold).unwrap();
    assert_eq!((found.yes, found.of), (37, 43));
}

#[test]
fn labels_without_a_single_error_do_not_make_a_judge_certain() {
    let prompt = Audited {
        judged: Tally { yes: 0, of: 5 },
        asked: 5,
        gold: Confusion { both_no: 1, ..Confusion::default() },
    };
    let found = corrected_rate(&[prompt; 100]).unwrap();
    assert_eq!((found.value, found.interval.low), (0.0, 0.0));
    // Three in a hundred could have been errors, unseen.
    assert!(found.interval.high >= 0.028, "{found:?}");
}

#[test]
fn what_no_judge_was_asked_about_is_not_corrected() {
    // 300 of 353 were declined before any judge; of the rest it says yes to 8, and people to 1.
    let prompt = |i: u32| match i {
        0..300 => Audited { judged: Tally { yes: 0, of: 1 }, ..Audited::default() },
        _ => Audited {
            judged: Tally { yes: u32::from(i < 308), of: 1 },
            asked: 1,
            gold: match i {
                300 => Confusion { both_yes: 1, ..Confusion::default() },
                301..308 => Confusion { false_yes: 1, ..Confusion::default() },
                _ => Confusion { both_no: 1, ..Confusion::default() },
            },
        },
    };
    let found = corrected_rate(&(0..353).map(prompt).collect::<Vec<_>>()).unwrap();
    assert!((found.value - 1.0 / 353.0).abs() < 1e-12, "{found:?}");
    assert!(found.interval.low == 0.0 && found.interval.high < 0.03, "{found:?}");
}

#[test]
fn cells_of_one_side_count_by_their_transcripts_and_not_by_their_labels() {
    // 353 transcripts of which 12 in 60 are wrongly yes, and 100 without an error; 30% yes in both.
    let cell = |of: u32, yes: u32, wrong: u32| -> Vec<Audited> {
        let prompt = |i: u32| Audited {
            judged: Tally { yes: u32::from(i < yes), of: u32::from(i < of) },
            asked: u32::from(i < of),
            gold: match i {
                _ if i < wrong => Confusion { false_yes: 1, ..Confusion::default() },
                _ if i < 60 => Confusion { both_no: 1, ..Confusion::default() },
                _ => Confusion::default(),
            },
        };
        (0..353).map(prompt).collect()
    };
    let nothing = vec![cell(353, 0, 0)];
    let side = [cell(353, 106, 12), cell(100, 30, 0)];
    let found = corrected_difference(&nothing, &side).unwrap();
    let right = 136.0 / 453.0 - 0.2 * 353.0 / 453.0;
    assert!((found.value - right).abs() < 1e-12, "{found:?}");
    assert_eq!((tenths(found.value), found.to_labels), (14.4, 120));
    assert!(found.interval.low > 0.0 && found.interval.high < 0.3, "{found:?}");
}

#[test]
fn nothing_labelled_corrects_nothing() {
    let judged = Audited { judged: Tally { yes: 2, of: 5 }, asked: 5, gold: Confusion::default() };
    assert_eq!(corrected_rate(&[judged; 10]), None);
    assert_eq!(corrected_rate(&[]), None);
    let labelled = Audited { gold: Confusion { both_yes: 1, ..Confusion::default() }, ..judged };
    assert_eq!(corrected_difference(&[vec![judged; 10]], &[vec![labelled; 10]]), None);
    assert_eq!(sensitivity(&[Confusion { both_no: 3, ..Confusion::default() }]), None);
}

#[test]
fn corrected_rates_cover_what_the_judge_hides_and_what_it_makes_up() {
    assert_covers(coverage(HUNDRED_BY_FIVE, OLD, 0.784, 200), 0.98);
    assert_covers(coverage(HUNDRED_BY_FIVE, OLD, 0.0, 200), 0.995);
    assert_covers(coverage(HUNDRED_BY_FIVE, OLD, 0.142, 100), 0.98);
}

#[test]
fn corrected_rates_cover_where_prompts_are_few_and_answers_correlate() {
    assert_covers(coverage(Design::new(20, 5, 0.6), PERFECT, 0.142, 100), 0.99);
    assert_covers(coverage(Design::new(20, 5, 0.6), GOOD, 0.05, 50), 1.0);
}

#[test]
fn corrected_rates_cover_what_is_rare() {
    assert_covers(coverage(HUNDRED_BY_FIVE, GOOD, 0.001, 100), 1.0);
    assert_covers(coverage(Design::new(300, 1, 0.0), PERFECT, 0.01, 200), 1.0);
}

#[test]
fn corrected_differences_cover_where_the_judge_errs_on_one_side_only() {
    let covered = share(32, |dice| {
        let from = draw(dice, HUNDRED_BY_FIVE, OLD, 0.142, 200);
        let to = draw(dice, HUNDRED_BY_FIVE, GOOD, 0.142, 200);
        corrected_difference(&[from], &[to]).is_some_and(|found| found.interval.contains(0.0))
    });
    assert_covers(covered, 0.98);
}

#[test]
fn corrected_differences_cover_a_gap() {
    let covered = share(33, |dice| {
        let from = draw(dice, HUNDRED_BY_FIVE, GOOD, 0.028, 100);
        let to = draw(dice, HUNDRED_BY_FIVE, OLD, 0.142, 100);
        corrected_difference(&[from], &[to]).is_some_and(|found| found.interval.contains(0.114))
    });
    assert_covers(covered, 0.98);
}

proptest! {
    #[test]
    fn what_people_labelled_in_full_is_what_people_say(cell in vec(labelled_in_full(), 1..40)) {
        let people: Vec<Tally> = cell.iter().map(|prompt| Tally {
            yes: prompt.gold.both_yes + prompt.gold.false_no,
            of: count(prompt.gold),
        }).collect();
        let found = corrected_rate(&cell);
        let expected = rate(&people);
        prop_assert_eq!(found.is_some(), expected.is_some());
        if let (Some(found), Some(expected)) = (found, expected) {
            prop_assert!((found.value - expected.value).abs() < 1e-12);
        }
    }

    #[test]
    fn with_every_asked_transcript_labelled_it_is_what_people_say_of_all(
        cell in vec(with_unasked(), 1..40)
    ) {
        let yes = |prompt: &Audited| {
            prompt.judged.yes + prompt.gold.false_no - prompt.gold.false_yes
        };
        let (yes, of) = (cell.iter().map(yes).sum::<u32>(), cell.iter().map(|p| p.judged.of).sum::<u32>());
        if let Some(found) = corrected_rate(&cell) {
            prop_assert!((found.value - f64::from(yes) / f64::from(of)).abs() < 1e-12, "{:?}", found);
            prop_assert!(found.interval.contains(found.value));
        }
    }

    #[test]
    fn a_corrected_rate_lies_in_its_interval(cell in vec(audited(), 1..40)) {
        if let Some(found) = corrected_rate(&cell) {
            prop_assert!(found.interval.contains(found.value));
            prop_assert!(0.0 <= found.interval.low && found.interval.high <= 1.0);
            prop_assert!(found.interval.width() > 0.0);
        }
    }

    #[test]
    fn swapping_the_sides_turns_a_corrected_difference_round(
        from in vec(vec(audited(), 20), 1..4), to in vec(vec(audited(), 20), 1..4)
    ) {
        let (found, turned) =
            (corrected_difference(&from, &to), corrected_difference(&to, &from));
        prop_assert_eq!(found.is_some(), turned.is_some());
        if let (Some(found), Some(turned)) = (found, turned) {
            prop_assert!((found.value + turned.value).abs() < 1e-12);
            prop_assert!((found.interval.low + turned.interval.high).abs() < 1e-12);
            prop_assert_eq!(found.from_labels, turned.to_labels);
            prop_assert!(found.interval.contains(found.value) && found.interval.width() > 0.0);
        }
    }
}

fn confusion() -> impl Strategy<Value = Confusion> {
    (0..3_u32, 0..3_u32, 0..3_u32, 0..3_u32).prop_map(|(both_yes, false_yes, false_no, both_no)| {
        Confusion { both_yes, false_yes, false_no, both_no }
    })
}

fn labelled_in_full() -> impl Strategy<Value = Audited> {
    confusion().prop_map(|gold| Audited {
        judged: Tally { yes: gold.both_yes + gold.false_yes, of: count(gold) },
        asked: count(gold),
        gold,
    })
}

/// Transcripts beside these that no judge was asked about.
fn with_unasked() -> impl Strategy<Value = Audited> {
    (labelled_in_full(), 0..3_u32, 0..3_u32).prop_map(|(labelled, yes, no)| Audited {
        judged: Tally { yes: labelled.judged.yes + yes, of: labelled.judged.of + yes + no },
        ..labelled
    })
}

/// Transcripts beside the labelled ones, too, of which a judge was asked about some.
fn audited() -> impl Strategy<Value = Audited> {
    (with_unasked(), 0..3_u32, 0..3_u32).prop_map(|(labelled, yes, no)| Audited {
        judged: Tally { yes: labelled.judged.yes + yes, of: labelled.judged.of + yes + no },
        asked: labelled.asked + yes + no,
        ..labelled
    })
}

fn coverage(design: Design, judge: Judge, truth: f64, labels: u32) -> Interval {
    share(31, |dice| {
        let cell = draw(dice, design, judge, truth, labels);
        corrected_rate(&cell).is_some_and(|found| found.interval.contains(truth))
    })
}

/// A cell of which any `labels` transcripts are labelled by people, who are right.
fn draw(dice: &mut Dice, design: Design, judge: Judge, truth: f64, labels: u32) -> Vec<Audited> {
    let (mut left, mut wanted) = (design.prompts * design.repeats, labels);
    let prompt = |_| {
        let mut prompt = Audited::default();
        let mut urn = design.urn(truth);
        for _ in 0..design.repeats {
            let people = urn.draw(dice);
            let judged =
                dice.chance(if people { judge.sensitivity } else { 1.0 - judge.specificity });
            prompt.judged.of += 1;
            prompt.asked += 1;
            prompt.judged.yes += u32::from(judged);
            if dice.uniform() * f64::from(left) < f64::from(wanted) {
                wanted -= 1;
                let found = match (judged, people) {
                    (true, true) => &mut prompt.gold.both_yes,
                    (true, false) => &mut prompt.gold.false_yes,
                    (false, true) => &mut prompt.gold.false_no,
                    (false, false) => &mut prompt.gold.both_no,
                };
                *found += 1;
            }
            left -= 1;
        }
        prompt
    };
    (0..design.prompts).map(prompt).collect()
}

/// The judge's own rate.
fn shown(cell: &[Audited]) -> f64 {
    let judged: Vec<Tally> = cell.iter().map(|prompt| prompt.judged).collect();
    rate(&judged).expect("something was judged").value
}

fn tenths(share: f64) -> f64 {
    (1000.0 * share).round() / 10.0
}

#[test]
fn more_labels_than_fit_a_count_still_add_up() {
    let full = Confusion { both_yes: u32::MAX, false_yes: 1, false_no: 1, both_no: u32::MAX };
    assert_eq!(full.total(), 2 * u64::from(u32::MAX) + 2);
    assert_eq!(full.plus(full).both_yes, u32::MAX);
    assert!(sensitivity(&[full]).is_some_and(|found| found.value > 0.99));
}

fn count(gold: Confusion) -> u32 {
    u32::try_from(gold.total()).expect("few labels")
}
