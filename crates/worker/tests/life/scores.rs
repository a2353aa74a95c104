//! Scores by our own code.

use iago_protocol::{Delivery, FromCoordinator, Outcome};
use iago_sweep::{FailureClass, Finish, LOCAL_POOL, Label, Money, Parse, Plan, Usage};

use crate::coordinator::Coordinator;
use crate::sweep::{Changed, ask_for, exactly, score_stage};
use crate::worker::{Worker, settings};

const PLENTY: u64 = 1 << 30;

fn scoring(plan: &mut Plan) {
    ask_for(plan, None);
    plan.stages.push(score_stage("right", exactly("42")));
}

fn word(word: &str) -> Label {
    Label::Word(word.to_owned())
}

/// What a score says, and its text; all else is the same for every score.
fn score(delivery: &Delivery) -> (Label, &str) {
    assert_eq!((delivery.calls, delivery.throttles), (0, 0));
    assert_eq!((delivery.cost, delivery.simulated), (Some(Money::ZERO), false));
    let Outcome::Answered { finish, parse, label: Some(label), usage, echoed_model, text, .. } =
        &delivery.outcome
    else {
        panic!("no score: {delivery:?}")
    };
    assert_eq!((*finish, *parse, *usage), (Finish::Stop, Parse::Ok, Usage::default()));
    assert_eq!(*echoed_model, None);
    (label.clone(), &text.raw)
}

#[tokio::test]
async fn a_score_is_a_result_without_a_call() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start(&coordinator, settings()).await;
    let (mut stream, inventory) = coordinator.greet(4).await;
    assert!(inventory.pools.contains(&LOCAL_POOL.to_owned()), "{:?}", inventory.pools);
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    stream.allow(LOCAL_POOL, 1000).await;
    let sweep = Changed::new(scoring);
    let answers = ["<OUT>42</OUT>", "<OUT>41</OUT>", "forty-two", "<OUT>42</OUT>"];
    let jobs = (0..).zip(answers).map(|(nth, said)| sweep.assignment(1, nth, &[said]));
    stream.assign(jobs).await;
    stream.answer_need_with(sweep.json).await;
    let mut delivered = stream.deliveries(4).await;
    delivered.sort_by_key(|one| one.job);
    let scores: Vec<_> = delivered.iter().map(score).collect();
    let yes = (word("yes"), r#"{"label":"yes"}"#);
    let no = (word("no"), r#"{"label":"no"}"#);
    let unknown = (Label::Abstained, r#"{"abstain":true}"#);
    assert_eq!(scores, [yes.clone(), no, unknown, yes]);
    let hash = |nth: usize| match &delivered[nth].outcome {
        Outcome::Answered { request, .. } => *request,
        Outcome::Failed { .. } | Outcome::Released => panic!("no score"),
    };
    assert_eq!(hash(0), hash(3), "the same was scored");
    assert_ne!(hash(0), hash(1));
    assert_eq!(worker.endpoint.log().calls, 0);
}

#[tokio::test]
async fn nothing_is_scored_before_it_may_be() {
    let mut coordinator = Coordinator::start().await;
    let _worker = Worker::start(&coordinator, settings()).await;
    let (mut stream, _) = coordinator.greet(4).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    stream.allow(LOCAL_POOL, 0).await;
    let sweep = Changed::new(scoring);
    stream.assign([sweep.assignment(1, 0, &["<OUT>42</OUT>"])]).await;
    stream.answer_need_with(sweep.json).await;
    stream.hear_no_delivery().await;
    stream.allow(LOCAL_POOL, 1).await;
    assert_eq!(score(&stream.deliveries(1).await[0]).0, word("yes"));
}

#[tokio::test]
async fn a_score_that_makes_no_sense_is_rejected() {
    let mut coordinator = Coordinator::start().await;
    let _worker = Worker::start(&coordinator, settings()).await;
    let (mut stream, _) = coordinator.greet(4).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    stream.allow(LOCAL_POOL, 1).await;
    let sweep = Changed::new(|plan| {
        ask_for(plan, None);
        plan.stages.push(score_stage("right", exactly("{{ nobody }}")));
    });
    stream.assign([sweep.assignment(1, 0, &["<OUT>42</OUT>"])]).await;
    stream.answer_need_with(sweep.json).await;
    let delivery = stream.deliveries(1).await.remove(0);
    let Outcome::Failed { class, status, message } = &delivery.outcome else {
        panic!("{delivery:?}")
    };
    assert_eq!((*class, *status, delivery.calls), (FailureClass::Rejected, None, 0));
    assert!(message.contains("nobody"), "{message}");
}
