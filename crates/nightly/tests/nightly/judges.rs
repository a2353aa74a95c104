//! Whether a judge is as it was, by what it says of what it judged before.

use iago_nightly::{Anchor, JUDGE_LEVEL, JudgeChange, JudgeCheck, Noise, Now};

use crate::dice::Dice;
use crate::planted::{echo, judge};

#[test]
fn a_judge_that_says_the_same_is_the_same() {
    let found = judge(100, 0).find();
    assert_eq!((found.judged, found.flips, found.change), (100, 0, None));
    assert_eq!((found.p_flips, found.p_direction), (1.0, 1.0));
    assert!(found.could_see.unwrap() < 0.12, "{found:?}");
}

#[test]
fn the_test_of_flips_is_the_exact_binomial_one() {
    // P(X ≥ 7) of 100 draws at 2% is 0.00406, and P(X ≥ 6) is 0.01548.
    let found = judge(100, 7).find();
    assert!((found.p_flips - 0.004_06).abs() < 5e-6, "{found:?}");
    assert_eq!(found.change, Some(JudgeChange::Flips));
    let found = judge(100, 6).find();
    assert!((found.p_flips - 0.015_48).abs() < 5e-6, "{found:?}");
    assert_eq!(found.change, None);
}

#[test]
fn flips_within_the_noise_that_lean_one_way_are_a_change() {
    // 20 of 200 flip, no more than was measured, and all of them from good to poor.
    let check = JudgeCheck { noise: Noise::Measured { flips: 20, of: 200 }, ..judge(200, 20) };
    let found = check.find();
    assert!(found.p_flips > 0.4, "{found:?}");
    assert_eq!(found.change, Some(JudgeChange::Leans));
}

#[test]
fn measured_noise_is_compared_by_the_exact_hypergeometric_test() {
    let check = JudgeCheck { noise: Noise::Measured { flips: 1, of: 50 }, ..judge(50, 9) };
    let found = check.find();
    // P(X ≥ 9) where 50 of 100 are drawn and 10 of them flip.
    assert!((found.p_flips - 0.007_83).abs() < 5e-6, "{found:?}");
}

#[test]
fn a_judge_that_another_model_answers_for_is_another_judge_whatever_it_says() {
    let mut check = judge(100, 0);
    check.model.tonight = echo("judge-2");
    let found = check.find();
    assert_eq!((found.flips, found.change), (0, Some(JudgeChange::OtherModel)));
    assert_eq!(found.model.unwrap().answered, echo("judge-2").ids);
    // A new one that is expected is still not the one that judged the baseline.
    check.model.expected = Some("judge-2".to_owned());
    assert_eq!(check.find().change, Some(JudgeChange::OtherModel));
    check.model.baseline = echo("judge-2");
    assert_eq!(check.find().change, None);
    check.model.expected = None;
    check.model.baseline = echo("judge-1");
    assert_eq!(check.find().change, Some(JudgeChange::OtherModel));
}

#[test]
fn too_few_anchors_see_nothing_and_say_so() {
    assert_eq!(judge(1, 0).find().could_see, None);
    assert_eq!(judge(0, 0).find().change, None);
}

#[test]
fn a_judge_that_is_as_it_was_is_hardly_ever_called_changed() {
    const NIGHTS: u32 = 4_000;
    let mut dice = Dice::new(8);
    let mut night = || {
        let mut say = |good: bool| {
            let good = good != dice.chance(0.05);
            if good { "good" } else { "poor" }.to_owned()
        };
        let anchor = |at: u32| Anchor {
            then: Some(say(at.is_multiple_of(3))),
            now: Now::Label(say(at.is_multiple_of(3))),
        };
        let anchors = (0..120).map(anchor).collect();
        let measured = u64::from(dice.yes(200, 0.095));
        let noise = Noise::Measured { flips: measured, of: 200 };
        JudgeCheck { noise, anchors, ..judge(0, 0) }.find().change.is_some()
    };
    let changed = (0..NIGHTS).filter(|_| night()).count() as u64;
    let interval = iago_statistics::clopper_pearson(changed, u64::from(NIGHTS), 0.999);
    assert!(interval.low <= 2.0 * JUDGE_LEVEL, "{changed} of {NIGHTS} nights");
}
