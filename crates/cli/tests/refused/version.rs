//! A worker and a coordinator of different ages: each way round, whoever is to be updated is named.

use iago_protocol::wire::workers_client::WorkersClient;
use iago_protocol::wire::workers_server::{Workers, WorkersServer};
use iago_protocol::wire::{CoordinatorFrame, WorkerFrame};
use iago_protocol::{FromWorker, Inventory, PROTOCOL_VERSION};
use tokio::net::TcpListener;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Server};
use tonic::{Code, Request, Response, Status, Streaming};

use crate::fleet::{Fleet, Setup};
use crate::row::assert_ends;
use crate::worker::{door, worker};

fn small() -> Setup {
    Setup { prompts: 2, ..Setup::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_of_another_version_is_turned_away() {
    let mut fleet = Fleet::new(small()).await;
    fleet.lead().await;
    let ours = PROTOCOL_VERSION;
    for (theirs, behind) in
        [(0, "worker"), (ours - 1, "worker"), (ours + 1, "coordinator"), (u32::MAX, "coordinator")]
    {
        let told = introduce(&fleet, theirs).await.expect_err("it must be refused");
        let words = format!(
            "the worker speaks protocol {theirs}, the coordinator {ours}: update the {behind}"
        );
        assert_eq!((told.code(), told.message()), (Code::FailedPrecondition, words.as_str()));
    }
    introduce(&fleet, ours).await.expect("it is let in");
    assert_eq!(fleet.times_said("c1", "worker connected"), 1, "nobody else was");
}

/// Says what a worker says first, through the doors that workers go through, and waits for the
/// coordinator's first word.
async fn introduce(fleet: &Fleet, protocol: u32) -> Result<(), Status> {
    let (name, boot) = (format!("of {protocol}"), "its only one".to_owned());
    let inventory = Inventory { name, boot, protocol, ..Inventory::default() };
    let (outbox, frames) = tokio::sync::mpsc::channel::<WorkerFrame>(1);
    outbox.send(FromWorker::Inventory(inventory).into()).await.expect("it is open");
    let mut request = Request::new(ReceiverStream::new(frames));
    let token = format!("Bearer {}", fleet.worker_token).parse().expect("text");
    request.metadata_mut().insert("authorization", token);
    let stream = WorkersClient::new(channel(fleet).await).work(request).await?;
    let first = stream.into_inner().message().await?;
    assert!(first.is_some(), "it hung up without a word");
    Ok(())
}

async fn channel(fleet: &Fleet) -> Channel {
    let authority = std::fs::read(fleet.world.path("ca.pem")).expect("it was made");
    let tls = ClientTlsConfig::new().ca_certificate(Certificate::from_pem(authority));
    let endpoint = Channel::from_shared(door(fleet)).expect("an address");
    endpoint.tls_config(tls).expect("a certificate").connect().await.expect("it listens")
}

/// A coordinator of a later version, as far as a worker gets to see it.
struct Later;

#[tonic::async_trait]
impl Workers for Later {
    type WorkStream = ReceiverStream<Result<CoordinatorFrame, Status>>;

    async fn work(
        &self,
        _: Request<Streaming<WorkerFrame>>,
    ) -> Result<Response<Self::WorkStream>, Status> {
        Err(Status::failed_precondition(
            "the worker speaks protocol 2, the coordinator 3: update it",
        ))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_a_later_coordinator_turns_away_ends() {
    let fleet = Fleet::new(small()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("it is bound"));
    let later = Server::builder().add_service(WorkersServer::new(Later));
    let serving = tokio::spawn(later.serve_with_incoming(TcpListenerStream::new(listener)));
    let words = "worker `w9` looks for a coordinator\n\
                 iago: the coordinator refuses this worker: the worker speaks protocol 2, the \
                 coordinator 3: update it";
    assert_ends("later", worker(&fleet, &url, "", ""), &fleet.hidden(), (78, words));
    serving.abort();
}
