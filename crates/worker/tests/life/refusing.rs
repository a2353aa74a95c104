use iago_simulated_endpoint::Settings as EndpointBehaviour;
use iago_worker::{Refusal, WorkerError};
use tonic::Status;

use crate::coordinator::Coordinator;
use crate::worker::{Worker, settings};

#[tokio::test]
async fn what_reconnecting_cannot_mend_ends_a_worker() {
    let version = "the worker speaks protocol 2, this coordinator 3";
    for (refusal, expected) in [
        (Status::unauthenticated("no such token"), Refusal::Token),
        (Status::permission_denied("this token is for readers"), Refusal::Token),
        (Status::failed_precondition(version), Refusal::Version),
        (Status::already_exists("another worker is called `w1`"), Refusal::Name),
    ] {
        let coordinator = Coordinator::refusing(refusal.clone()).await;
        let worker = Worker::start(&coordinator, settings()).await;
        let Err(WorkerError::Refused { why, words }) = worker.end().await else {
            panic!("{refusal}")
        };
        assert_eq!((why, words.as_str()), (expected, refusal.message()));
    }
}

#[tokio::test]
async fn a_refusal_after_the_inventory_ends_it_too() {
    let mut coordinator = Coordinator::start().await;
    let worker = Worker::start(&coordinator, settings()).await;
    let stream = coordinator.next().await;
    stream.refuse(Status::already_exists("another worker is called `w1`")).await;
    assert!(matches!(worker.end().await, Err(WorkerError::Refused { why: Refusal::Name, .. })));
}

#[tokio::test]
async fn the_token_goes_along_with_every_connection() {
    let mut coordinator = Coordinator::start().await;
    let (behaviour, token) = (EndpointBehaviour::default(), Some("iago_worker_secret"));
    let _worker = Worker::start_with(&coordinator, settings(), behaviour, token).await;
    for _ in 0..2 {
        let (stream, _) = coordinator.greet(1).await;
        assert_eq!(stream.authorization.as_deref(), Some("Bearer iago_worker_secret"));
        stream.break_off().await;
    }
}

#[tokio::test]
async fn a_token_that_no_header_can_carry_is_not_shown() {
    let coordinator = Coordinator::start().await;
    let (behaviour, token) = (EndpointBehaviour::default(), Some("two\nlines"));
    let worker = Worker::start_with(&coordinator, settings(), behaviour, token).await;
    let refused = worker.end().await.expect_err("it cannot be sent").to_string();
    assert!(refused.contains("token") && !refused.contains("lines"), "{refused}");
}
