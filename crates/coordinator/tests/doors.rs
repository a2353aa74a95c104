//! Who is let in, over a real socket: every way of coming with the wrong token, and what each is told.

use std::time::Duration;

use iago_protocol::wire::jobs_client::JobsClient;
use iago_protocol::wire::workers_client::WorkersClient;
use iago_protocol::wire::{ListRequest, SweepRequest};
use iago_protocol::{FromCoordinator, FromWorker, Inventory, PROTOCOL_VERSION};
use iago_store::{Access, Act, Scope};
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Status};

#[path = "support/served.rs"]
mod served;

use served::{Served, frame, grant, inventory, list, serve, with};

fn code<T: std::fmt::Debug>(outcome: Result<T, Status>) -> (Code, String) {
    let status = outcome.expect_err("it must be refused");
    (status.code(), status.message().to_owned())
}

#[tokio::test]
async fn nobody_comes_in_without_a_token_that_is_known() {
    let served = serve().await;
    let mut client = JobsClient::new(served.channel.clone());
    let (bare, words) = code(client.list(ListRequest {}).await);
    assert_eq!(bare, Code::Unauthenticated);
    assert!(words.contains("iago token create"), "{words}");
    let (wrong, words) = code(list(&served, "iago_reader_guessed").await);
    assert_eq!(wrong, Code::Unauthenticated);
    assert!(words.contains("not known"), "{words}");
}

#[tokio::test]
async fn a_token_opens_what_its_scope_names_and_nothing_else() {
    let served = serve().await;
    let reader = grant(&served.store, "r", Scope::Reader, None).await;
    let operator = grant(&served.store, "o", Scope::Operator, None).await;
    let worker = grant(&served.store, "w", Scope::Worker, None).await;
    list(&served, &reader).await.expect("a reader may look");
    list(&served, &operator).await.expect("an operator may look");
    let (looking, words) = code(list(&served, &worker).await);
    assert_eq!(looking, Code::PermissionDenied, "{words}");
    let mut client = JobsClient::new(served.channel.clone());
    let (deciding, words) = code(client.pause(with(&reader, SweepRequest { sweep: 1 })).await);
    assert_eq!(deciding, Code::PermissionDenied);
    assert_eq!(words, "token `r` has the scope reader, and this needs operator");
    let (missing, _) = code(client.pause(with(&operator, SweepRequest { sweep: 1 })).await);
    assert_eq!(missing, Code::NotFound);
    let (working, _) = code(work(&served, &operator, inventory("w1")).await);
    assert_eq!(working, Code::PermissionDenied);
}

#[tokio::test]
async fn a_token_ends_when_it_runs_out_or_is_revoked() {
    let served = serve().await;
    let spent = grant(&served.store, "spent", Scope::Reader, Some(Duration::ZERO)).await;
    let (code_of_spent, words) = code(list(&served, &spent).await);
    assert_eq!(code_of_spent, Code::Unauthenticated);
    assert_eq!(
        words,
        "token `spent` was revoked or has run out: make another with `iago token create`"
    );
    let token = grant(&served.store, "kept", Scope::Reader, None).await;
    list(&served, &token).await.expect("it is valid");
    served.store.revoke("kept").await.expect("revoked");
    let refused = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            if let Err(status) = list(&served, &token).await {
                return status;
            }
        }
    });
    let refused = refused.await.expect("a revoked token ends within seconds");
    assert_eq!(refused.code(), Code::Unauthenticated);
}

#[tokio::test]
async fn a_stream_ends_when_its_token_is_revoked() {
    let served = serve().await;
    let token = grant(&served.store, "w", Scope::Worker, None).await;
    let (outbox, frames) = mpsc::channel(8);
    outbox.send(frame(FromWorker::Inventory(inventory("w1")))).await.expect("open");
    let mut client = WorkersClient::new(served.channel.clone());
    let mut stream = loop {
        // Until the coordinator leads.
        let (again, waiting) = mpsc::channel(8);
        again.send(frame(FromWorker::Inventory(inventory("w1")))).await.expect("open");
        match client.work(with(&token, ReceiverStream::new(waiting))).await {
            Err(status) if status.code() == Code::Unavailable => tokio::task::yield_now().await,
            other => {
                let stream = other.expect("admitted").into_inner();
                break (stream, again);
            }
        }
    };
    drop((outbox, frames));
    let first = stream.0.message().await.expect("open").expect("a welcome");
    assert!(matches!(FromCoordinator::try_from(first), Ok(FromCoordinator::Welcome { .. })));
    served.store.revoke("w").await.expect("revoked");
    let ended = tokio::time::timeout(Duration::from_secs(10), async {
        loop {
            drop(stream.1.send(frame(FromWorker::Credit(1))).await);
            match tokio::time::timeout(Duration::from_millis(50), stream.0.message()).await {
                Ok(Ok(Some(_))) | Err(_) => {}
                Ok(Ok(None)) => panic!("the stream ended without a word"),
                Ok(Err(status)) => return status,
            }
        }
    });
    assert_eq!(ended.await.expect("within seconds").code(), Code::Unauthenticated);
}

#[tokio::test]
async fn another_version_of_the_protocol_is_told_who_is_to_be_updated() {
    let served = serve().await;
    let token = grant(&served.store, "w", Scope::Worker, None).await;
    let speaks = |protocol| Inventory { protocol, ..inventory("w1") };
    let (old, words) = code(work(&served, &token, speaks(PROTOCOL_VERSION - 1)).await);
    assert_eq!(old, Code::FailedPrecondition);
    assert!(words.ends_with("update the worker"), "{words}");
    let (new, words) = code(work(&served, &token, speaks(PROTOCOL_VERSION + 1)).await);
    assert_eq!(new, Code::FailedPrecondition);
    assert!(words.ends_with("update the coordinator"), "{words}");
}

#[tokio::test]
async fn every_act_of_authority_is_on_record_with_who() {
    let served = serve().await;
    let operator = grant(&served.store, "anna", Scope::Operator, None).await;
    list(&served, &operator).await.expect("leads");
    let mut client = JobsClient::new(served.channel.clone());
    drop(client.cancel(with(&operator, SweepRequest { sweep: 7 })).await);
    let audit = served.store.audit(1).await.expect("readable");
    assert_eq!((audit[0].who.as_str(), audit[0].act), ("anna", Act::Cancel));
    assert_eq!(audit[0].sweep.map(|sweep| sweep.0), Some(7));
}

/// Introduces a worker and waits for what the coordinator says first.
async fn work(served: &Served, token: &str, inventory: Inventory) -> Result<(), Status> {
    loop {
        let (outbox, frames) = mpsc::channel(8);
        let introduced = frame(FromWorker::Inventory(inventory.clone()));
        outbox.send(introduced).await.expect("open");
        let mut client = WorkersClient::new(served.channel.clone());
        match client.work(with(token, ReceiverStream::new(frames))).await {
            Err(status) if status.code() == Code::Unavailable => tokio::task::yield_now().await,
            Err(status) => return Err(status),
            Ok(stream) => return stream.into_inner().message().await.map(drop),
        }
    }
}
