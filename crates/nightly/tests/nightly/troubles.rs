//! Nights with planted trouble: each has its own word, and none of them passes or is a regression.

use iago_nightly::{
    BaselineFault, Cause, Counts, JudgeChange, ModelCheck, Night, Now, RunEnd, Word, judge,
};

use crate::planted::{DAY, echo, judge as judging, model, night_with_lost, quiet_night};

/// The word and exit code of a night that is otherwise quiet, and of one that would be a regression.
fn assert_comes_to(word: Word, exit: u8, spoil: impl Fn(&mut Night)) {
    for mut night in [quiet_night(), night_with_lost(60)] {
        spoil(&mut night);
        let verdict = judge(&night);
        assert_eq!((verdict.word, verdict.exit_code()), (word, exit), "{:?}", verdict.gates[0]);
        assert_eq!(verdict.gates[0].causes[0].word(), word);
        assert!(!verdict.gates[0].causes[0].to_string().is_empty());
    }
}

/// Every so-many-th answer of tonight is missing.
fn lose_answers(night: &mut Night, every: usize) {
    let Counts::Rates(prompts) = &mut night.comparisons[0].counts else { panic!("it is a rate") };
    for prompt in prompts.iter_mut().step_by(every) {
        prompt.tonight.missing.unanswered = prompt.tonight.of;
        (prompt.tonight.yes, prompt.tonight.of) = (0, 0);
    }
}

fn lose_labels(night: &mut Night, every: usize) {
    lose_answers(night, every);
    let Counts::Rates(prompts) = &mut night.comparisons[0].counts else { panic!("it is a rate") };
    for prompt in prompts {
        let missing = &mut prompt.tonight.missing;
        (missing.ungraded, missing.unanswered) = (missing.unanswered, 0);
    }
}

#[test]
fn an_endpoint_that_was_down_is_infrastructure() {
    assert_comes_to(Word::Infrastructure, 3, |night| {
        lose_answers(night, 1);
        night.models[0].tonight = Default::default();
        for anchor in &mut night.judges[0].anchors {
            anchor.now = Now::Unanswered;
        }
    });
}

#[test]
fn half_of_the_calls_failing_is_infrastructure() {
    assert_comes_to(Word::Infrastructure, 3, |night| lose_answers(night, 2));
}

#[test]
fn an_outage_is_infrastructure_also_where_the_sweep_allows_no_share() {
    assert_comes_to(Word::Infrastructure, 3, |night| {
        lose_answers(night, 2);
        night.gating.max_missing = None;
        night.gating.missing = iago_sweep::MissingAs::Dropped;
    });
}

#[test]
fn a_run_that_was_stopped_is_infrastructure() {
    assert_comes_to(Word::Infrastructure, 3, |night| night.run = RunEnd::Stopped);
}

#[test]
fn a_deadline_that_passed_is_told_before_all_else() {
    assert_comes_to(Word::Deadline, 3, |night| {
        night.run = RunEnd::DeadlinePassed;
        night.models = vec![model("sim-1", "sim-2")];
        lose_answers(night, 2);
    });
}

#[test]
fn a_model_that_was_swapped_behind_its_name_is_a_changed_model() {
    assert_comes_to(Word::ChangedModel, 2, |night| night.models = vec![model("sim-1", "sim-2")]);
    // A single answer of another model is enough, and so is one that does not say.
    assert_comes_to(Word::ChangedModel, 2, |night| {
        night.models[0].tonight.ids.insert("sim-2".to_owned());
    });
    assert_comes_to(Word::ChangedModel, 2, |night| night.models[0].tonight.some_without = true);
}

#[test]
fn a_helper_that_was_swapped_is_a_changed_model_for_the_measures_that_hang_on_it() {
    let rewriter = || ModelCheck { name: "rewriter".to_owned(), ..model("sim-1", "sim-2") };
    assert_comes_to(Word::ChangedModel, 2, |night| {
        night.helpers = vec![rewriter()];
        night.comparisons[0].helpers = vec!["rewriter".to_owned()];
    });
    let night = Night { helpers: vec![rewriter()], ..quiet_night() };
    assert_eq!(judge(&night).word, Word::Pass, "nothing hangs on it");
}

#[test]
fn a_model_of_which_nothing_is_expected_is_held_to_the_baseline() {
    assert_comes_to(Word::ChangedModel, 2, |night| {
        night.models[0].expected = None;
        night.models[0].tonight = echo("sim-2");
    });
}

#[test]
fn a_new_model_that_is_expected_is_compared_with_the_old_one() {
    let mut night = quiet_night();
    night.models[0].expected = Some("sim-2".to_owned());
    night.models[0].tonight = echo("sim-2");
    assert_eq!(judge(&night).word, Word::Pass);
}

#[test]
fn a_judge_that_changed_is_a_changed_judge() {
    assert_comes_to(Word::ChangedJudge, 2, |night| night.judges = vec![judging(100, 20)]);
}

#[test]
fn an_always_abstaining_judge_is_a_changed_judge_and_no_outage() {
    assert_comes_to(Word::ChangedJudge, 2, |night| {
        lose_labels(night, 1);
        for anchor in &mut night.judges[0].anchors {
            anchor.now = Now::Abstained;
        }
        // Also where it has always been like that.
        for anchor in night.judges[0].anchors.iter_mut().skip(1) {
            anchor.then = None;
        }
    });
    let mut night = quiet_night();
    for anchor in &mut night.judges[0].anchors {
        (anchor.then, anchor.now) = (None, Now::Abstained);
    }
    let verdict = judge(&night);
    assert_eq!(verdict.judges[0].change, Some(JudgeChange::AbstainsAlways));
    assert_eq!(verdict.word, Word::ChangedJudge);
}

#[test]
fn labels_that_are_missing_under_a_judge_that_is_as_it_was_are_infrastructure() {
    assert_comes_to(Word::Infrastructure, 3, |night| lose_labels(night, 2));
    assert_comes_to(Word::Infrastructure, 3, |night| {
        lose_labels(night, 1);
        night.gating.rejudge_baseline = false;
        night.judges.clear();
    });
}

#[test]
fn a_judge_that_nobody_watched_though_it_was_to_be_is_infrastructure() {
    let spoils: [fn(&mut Night); 3] = [
        |night| night.judges.clear(),
        |night| night.judges[0].anchors.clear(),
        |night| night.judges[0].stage = "another".to_owned(),
    ];
    for spoil in spoils {
        assert_comes_to(Word::Infrastructure, 3, spoil);
        let mut night = quiet_night();
        spoil(&mut night);
        let cause = Cause::UnwatchedJudge { stage: "quality".to_owned() };
        assert_eq!(judge(&night).gates[0].causes, [cause]);
        night.gating.rejudge_baseline = false;
        assert_eq!(judge(&night).word, Word::Pass);
    }
}

#[test]
fn anchors_may_not_be_missing_because_answers_may() {
    assert_comes_to(Word::Infrastructure, 3, |night| {
        night.gating.max_missing = Some(1.0);
        for anchor in night.judges[0].anchors.iter_mut().take(6) {
            anchor.now = Now::Unanswered;
        }
    });
}

#[test]
fn a_judge_that_was_swapped_behind_its_name_is_a_changed_judge() {
    assert_comes_to(Word::ChangedJudge, 2, |night| {
        night.judges[0].model.tonight = echo("judge-2");
    });
    let mut night = quiet_night();
    night.judges[0].model.tonight = echo("judge-2");
    assert_eq!(
        judge(&night).gates[0].causes[0].to_string(),
        "judge `quality` is another model: model `judge`: `judge-2` answered, and not `judge-1`"
    );
}

#[test]
fn a_judge_that_the_measure_does_not_read_changes_nothing() {
    let mut night = quiet_night();
    night.judges = vec![judging(100, 20)];
    night.comparisons[0].judges.clear();
    assert_eq!(judge(&night).word, Word::Pass);
}

#[test]
fn a_baseline_that_is_nothing_to_compare_with_is_unreliable() {
    let spoils: [fn(&mut Night); 6] = [
        |night| night.repeats.baseline = 5,
        |night| night.baseline.age = 31 * DAY,
        |night| night.baseline.has_ended = false,
        |night| night.baseline.prompts_that_differ = 1,
        |night| night.models[0].baseline = echo("sim-0"),
        |night| {
            let Counts::Rates(prompts) = &mut night.comparisons[0].counts else {
                panic!("it is a rate")
            };
            for prompt in prompts.iter_mut().step_by(10) {
                prompt.baseline.missing.unanswered = 6;
                (prompt.baseline.yes, prompt.baseline.of) = (0, 0);
            }
        },
    ];
    for spoil in spoils {
        assert_comes_to(Word::UnreliableBaseline, 2, spoil);
    }
}

#[test]
fn all_causes_that_hold_are_told_in_their_order() {
    let mut night = quiet_night();
    night.run = RunEnd::DeadlinePassed;
    lose_answers(&mut night, 2);
    night.models = vec![model("sim-1", "sim-2")];
    night.judges = vec![judging(100, 20)];
    night.baseline.age = 31 * DAY;
    let causes = judge(&night).gates[0].causes.clone();
    let words: Vec<Word> = causes.iter().map(Cause::word).collect();
    let expected = [
        Word::Deadline,
        Word::Infrastructure,
        Word::ChangedModel,
        Word::ChangedJudge,
        Word::UnreliableBaseline,
    ];
    assert_eq!(words, expected);
    let old = Cause::Baseline(BaselineFault::Old { days: 31, max_days: 30 });
    assert_eq!(causes[4], old);
    assert_eq!(
        old.to_string(),
        "the baseline is 31 days old, at most 30 are allowed; pin a newer run"
    );
}
