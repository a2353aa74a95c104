//! More repeats while a gate is open, and what they cost.

use iago_nightly::{Levels, Repeats, Step, Word, look};
use iago_sweep::{Gating, Spend, TopUp};

use crate::planted::{gating, model, night_with_lost, quiet_night};

fn with_looks(looks: u32) -> Gating {
    Gating { top_up: Some(TopUp { repeats: 3, looks, spend: Spend::Pocock }), ..gating() }
}

#[test]
fn an_open_gate_is_asked_more_until_the_last_look() {
    let mut night = night_with_lost(10);
    night.gating = with_looks(2);
    let Step::TopUp { repeats, so_far } = look(&night) else { panic!("it is open") };
    assert_eq!((repeats, so_far.word), (3, Word::Inconclusive));
    night.look = 2;
    let Step::Decided(verdict) = look(&night) else { panic!("it was the last look") };
    assert_eq!(verdict.word, Word::Inconclusive);
}

#[test]
fn what_is_decided_is_asked_no_more() {
    for (mut night, word) in [(quiet_night(), Word::Pass), (night_with_lost(40), Word::Regression)]
    {
        night.gating = with_looks(2);
        let Step::Decided(verdict) = look(&night) else { panic!("{word} is clear") };
        assert_eq!(verdict.word, word);
    }
    let mut night = night_with_lost(10);
    night.gating = with_looks(2);
    night.models = vec![model("sim-1", "sim-2")];
    assert!(matches!(look(&night), Step::Decided(verdict) if verdict.word == Word::ChangedModel));
}

#[test]
fn both_claims_pay_for_looking_twice() {
    let repeats = Repeats { tonight: 3, baseline: 6 };
    let once = Levels::at(&gating(), repeats, 1, 2);
    assert_eq!((once.pass(), once.regression(1), once.regression(2)), (0.025, 0.025, 0.0125));
    let looks = [1, 2].map(|look| Levels::at(&with_looks(2), repeats, look, 2));
    for twice in &looks {
        assert!(twice.pass() < once.pass() && twice.regression(2) < once.regression(2));
        assert_eq!(twice.pass(), twice.regression(1));
    }
    // Together they may spend it all, and looks at the same answers overlap.
    assert!(looks[0].pass() + looks[1].pass() > once.pass());
}

#[test]
fn claims_of_regression_go_by_holms_steps() {
    let levels = Levels::at(&gating(), Repeats { tonight: 3, baseline: 6 }, 1, 3);
    assert_eq!(levels.regressed(&[0.02, 0.008, 0.5]), [false, true, false]);
    assert_eq!(levels.regressed(&[0.012, 0.008, 0.024]), [true, true, true]);
    assert_eq!(levels.regressed(&[0.009, 0.009, 0.009]), [false, false, false]);
}
