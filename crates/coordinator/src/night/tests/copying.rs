//! The sweep of anchors, as a coordinator finds it when it goes on with it.

use std::collections::BTreeMap;

use iago_scheduler::{Known, Limits as Slots, Scheduler, StageCount};
use iago_store::{Kind, READ_MAX, Store};
use iago_sweep::{
    Coordinate, Fact, Follows, JobId, LOCAL_POOL, Label, Message, Money, Plan, ResultFact, Role,
    Stage, StageKind, SweepId, Text,
};

use super::house::{
    House, PROMPTS, Transcript, USUAL, edited, failure, mostly_good, new_sweep, plan,
};
use crate::load::Loading;
use crate::night::copied::with_texts;
use crate::night::{anchors_plan, split_budget};
use crate::reread::Reader;
use crate::settings::{PoolSettings, Settings};
use crate::shape::shape;
use crate::standing::find_head;
use crate::submit::read_rules;

/// A baseline, and the sweep of its anchors with nothing in it.
async fn begin(says: fn(u32, u32) -> Transcript) -> (House, SweepId, SweepId, Plan) {
    let house = House::new().await;
    let baseline = house.sweep(&plan(), says, USUAL).await;
    let plan = anchors_plan(&plan(), &plan()).expect("it is judged again");
    let new = new_sweep(&plan, Kind::Anchors);
    let anchors = house.store.submit(house.term, new).await.expect("it is stored");
    (house, baseline, anchors, plan)
}

/// How the stages of a sweep stand to whoever goes on with it.
async fn load(house: &House, sweep: SweepId, plan: &Plan) -> Vec<StageCount> {
    let pool = |name: &str| PoolSettings { name: name.to_owned(), limits: Default::default() };
    let pools = vec![pool("lab"), pool(LOCAL_POOL)];
    let named = pools.iter().map(|of| (of.name.clone(), Slots { concurrency: 1 })).collect();
    let settings = Settings::alone("the test".to_owned(), pools, Vec::new());
    let (grader, renderer) = read_rules(plan).expect("it compiles");
    let reader = Reader { plan, grader: &grader, renderer: &renderer };
    let shape = shape(reader, 0, &settings, &mut Scheduler::new(1, named)).expect("it fits");
    let round = find_head(&*house.store, sweep).await.expect("it is there").round;
    let routes = BTreeMap::new();
    let loading =
        Loading { store: &*house.store, sweep, revision: 0, reader, routes: &routes, round };
    let known = Known::new(shape).expect("it fits");
    loading.load(known).await.expect("it is read").counts()
}

fn open(count: &StageCount) -> u64 {
    count.known - count.done - count.failed
}

#[tokio::test]
async fn only_the_judge_has_anything_to_do() {
    let (house, baseline, anchors, plan) = begin(mostly_good).await;
    let before = load(&house, anchors, &plan).await;
    assert_eq!(open(&before[0]), u64::from(2 * PROMPTS), "nothing is copied yet");
    house.copy(baseline, anchors, &plan).await;
    let counts = load(&house, anchors, &plan).await;
    assert_eq!((open(&counts[0]), open(&counts[1])), (0, u64::from(2 * PROMPTS)));
    let totals = house.store.totals(anchors).await.expect("it is there");
    assert_eq!((totals.calls(), totals.cost, totals.unpriced), (0, Money::ZERO, 0));
}

#[tokio::test]
async fn what_is_copied_says_what_it_said() {
    let (house, baseline, anchors, plan) = begin(mostly_good).await;
    house.copy(baseline, anchors, &plan).await;
    let results = |sweep| house.store.results(sweep, None, 2 * PROMPTS as usize);
    let (then, now) = (results(baseline).await.unwrap(), results(anchors).await.unwrap());
    for (then, now) in then.iter().zip(&now) {
        assert_eq!((then.job, &then.echoed_model), (now.job, &now.echoed_model));
        assert_eq!((then.request, then.finish, then.parse), (now.request, now.finish, now.parse));
        assert_eq!((now.calls, now.throttles, now.usage.output), (0, 0, 0));
    }
    let jobs: Vec<JobId> = now.iter().map(|fact| fact.job).take(READ_MAX).collect();
    assert_eq!(jobs.len(), 2 * PROMPTS as usize);
    let texts = house.store.read(anchors, &jobs).await.unwrap();
    assert_eq!(texts, house.store.read(baseline, &jobs).await.unwrap());
}

/// A store that has lost a text gives those that it has, and no answer may come by another's text.
#[tokio::test]
async fn an_answer_keeps_its_own_text_and_one_without_a_text_fails() {
    let (house, baseline, ..) = begin(mostly_good).await;
    let facts = house.store.results(baseline, None, 3).await.unwrap();
    let jobs: Vec<JobId> = facts.iter().map(|fact| fact.job).collect();
    let mut texts = house.store.read(baseline, &jobs).await.unwrap();
    texts.remove(1);
    texts.reverse();
    let copied = with_texts(&facts, texts, |job| Fact::Failure(failure(job)));
    let told: Vec<(JobId, String)> = copied
        .into_iter()
        .map(|fact| match fact {
            Fact::Result(of, text) => (of.job, text.raw),
            Fact::Failure(of) => (of.job, "none".to_owned()),
            Fact::Attempt(_) | Fact::Frontier(_) => panic!("nobody else was asked"),
        })
        .collect();
    let raw = |job: JobId| (job, format!("the text of {job}"));
    assert_eq!(told, [raw(jobs[0]), (jobs[1], "none".to_owned()), raw(jobs[2])]);
}

#[tokio::test]
async fn copying_twice_changes_nothing() {
    let some_fail: fn(u32, u32) -> Transcript =
        |prompt, _| if prompt == 7 { Transcript::Failed } else { Transcript::Good };
    let (house, baseline, anchors, plan) = begin(some_fail).await;
    house.copy(baseline, anchors, &plan).await;
    let state = async || {
        let totals = house.store.totals(anchors).await.unwrap();
        (totals, house.store.failures(anchors).await.unwrap())
    };
    let first = state().await;
    house.copy(baseline, anchors, &plan).await;
    assert_eq!(state().await, first);
}

#[tokio::test]
async fn what_the_baseline_has_no_answer_for_is_not_asked_for_not_even_once_it_is_tried_again() {
    let some_fail: fn(u32, u32) -> Transcript =
        |prompt, repeat| if prompt < 7 { Transcript::Failed } else { mostly_good(prompt, repeat) };
    let (house, baseline, anchors, plan) = begin(some_fail).await;
    house.copy(baseline, anchors, &plan).await;
    let counts = load(&house, anchors, &plan).await;
    assert_eq!((counts[0].failed, open(&counts[0])), (14, 0));
    assert_eq!(open(&counts[1]), u64::from(2 * (PROMPTS - 7)));
    house.store.retry(house.term, anchors).await.unwrap();
    house.copy(baseline, anchors, &plan).await;
    let counts = load(&house, anchors, &plan).await;
    assert_eq!((counts[0].failed, open(&counts[0])), (14, 0));
}

#[tokio::test]
async fn a_transcript_that_nobody_judged_then_is_not_judged_now() {
    let house = House::new().await;
    let baseline = house
        .store
        .submit(house.term, new_sweep(&plan(), Kind::Asked))
        .await
        .expect("it is stored");
    house.answer(baseline, &plan(), 0, &mostly_good, USUAL).await;
    let half: fn(u32, u32) -> Transcript =
        |prompt, _| if prompt < 10 { Transcript::Good } else { Transcript::Failed };
    house.answer(baseline, &plan(), 1, &half, USUAL).await;
    let plan = anchors_plan(&plan(), &plan()).expect("it is judged again");
    let new = new_sweep(&plan, Kind::Anchors);
    let anchors = house.store.submit(house.term, new).await.expect("it is stored");
    house.copy(baseline, anchors, &plan).await;
    assert_eq!(open(&load(&house, anchors, &plan).await[1]), 20);
}

/// Tonight's judge calls poor what the baseline's called good, and a model would be asked about it.
#[tokio::test]
async fn what_tonights_judge_would_ask_a_model_for_is_not_asked() {
    let mut asking = plan();
    let follows = Follows {
        of: "reply".to_owned(),
        when: Some("quality == 'poor'".to_owned()),
        after: Some("quality".to_owned()),
        continues: true,
    };
    let message = Message { role: Role::User, template: "Are you sure?".to_owned(), when: None };
    let kind = StageKind::Generate {
        follows: Some(follows),
        helper: None,
        messages: vec![message],
        fields: Vec::new(),
        again: None,
    };
    asking.stages.push(Stage { name: "sure".to_owned(), kind });
    let house = House::new().await;
    let all_good: fn(u32, u32) -> Transcript = |_, _| Transcript::Good;
    let baseline = house.sweep(&asking, all_good, USUAL).await;
    let plan = anchors_plan(&asking, &asking).expect("it is judged again");
    let new = new_sweep(&plan, Kind::Anchors);
    let anchors = house.store.submit(house.term, new).await.expect("it is stored");
    house.copy(baseline, anchors, &plan).await;
    let copied = house.store.results(anchors, None, 1).await.unwrap().remove(0);
    let at = Coordinate { stage: 1, ..copied.job.at() };
    let judged = ResultFact {
        job: JobId::pack(at).expect("it is in range"),
        label: Some(Label::Word("poor".to_owned())),
        opens: 0b100,
        decided: 0b111,
        ..copied
    };
    let fact = Fact::Result(Box::new(judged), Text::default());
    house.store.append(anchors, house.term, vec![fact]).await.expect("it is stored");
    let counts = load(&house, anchors, &plan).await;
    assert_eq!((open(&counts[0]), open(&counts[2])), (0, 0));
    assert_eq!(open(&counts[1]), u64::from(2 * PROMPTS) - 1);
}

#[test]
fn nothing_is_judged_again_where_nobody_asks_for_it_or_nothing_fits() {
    let lax = edited("rejudge_baseline = true", "rejudge_baseline = false");
    assert_eq!(anchors_plan(&lax, &plan()), None);
    let mut renamed = plan();
    renamed.stages[1].name = "grade".to_owned();
    assert_eq!(anchors_plan(&plan(), &renamed), None, "no judge stage is in both");
    let mut elsewhere = plan();
    if let StageKind::Judge { of, .. } = &mut elsewhere.stages[1].kind {
        *of = "summary".to_owned();
    }
    assert_eq!(anchors_plan(&elsewhere, &plan()), None, "the baseline has no such stage");
}

#[test]
fn anchors_are_the_baselines_transcripts_before_tonights_judge() {
    let mut tonight = edited("Is it good? ", "Is this good? ");
    tonight.repeats = 1;
    tonight.prompts.truncate(5);
    let anchors = anchors_plan(&tonight, &plan()).expect("it is judged again");
    assert_eq!((anchors.name.as_str(), anchors.repeats), ("little anchors", 1));
    assert_eq!(anchors.prompts, plan().prompts);
    assert_eq!(anchors.cells[0].prompts_max, Some(5), "no more than tonight asks");
    assert_eq!(anchors.stages[1], tonight.stages[1]);
    assert_eq!(anchors.stages[0], plan().stages[0]);
    let mut other = plan();
    other.cells[0].model = "n".to_owned();
    other.models[0].name = "n".to_owned();
    let anchors = anchors_plan(&plan(), &other).expect("it compiles");
    assert_eq!(anchors.transcripts(), 0, "tonight does not have that cell");
}

#[test]
fn a_budget_covers_both_by_their_jobs() {
    let mut tonight = plan();
    let mut anchors = anchors_plan(&tonight, &plan()).expect("it is judged again");
    tonight.budget = Some(Money(9_000));
    split_budget(&mut tonight, &mut anchors);
    // Of three jobs two are tonight's: it asks, and judges.
    assert_eq!((tonight.budget, anchors.budget), (Some(Money(6_000)), Some(Money(3_000))));
    tonight.budget = None;
    split_budget(&mut tonight, &mut anchors);
    assert_eq!((tonight.budget, anchors.budget), (None, None));
}

#[test]
fn the_coordinates_of_the_anchors_are_those_of_the_baseline() {
    let anchors = anchors_plan(&plan(), &plan()).expect("it is judged again");
    let names = |plan: &Plan| plan.stages.iter().map(|of| of.name.clone()).collect::<Vec<_>>();
    assert_eq!(names(&anchors), names(&plan()));
    let last = Coordinate { stage: 1, prompt: PROMPTS - 1, repeat: 1, ..Coordinate::default() };
    assert!(JobId::pack(last).is_ok() && anchors.check_size().is_ok());
}
