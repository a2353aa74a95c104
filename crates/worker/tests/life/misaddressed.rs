//! What is at an endpoint's address, and does not speak its protocol.

use futures_util::future::join_all;
use iago_protocol::{Assignment, Delivery, FromWorker, Outcome};
use iago_sweep::{Again, Coordinate, FailureClass, Finish, JobId, Parse, Plan};

use crate::asking_on::{answer, begin_stage, deliver};
use crate::scripted::{Reply, fails_with, page, says};
use crate::sweep::{Changed, ask_for};

/// Why the pool is blocked, and how many calls were made before that.
async fn blocked_by(reply: Reply) -> (String, usize) {
    let (mut stream, endpoint, _worker, _coordinator) =
        begin_stage(|_| {}, 0, &[], vec![reply]).await;
    let blocked = |frame| {
        if let FromWorker::PoolBlocked { reason, .. } = frame { Some(reason) } else { None }
    };
    let reason = stream.hear_until("the block", blocked).await;
    assert_eq!(stream.deliveries(1).await[0].outcome, Outcome::Released);
    (reason, endpoint.asked().len())
}

#[tokio::test]
async fn one_call_tells_that_an_address_is_wrong_and_burns_no_job() {
    for (reply, says) in [
        (page(200), "(200: a web page: Somewhere else)"),
        (page(404), "(404: Somewhere else)"),
        (fails_with(404, "Not Found"), "(404: Not Found)"),
        (page(301), "(301: Somewhere else)"),
    ] {
        let (reason, calls) = blocked_by(reply).await;
        assert_eq!(calls, 1, "{reason}");
        assert!(reason.starts_with("nothing speaks openai-chat at http://127.0.0.1:"), "{reason}");
        assert!(reason.contains(says) && reason.contains("correct its `url`"), "{reason}");
    }
}

#[tokio::test]
async fn a_model_that_is_not_there_is_the_jobs_fault_and_not_the_addresss() {
    let (delivery, _) = deliver(|_| {}, vec![fails_with(404, "try to pull sim-echo first")]).await;
    let Outcome::Failed { class, status, .. } = delivery.outcome else { panic!("{delivery:?}") };
    assert_eq!((class, status), (FailureClass::Rejected, Some(404)));
}

#[tokio::test]
async fn an_endpoints_words_for_what_is_not_there_block_it_while_nothing_was_answered() {
    let (reason, calls) = blocked_by(fails_with(404, "Requested entity was not found.")).await;
    assert_eq!(calls, 1, "{reason}");
    let way_out = "correct its `url`, its `protocol` or the `id` of the model in the configuration";
    assert!(reason.contains(way_out), "{reason}");
}

#[tokio::test]
async fn what_replies_where_answers_came_before_is_waited_out_and_nothing_is_lost() {
    let ends = join_all([
        wait_out(page(200)),
        wait_out(page(302)),
        wait_out(page(404)),
        wait_out(fails_with(404, "Requested entity was not found.")),
        wait_out(fails_with(405, "Method Not Allowed")),
    ]);
    for delivery in ends.await {
        assert_eq!(answer(&delivery), (Finish::Stop, Parse::Ok, "<OUT>yes</OUT>"));
        assert_eq!(delivery.calls, 3);
    }
}

/// An answer that is not enough, this reply, and an answer that is.
async fn wait_out(reply: Reply) -> Delivery {
    let press = Again::Continue { turns_max: 2, message: "Inside <OUT> tags.".to_owned() };
    let replies = vec![says("Hm."), reply, says("<OUT>yes</OUT>")];
    deliver(|plan| ask_for(plan, Some(press)), replies).await.0
}

#[tokio::test]
async fn while_something_else_replies_it_is_said_what_is_waited_for() {
    let press = Again::Continue { turns_max: 2, message: "Inside <OUT> tags.".to_owned() };
    let replies = vec![says("Hm."), page(404), page(404), says("<OUT>yes</OUT>")];
    let (mut stream, _endpoint, _worker, _coordinator) =
        begin_stage(|plan| ask_for(plan, Some(press)), 0, &[], replies).await;
    let words = "in whose place something else replies";
    let waits = |frame| {
        assert!(!matches!(frame, FromWorker::PoolBlocked { .. }), "{frame:?}");
        let FromWorker::Heartbeat(heartbeat) = frame else { return None };
        heartbeat.waits.into_values().find(|why| why.contains(words))
    };
    stream.hear_until("the wait", waits).await;
    let delivery = stream.deliveries(1).await.remove(0);
    assert_eq!(answer(&delivery), (Finish::Stop, Parse::Ok, "<OUT>yes</OUT>"));
}

#[tokio::test]
async fn an_id_that_nobody_knows_leaves_the_other_models_of_its_endpoint_alone() {
    let replies =
        vec![says("Hi."), fails_with(404, "Requested entity was not found."), says("Hi.")];
    let (mut stream, endpoint, _worker, _coordinator) =
        begin_stage(add_model, 0, &[], replies).await;
    assert_eq!(answer(&stream.deliveries(1).await[0]).2, "Hi.");
    stream.assign([asks_added_model(1)]).await;
    let refused = stream.deliveries(1).await.remove(0);
    let Outcome::Failed { class, status, .. } = refused.outcome else { panic!("{refused:?}") };
    assert_eq!((class, status), (FailureClass::Rejected, Some(404)));
    stream.assign([Changed::new(add_model).assignment(0, 2, &[])]).await;
    assert_eq!(answer(&stream.deliveries(1).await[0]).2, "Hi.");
    assert_eq!(endpoint.asked().len(), 3);
}

/// Another model of the same endpoint, with a cell of its own.
fn add_model(plan: &mut Plan) {
    let (mut model, mut cell) = (plan.models[0].clone(), plan.cells[0].clone());
    (model.name, model.id) = ("another".to_owned(), "sim-unknown".to_owned());
    cell.model.clone_from(&model.name);
    plan.models.push(model);
    plan.cells.push(cell);
}

/// The nth job of that cell.
fn asks_added_model(nth: u32) -> Assignment {
    let at = Coordinate { stage: 0, cell: 1, repeat: nth, prompt: 0, vote: 0 };
    let job = JobId::pack(at).expect("it is in range");
    Assignment { job, ..Changed::new(add_model).assignment(0, nth, &[]) }
}
