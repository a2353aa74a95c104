//! A conversation that goes on until its fields can be read.

use std::collections::BTreeMap;

use iago_protocol::{Delivery, FromCoordinator, Outcome};
use iago_sweep::{
    Again, Digest, Finish, Message, Money, Parse, Plan, Price, Role, StageKind, Usage,
};
use iago_worker::EndpointSettings;

use crate::coordinator::{Coordinator, Stream};
use crate::scripted::{
    Asked, INPUT_TOKENS, OUTPUT_TOKENS, Reply, Scripted, ends, fails, fails_for_long, says,
};
use crate::sweep::{Changed, POOL, ask_for};
use crate::worker::{Worker, served, settings};

const PLENTY: u64 = 1 << 30;
const PRESS: &str = "Answer inside <OUT> tags.";

fn pressing(turns_max: u32) -> Again {
    Again::Continue { turns_max, message: PRESS.to_owned() }
}

/// In picodollars: one dollar for a million tokens that are read, two for as many that are written.
pub(crate) const PRICE: Price = Price {
    input: 1_000_000,
    cached_input: 0,
    cache_write: 0,
    output: 2_000_000,
    reasoning: None,
    long: Vec::new(),
};

pub(crate) fn priced(endpoint: &Scripted) -> EndpointSettings {
    let prices = BTreeMap::from([("sim-echo".to_owned(), PRICE)]);
    EndpointSettings { prices, ..served(&endpoint.url) }
}

/// What so many answers cost.
pub(crate) fn cost(answers: u64) -> Money {
    PRICE.of(&usage(answers))
}

/// What so many answers take.
pub(crate) fn usage(answers: u64) -> Usage {
    Usage { input: answers * INPUT_TOKENS, output: answers * OUTPUT_TOKENS, ..Usage::default() }
}

/// A worker that is given one job of the first stage, and an endpoint that replies so.
async fn begin(
    change: impl FnOnce(&mut Plan),
    replies: Vec<Reply>,
) -> (Stream, Scripted, Worker, Coordinator) {
    begin_stage(change, 0, &[], replies).await
}

/// The same with a job of any stage, and the answers that it hangs on.
pub(crate) async fn begin_stage(
    change: impl FnOnce(&mut Plan),
    stage: u32,
    said: &[&str],
    replies: Vec<Reply>,
) -> (Stream, Scripted, Worker, Coordinator) {
    let endpoint = Scripted::start(replies).await;
    let mut coordinator = Coordinator::start().await;
    let mut settings = settings();
    settings.endpoints.insert(POOL.to_owned(), priced(&endpoint));
    let worker = Worker::start(&coordinator, settings).await;
    let (mut stream, _) = coordinator.greet(4).await;
    stream.say(FromCoordinator::ResultCredit(PLENTY)).await;
    let sweep = Changed::new(change);
    stream.assign([sweep.assignment(stage, 0, said)]).await;
    stream.answer_need_with(sweep.json).await;
    (stream, endpoint, worker, coordinator)
}

/// What becomes of one job.
pub(crate) async fn deliver(
    change: impl FnOnce(&mut Plan),
    replies: Vec<Reply>,
) -> (Delivery, Scripted) {
    let (mut stream, endpoint, _worker, _coordinator) = begin(change, replies).await;
    (stream.deliveries(1).await.remove(0), endpoint)
}

/// Finish, parse and text of an answer.
pub(crate) fn answer(delivery: &Delivery) -> (Finish, Parse, &str) {
    let Outcome::Answered { finish, parse, text, .. } = &delivery.outcome else {
        panic!("no answer: {delivery:?}")
    };
    (*finish, *parse, &text.raw)
}

pub(crate) fn said(role: &str, text: &str) -> (String, String) {
    (role.to_owned(), text.to_owned())
}

/// The key of a further turn, without what tells what was said before it.
fn turn(asked: &Asked) -> &str {
    let (turn, said) = asked.key.split_once('x').expect("it tells what was said before it");
    assert_eq!(said.len(), 8, "{}", asked.key);
    turn
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_asked_on_in_the_same_conversation() {
    let replies = vec![says("I think so."), says("<OUT>yes</OUT>")];
    let (delivery, endpoint) = deliver(|plan| ask_for(plan, Some(pressing(3))), replies).await;
    assert_eq!(answer(&delivery), (Finish::Stop, Parse::Ok, "<OUT>yes</OUT>"));
    let [first, second] = &endpoint.asked()[..] else { panic!("two turns are enough") };
    assert_eq!(first.messages(), [said("user", "Hello!")]);
    let conversation =
        [said("user", "Hello!"), said("assistant", "I think so."), said("user", PRESS)];
    assert_eq!(second.messages(), conversation);
    assert_eq!((first.key.as_str(), turn(second)), ("key-0", "key-0t2"));
    assert_eq!((delivery.calls, delivery.cost), (2, Some(cost(2))));
    let Outcome::Answered { usage: used, request, .. } = delivery.outcome else { unreachable!() };
    assert_eq!((used, request), (usage(2), Digest::of(&second.body)));
}

#[tokio::test]
async fn an_answer_that_can_be_read_is_the_only_one() {
    let replies = vec![says("<OUT>yes</OUT>")];
    let (delivery, endpoint) = deliver(|plan| ask_for(plan, Some(pressing(3))), replies).await;
    assert_eq!(answer(&delivery), (Finish::Stop, Parse::Ok, "<OUT>yes</OUT>"));
    assert_eq!((delivery.calls, endpoint.asked().len()), (1, 1));
}

#[tokio::test]
async fn what_an_earlier_answer_left_broken_does_not_spoil_a_later_one() {
    let outside = |plan: &mut Plan| {
        ask_for(plan, Some(pressing(3)));
        let StageKind::Generate { fields, .. } = &mut plan.stages[0].kind else { panic!() };
        fields[0].outside = Some("THINK".to_owned());
    };
    for broken in ["<THINK>Let me", "<OUT></OUT>", "<OUT>par"] {
        let replies = vec![ends("length", broken), says("<OUT>whole</OUT>")];
        let (delivery, endpoint) = deliver(outside, replies).await;
        assert_eq!(answer(&delivery), (Finish::Stop, Parse::Ok, "<OUT>whole</OUT>"), "{broken}");
        assert_eq!((delivery.cost, endpoint.asked().len()), (Some(cost(2)), 2));
    }
}

#[tokio::test]
async fn an_answer_that_was_cut_in_two_is_read_from_both_parts() {
    let replies = vec![ends("length", "<OUT>so far"), says("and on</OUT>"), says("never")];
    let (delivery, endpoint) = deliver(|plan| ask_for(plan, Some(pressing(3))), replies).await;
    let whole = "<OUT>so far\n\nand on</OUT>";
    assert_eq!(answer(&delivery), (Finish::Stop, Parse::Ok, whole));
    assert_eq!(endpoint.asked().len(), 2);
}

#[tokio::test]
async fn a_conversation_that_is_too_long_goes_no_further() {
    let long = "x".repeat(5 * 1024 * 1024);
    let replies = vec![says(&long), says(&long), says("<OUT>late</OUT>")];
    let (delivery, endpoint) = deliver(|plan| ask_for(plan, Some(pressing(9))), replies).await;
    assert!(answer(&delivery) == (Finish::Stop, Parse::Missing, &long), "it is the last one");
    assert_eq!((delivery.calls, endpoint.asked().len()), (2, 2));
}

#[tokio::test]
async fn a_key_never_bears_two_bodies() {
    let mut keys = BTreeMap::new();
    for first in ["Hm.", "Well.", "Hm."] {
        let replies = vec![says(first), says("<OUT>yes</OUT>")];
        let (_, endpoint) = deliver(|plan| ask_for(plan, Some(pressing(2))), replies).await;
        for Asked { key, body } in endpoint.asked() {
            assert_eq!(keys.entry(key).or_insert(body.clone()), &body);
        }
    }
    assert_eq!(keys.len(), 3, "one question, and one turn after each of two answers");
}

#[tokio::test]
async fn turns_have_a_bound_and_the_last_answer_stands() {
    let replies = vec![says("a"), ends("length", "b"), says("c"), says("<OUT>late</OUT>")];
    let (delivery, endpoint) = deliver(|plan| ask_for(plan, Some(pressing(3))), replies).await;
    assert_eq!(answer(&delivery), (Finish::Stop, Parse::Missing, "a\n\nb\n\nc"));
    let asked = endpoint.asked();
    assert_eq!([turn(&asked[1]), turn(&asked[2])], ["key-0t2", "key-0t3"]);
    assert_eq!((asked.len(), asked[2].messages().len()), (3, 5));
}

#[tokio::test]
async fn nobody_presses_for_what_was_refused() {
    let replies = vec![says("Hm."), ends("content_filter", "I")];
    let (delivery, endpoint) = deliver(|plan| ask_for(plan, Some(pressing(9))), replies).await;
    assert_eq!(answer(&delivery), (Finish::Filter, Parse::Refused, "Hm.\n\nI"));
    assert_eq!(endpoint.asked().len(), 2);
}

#[tokio::test]
async fn an_answer_of_nothing_is_no_turn() {
    let replies = vec![says(" "), says("<OUT>yes</OUT>")];
    let (delivery, endpoint) = deliver(|plan| ask_for(plan, Some(pressing(2))), replies).await;
    assert_eq!(answer(&delivery).1, Parse::Ok);
    let asked = &endpoint.asked()[1];
    assert_eq!(asked.messages(), [said("user", &format!("Hello!\n\n{PRESS}"))]);
}

#[tokio::test]
async fn a_prefill_stands_once_in_the_text_and_once_in_the_conversation() {
    let change = |plan: &mut Plan| {
        ask_for(plan, Some(pressing(2)));
        let StageKind::Generate { messages, .. } = &mut plan.stages[0].kind else { panic!() };
        let template = "Well: ".to_owned();
        messages.push(Message { role: Role::Assistant, template, when: None });
    };
    let (delivery, endpoint) = deliver(change, vec![says("hm"), says("<OUT>yes</OUT>")]).await;
    assert_eq!(answer(&delivery), (Finish::Stop, Parse::Ok, "<OUT>yes</OUT>"));
    let [first, second] = &endpoint.asked()[..] else { panic!("two turns are enough") };
    assert_eq!(first.messages(), [said("user", "Hello!"), said("assistant", "Well: ")]);
    let conversation = [said("user", "Hello!"), said("assistant", "Well: hm"), said("user", PRESS)];
    assert_eq!(second.messages(), conversation);
}

#[tokio::test]
async fn trouble_in_a_later_turn_is_called_again_with_its_own_key() {
    let replies = vec![says("Hm."), fails(500), says("<OUT>yes</OUT>")];
    let (delivery, endpoint) = deliver(|plan| ask_for(plan, Some(pressing(2))), replies).await;
    assert_eq!(answer(&delivery).1, Parse::Ok);
    let asked = endpoint.asked();
    assert_eq!((turn(&asked[1]), &asked[1].key), ("key-0t2", &asked[2].key));
    assert_eq!((delivery.calls, delivery.cost), (3, Some(cost(2))));
}

#[tokio::test]
async fn a_turn_that_is_rejected_leaves_the_answer_before_it() {
    let replies = vec![says("Hm."), fails(400)];
    let (delivery, _) = deliver(|plan| ask_for(plan, Some(pressing(3))), replies).await;
    assert_eq!(answer(&delivery), (Finish::Stop, Parse::Missing, "Hm."));
    assert_eq!((delivery.calls, delivery.cost), (2, Some(cost(1))));
}

#[tokio::test]
async fn what_is_given_back_in_the_middle_was_paid_for() {
    let replies = vec![says("Hm."), fails_for_long()];
    let change = |plan: &mut Plan| ask_for(plan, Some(pressing(3)));
    let (mut stream, endpoint, worker, _coordinator) = begin(change, replies).await;
    endpoint.asked_times(2).await;
    worker.stop.cancel();
    let delivery = stream.deliveries(1).await.remove(0);
    assert_eq!(delivery.outcome, Outcome::Released);
    assert_eq!((delivery.calls, delivery.cost), (2, Some(cost(1))));
}
