//! The word of a night, from facts alone.

use iago_nightly::{Agreement, Cause, PinnedBaseline, RunEnd, Step, Word};
use iago_sweep::{Digest, Gold, Plan, Rating, Sampled};

use super::house::{House, PROMPTS, Transcript, USUAL, Who, edited, mostly_good, plan, subject};
use crate::night::{Assessed, Subject, assess};

pub(super) type Says = fn(u32, u32) -> Transcript;

/// A night: what was said then and tonight, and what tonight's judge says of the baseline.
pub(super) struct Told {
    pub(super) then: (Plan, Says, Who),
    pub(super) tonight: (Plan, Says, Who),
    pub(super) again: Says,
}

impl Default for Told {
    fn default() -> Self {
        let usual = || (plan(), mostly_good as Says, USUAL);
        Self { then: usual(), tonight: usual(), again: mostly_good }
    }
}

impl Told {
    pub(super) async fn come_to(self, change: impl FnOnce(&mut Subject)) -> Assessed {
        let house = House::new().await;
        let (then, said, who) = self.then;
        let baseline = house.sweep(&then, said, who).await;
        let (tonight, said, who) = self.tonight;
        let sweep = house.sweep(&tonight, said, who).await;
        let with = house.compare((sweep, &tonight), (baseline, &then), self.again, who).await;
        let mut subject = subject(sweep, Some(with));
        change(&mut subject);
        assess(&*house.store, &subject).await.expect("it is judged")
    }

    pub(super) async fn word(self) -> Word {
        self.come_to(|_| {}).await.morning.word
    }
}

#[tokio::test]
async fn an_unchanged_night_passes() {
    let assessed = Told::default().come_to(|_| {}).await;
    let morning = assessed.morning;
    assert_eq!((morning.word, morning.why), (Word::Pass, None));
    assert!(matches!(assessed.step, Some(Step::Decided(_))));
    let good = &morning.values[0];
    assert_eq!((good.value, good.of, good.prompts.len()), (Some(0.9), 120, PROMPTS as usize));
    assert_eq!((morning.values[1].value, morning.values[1].is_mean), (Some(10.0), true));
    assert_eq!((morning.done.answered, morning.done.failed, morning.done.open), (240, 0, 0));
    // Tonight's 240 answers, and 120 by its judge about the baseline: copies cost nothing.
    assert_eq!(morning.spent.0, 360);
    assert!(morning.flips.is_empty());
    let judge = &morning.verdict.expect("it has gates").judges[0];
    assert_eq!((judge.judged, judge.flips, judge.unanswered), (120, 0, 0));
}

#[tokio::test]
async fn a_worse_night_is_a_regression_and_names_what_got_worse() {
    let worse: Says = |prompt, repeat| match prompt % 10 {
        1..=4 => Transcript::Poor,
        _ => mostly_good(prompt, repeat),
    };
    let told = Told { tonight: (plan(), worse, USUAL), ..Told::default() };
    let morning = told.come_to(|_| {}).await.morning;
    assert_eq!(morning.word, Word::Regression);
    assert_eq!(morning.flips.len(), 24);
    let first = &morning.flips[0];
    assert!(first.worse && first.prompt == "p1", "{first:?}");
    assert_eq!((first.baseline.yes, first.tonight.yes, first.tonight.of), (2, 0, 2));
}

#[tokio::test]
async fn too_much_that_is_missing_is_the_infrastructure() {
    let broken: Says = |prompt, repeat| match prompt % 2 {
        1 => Transcript::Failed,
        _ => mostly_good(prompt, repeat),
    };
    let told = Told { tonight: (plan(), broken, USUAL), ..Told::default() };
    let morning = told.come_to(|_| {}).await.morning;
    assert_eq!(morning.word, Word::Infrastructure);
    let causes = &morning.verdict.expect("it has gates").gates[0].causes;
    let Cause::Unanswered { share, .. } = causes[0] else { panic!("{causes:?}") };
    assert_eq!(share, 0.5);
    assert_eq!(morning.habits.failed["exhausted"], 60);
}

#[tokio::test]
async fn another_model_behind_the_name_is_a_changed_model() {
    let other = Who { model: "m-2", ..USUAL };
    let told = Told { tonight: (plan(), mostly_good, other), ..Told::default() };
    assert_eq!(told.word().await, Word::ChangedModel);
    let expecting = || edited("[models.m]\n", "[models.m]\nexpect = \"m-1\"\n");
    let told = Told {
        then: (expecting(), mostly_good, USUAL),
        tonight: (expecting(), mostly_good, other),
        ..Told::default()
    };
    assert_eq!(told.word().await, Word::ChangedModel);
}

#[tokio::test]
async fn a_judge_that_says_otherwise_of_what_it_judged_is_a_changed_judge() {
    let harsher: Says = |prompt, repeat| match prompt % 10 {
        1 | 2 => Transcript::Poor,
        _ => mostly_good(prompt, repeat),
    };
    let told = Told { tonight: (plan(), harsher, USUAL), again: harsher, ..Told::default() };
    assert_eq!(told.word().await, Word::ChangedJudge);
    let told =
        Told { tonight: (plan(), mostly_good, Who { judge: "j-2", ..USUAL }), ..Told::default() };
    assert_eq!(told.word().await, Word::ChangedJudge, "the labels are the same, and it is not");
}

#[tokio::test]
async fn a_judge_that_always_abstains_is_a_changed_judge() {
    let silent: Says = |_, _| Transcript::Abstained;
    let told = Told { tonight: (plan(), silent, USUAL), again: silent, ..Told::default() };
    assert_eq!(told.word().await, Word::ChangedJudge);
}

#[tokio::test]
async fn a_judge_that_abstains_tonight_alone_is_the_infrastructure() {
    let silent: Says = |_, _| Transcript::Abstained;
    let told = Told { tonight: (plan(), silent, USUAL), ..Told::default() };
    let morning = told.come_to(|_| {}).await.morning;
    let causes = &morning.verdict.expect("it has gates").gates[0].causes;
    assert!(matches!(causes[..], [Cause::Ungraded { .. }]), "{causes:?}");
}

#[tokio::test]
async fn an_edited_prompt_makes_the_baseline_one_of_other_prompts() {
    let mut other = plan();
    other.prompts[3].fields.insert("request".to_owned(), "something else".to_owned());
    other.prompts.pop();
    let told = Told { tonight: (other, mostly_good, USUAL), ..Told::default() };
    let morning = told.come_to(|_| {}).await.morning;
    assert_eq!(morning.word, Word::UnreliableBaseline);
    let gate = &morning.verdict.expect("it has gates").gates[0];
    let words = gate.causes[0].to_string();
    assert!(words.contains('2'), "one is edited and one is gone: {words}");
    assert_eq!(gate.finding.as_ref().expect("the rest is paired").prompts, u64::from(PROMPTS) - 2);
}

#[tokio::test]
async fn an_old_or_small_baseline_is_unreliable() {
    let terms = |repeats, max_age: Option<&str>| PinnedBaseline {
        pinned: "known".to_owned(),
        repeats,
        max_age: max_age.map(|age| age.parse().expect("a length")),
    };
    let word = async |terms| {
        let assessed = Told::default().come_to(|of| of.baseline_terms = Some(terms)).await;
        assessed.morning.word
    };
    assert_eq!(word(terms(None, Some("30m"))).await, Word::UnreliableBaseline);
    assert_eq!(word(terms(Some(3), None)).await, Word::UnreliableBaseline);
    assert_eq!(word(terms(Some(2), Some("2h"))).await, Word::Pass);
}

#[tokio::test]
async fn a_judge_that_nobody_watched_though_it_was_wanted_is_the_infrastructure() {
    let assessed = Told::default().come_to(|of| {
        let with = of.comparison.as_mut().expect("it is compared");
        with.anchors = None;
    });
    let morning = assessed.await.morning;
    assert_eq!(morning.word, Word::Infrastructure);
    let gate = &morning.verdict.expect("it has gates").gates[0];
    assert!(matches!(gate.causes[..], [Cause::UnwatchedJudge { .. }]), "{:?}", gate.causes);
}

#[tokio::test]
async fn a_stopped_run_and_a_deadline_have_their_own_words() {
    for (end, word) in
        [(RunEnd::Stopped, Word::Infrastructure), (RunEnd::DeadlinePassed, Word::Deadline)]
    {
        let morning = Told::default().come_to(|of| of.end = end).await.morning;
        assert_eq!(morning.word, word);
        let alone = |of: &mut Subject| (of.end, of.comparison) = (end, None);
        assert_eq!(Told::default().come_to(alone).await.morning.word, word);
    }
}

#[tokio::test]
async fn what_is_compared_with_nothing_is_told_and_never_passes() {
    let assessed = Told::default().come_to(|of| of.comparison = None).await;
    assert!(assessed.step.is_none());
    let morning = assessed.morning;
    assert_eq!(morning.word, Word::Inconclusive);
    assert!(morning.why.expect("it says why").contains("iago baseline set"));
    assert_eq!(morning.values[0].value, Some(0.9));
}

#[tokio::test]
async fn a_judge_that_is_asked_otherwise_and_does_not_judge_the_baseline_again_settles_nothing() {
    let asks_less = || edited("rejudge_baseline = true", "rejudge_baseline = false");
    let mut stricter = asks_less();
    if let iago_sweep::StageKind::Judge { text, .. } = &mut stricter.stages[1].kind {
        text.push_str(" Be strict.");
    }
    let told = Told {
        then: (asks_less(), mostly_good, USUAL),
        tonight: (stricter, mostly_good, USUAL),
        ..Told::default()
    };
    let morning = told.come_to(|_| {}).await.morning;
    assert_eq!(morning.word, Word::Inconclusive);
    assert!(morning.why.expect("it says why").contains("`quality` grades in another way"));
    let same = Told {
        then: (asks_less(), mostly_good, USUAL),
        tonight: (asks_less(), mostly_good, USUAL),
        ..Told::default()
    };
    assert_eq!(same.word().await, Word::Pass);
}

#[tokio::test]
async fn a_new_rubric_that_says_the_same_of_the_baseline_is_the_same_judge() {
    let reworded = edited("Is it good? ", "Is this good? ");
    let told = Told { tonight: (reworded, mostly_good, USUAL), ..Told::default() };
    assert_eq!(told.word().await, Word::Pass);
}

#[tokio::test]
async fn a_cell_that_the_baseline_does_not_have_stays_open() {
    let wider =
        edited("[models.m]\nid = \"m\"\n", "[models.m]\nid = \"m\"\n[models.n]\nid = \"n\"\n");
    let told = Told { tonight: (wider, mostly_good, USUAL), ..Told::default() };
    let morning = told.come_to(|_| {}).await.morning;
    assert!(morning.word != Word::Pass, "{:?}", morning.word);
    assert!(morning.why.expect("it says why").contains("`n` under `only`"));
    let verdict = morning.verdict.expect("it has gates");
    let words: Vec<Word> = verdict.gates.iter().map(|gate| gate.word).collect();
    assert_eq!(words[0], Word::Pass, "what can be compared is");
}

#[tokio::test]
async fn an_open_gate_is_topped_up_while_there_is_a_look_left() {
    let topped = || {
        edited(
            "max_missing = 0.05",
            "max_missing = 0.05\ntop_up = { repeats = 2, looks = 2, spend = \"pocock\" }",
        )
    };
    let unsure: Says = |prompt, repeat| match prompt % 10 {
        1 => Transcript::Poor,
        2 if repeat == 0 => Transcript::Poor,
        _ => mostly_good(prompt, repeat),
    };
    let told = || Told {
        then: (topped(), mostly_good, USUAL),
        tonight: (topped(), unsure, USUAL),
        ..Told::default()
    };
    let step = told().come_to(|_| {}).await.step;
    assert!(matches!(step, Some(Step::TopUp { repeats: 2, .. })), "{step:?}");
    let step = told().come_to(|of| of.look = 2).await.step;
    assert!(matches!(step, Some(Step::Decided(_))), "{step:?}");
}

/// People call the first two prompts good; the judge calls the first of them poor, then and tonight.
#[tokio::test]
async fn tonights_judge_is_held_to_what_people_said_of_the_baseline() {
    let rating = |prompt: &str, repeat| Rating {
        prompt: prompt.to_owned(),
        model: "m".to_owned(),
        condition: "only".to_owned(),
        repeat,
        rater: "ann".to_owned(),
        label: "good".to_owned(),
        request: None,
    };
    let mut labelled = plan();
    labelled.gold = vec![Gold {
        stage: "quality".to_owned(),
        labels: Digest::of("labels"),
        sampled: Sampled::Random,
        min_per_class: 50,
        anchors: true,
        // Of the last of these nobody has an answer.
        ratings: vec![rating("p0", 0), rating("p1", 0), rating("p1", 1), rating("p1", 9)],
    }];
    let told = || Told { tonight: (labelled.clone(), mostly_good, USUAL), ..Told::default() };
    let against = told().come_to(|_| {}).await.morning.against.expect("it is compared");
    assert_eq!(against.gold, Some(Agreement { agree: 2, of: 3 }));
    labelled.gold[0].anchors = false;
    let told = Told { tonight: (labelled, mostly_good, USUAL), ..Told::default() };
    let against = told.come_to(|_| {}).await.morning.against.expect("it is compared");
    assert_eq!(against.gold, None);
}
