//! What is at an endpoint's address, and does not speak its protocol.

use iago_protocol::{FromWorker, Outcome};
use iago_sweep::{Again, FailureClass, Finish, Parse};

use crate::asking_on::{answer, begin_stage, deliver};
use crate::scripted::{Reply, fails_with, page, says};
use crate::sweep::ask_for;

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
async fn a_page_where_answers_came_before_will_go_again() {
    let press = Again::Continue { turns_max: 2, message: "Inside <OUT> tags.".to_owned() };
    let replies = vec![says("Hm."), page(200), says("<OUT>yes</OUT>")];
    let (delivery, _) = deliver(|plan| ask_for(plan, Some(press)), replies).await;
    assert_eq!(answer(&delivery), (Finish::Stop, Parse::Ok, "<OUT>yes</OUT>"));
    assert_eq!(delivery.calls, 3);
}
