//! The same question asked anew until a score says `yes`.

use iago_protocol::Outcome;
use iago_sweep::{Again, Finish, Parse, Plan};

use crate::asking_on::{answer, cost, deliver, usage};
use crate::scripted::{ends, fails, says};
use crate::sweep::{ask_for, exactly, score_stage};

/// Asks until the answer is exactly `yes`.
fn until_yes(tries_max: u32) -> impl FnOnce(&mut Plan) {
    move |plan| {
        ask_for(plan, Some(Again::Resample { tries_max, until: "valid".to_owned() }));
        plan.stages.push(score_stage("valid", exactly("yes")));
    }
}

#[tokio::test]
async fn the_first_answer_that_is_accepted_is_kept_and_all_are_paid_for() {
    let replies = vec![says("<OUT>no</OUT>"), says("nothing"), says("<OUT>yes</OUT>")];
    let (delivery, endpoint) = deliver(until_yes(5), replies).await;
    assert_eq!(answer(&delivery), (Finish::Stop, Parse::Ok, "<OUT>yes</OUT>"));
    assert_eq!((delivery.calls, delivery.cost), (3, Some(cost(3))));
    let Outcome::Answered { usage: used, .. } = delivery.outcome else { unreachable!() };
    assert_eq!(used, usage(3));
    let asked = endpoint.asked();
    assert!(asked.iter().all(|one| one.body == asked[0].body), "it is the same question");
    let keys: Vec<_> = asked.into_iter().map(|asked| asked.key).collect();
    assert_eq!(keys, ["key-0", "key-0t2", "key-0t3"]);
}

#[tokio::test]
async fn tries_have_a_bound_and_the_last_answer_stands() {
    let replies = vec![says("<OUT>a</OUT>"), ends("content_filter", ""), says("<OUT>yes</OUT>")];
    let (delivery, endpoint) = deliver(until_yes(2), replies).await;
    assert_eq!(answer(&delivery), (Finish::Filter, Parse::Refused, ""));
    assert_eq!(endpoint.asked().len(), 2);
}

#[tokio::test]
async fn a_try_that_is_rejected_leaves_the_answer_before_it() {
    let (delivery, _) = deliver(until_yes(3), vec![says("<OUT>no</OUT>"), fails(400)]).await;
    assert_eq!(answer(&delivery), (Finish::Stop, Parse::Ok, "<OUT>no</OUT>"));
}
