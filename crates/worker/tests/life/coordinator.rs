//! A coordinator that says what the test tells it to say, and nothing else.

use std::fmt::Debug;
use std::time::Duration;

use iago_protocol::wire::workers_server::{Workers, WorkersServer};
use iago_protocol::wire::{CoordinatorFrame, WorkerFrame};
use iago_protocol::{
    Ask, Assembler, Assignment, Call, Delivery, FromCoordinator, FromWorker, Inventory, Slice,
    split,
};
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tokio_util::sync::{CancellationToken, DropGuard};
use tonic::transport::Server;
use tonic::{Request, Response, Status, Streaming};

use crate::sweep::{POOL, plan_json};

/// For how long slices last without a connection.
pub(crate) const SLICES_MS: u32 = 60_000;

/// How long anything may take that must happen. Only a test that fails waits for so long.
pub(crate) const MUST_HAPPEN: Duration = Duration::from_secs(30);

/// Waits for something that must happen.
pub(crate) async fn soon<T>(what: &str, happening: impl Future<Output = T>) -> T {
    timeout(MUST_HAPPEN, happening).await.unwrap_or_else(|_late| panic!("{what} did not happen"))
}

/// Listens, and hands each stream that a worker opens to the test.
pub(crate) struct Coordinator {
    pub(crate) address: String,
    streams: mpsc::Receiver<Stream>,
    _stop: DropGuard,
}

/// What is asked for, in a frame of asks.
pub(crate) fn asks(frame: FromWorker) -> Option<Vec<Ask>> {
    if let FromWorker::Asks(asks) = frame { Some(asks) } else { None }
}

/// One stream of a worker.
pub(crate) struct Stream {
    pub(crate) authorization: Option<String>,
    say: mpsc::Sender<Result<CoordinatorFrame, Status>>,
    hear: Streaming<WorkerFrame>,
    assembler: Assembler,
    began: Instant,
}

struct Service {
    streams: mpsc::Sender<Stream>,
    /// What every worker is told at the door, where it is told anything.
    refusal: Option<Status>,
}

impl Coordinator {
    pub(crate) async fn start() -> Self {
        Self::start_with(None).await
    }

    pub(crate) async fn refusing(status: Status) -> Self {
        Self::start_with(Some(status)).await
    }

    async fn start_with(refusal: Option<Status>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = format!("http://{}", listener.local_addr().expect("it is bound"));
        let (sender, streams) = mpsc::channel(8);
        let stop = CancellationToken::new();
        let stopped = stop.clone().cancelled_owned();
        let service = WorkersServer::new(Service { streams: sender, refusal });
        let serving = Server::builder().add_service(service);
        tokio::spawn(async move {
            let incoming = TcpListenerStream::new(listener);
            tokio::select! {
                served = serving.serve_with_incoming(incoming) => served.expect("it serves"),
                () = stopped => {}
            }
        });
        Self { address, streams, _stop: stop.drop_guard() }
    }

    /// The next stream that a worker opens.
    pub(crate) async fn next(&mut self) -> Stream {
        soon("a connection", self.streams.recv()).await.expect("the service lives")
    }

    /// The next stream, up to where work can begin, and what the worker said of itself.
    pub(crate) async fn greet(&mut self, concurrency: u32) -> (Stream, Inventory) {
        let mut stream = self.next().await;
        let FromWorker::Inventory(inventory) = stream.hear().await else {
            panic!("the inventory comes first");
        };
        stream
            .say(FromCoordinator::Welcome { term: 1, heartbeat_ms: 100, slices_ms: SLICES_MS })
            .await;
        stream.say(FromCoordinator::Slice(slice(None, concurrency))).await;
        (stream, inventory)
    }
}

pub(crate) fn slice(requests_per_minute: Option<u32>, concurrency: u32) -> Slice {
    let pool = POOL.to_owned();
    Slice { pool, requests_per_minute, concurrency, number: 1, ..Slice::default() }
}

/// Calls of it are asked for.
pub(crate) fn metered(concurrency: u32) -> Slice {
    Slice { metered: true, ..slice(None, concurrency) }
}

#[tonic::async_trait]
impl Workers for Service {
    type WorkStream = ReceiverStream<Result<CoordinatorFrame, Status>>;

    async fn work(
        &self,
        request: Request<Streaming<WorkerFrame>>,
    ) -> Result<Response<Self::WorkStream>, Status> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        let authorization = request.metadata().get("authorization");
        let authorization = authorization.map(|value| value.to_str().expect("text").to_owned());
        let (say, said) = mpsc::channel(64);
        let (hear, assembler) = (request.into_inner(), Assembler::default());
        let stream = Stream { authorization, say, hear, assembler, began: Instant::now() };
        self.streams.send(stream).await.map_err(|_over| Status::unavailable("the test is over"))?;
        Ok(Response::new(ReceiverStream::new(said)))
    }
}

impl Stream {
    pub(crate) async fn say(&self, frame: FromCoordinator) {
        for part in split(CoordinatorFrame::from(frame)) {
            self.say.send(Ok(part)).await.expect("the worker listens");
        }
    }

    pub(crate) async fn assign(&self, assignments: impl IntoIterator<Item = Assignment>) {
        self.say(FromCoordinator::Assignments(assignments.into_iter().collect())).await;
    }

    /// Lets so many jobs of a pool run at once.
    pub(crate) async fn allow(&self, pool: &str, concurrency: u32) {
        let slice = Slice { pool: pool.to_owned(), ..slice(None, concurrency) };
        self.say(FromCoordinator::Slice(slice)).await;
    }

    /// Breaks it off, as a coordinator that dies does.
    pub(crate) async fn break_off(self) {
        self.refuse(Status::unavailable("it died")).await;
    }

    /// Breaks it off with these last words.
    pub(crate) async fn refuse(self, status: Status) {
        self.say.send(Err(status)).await.expect("the worker listens");
    }

    /// The next frame of any kind; `None` where the worker hung up.
    pub(crate) async fn hear_any(&mut self) -> Option<FromWorker> {
        soon("a frame", async {
            loop {
                let frame = self.hear.message().await.ok().flatten()?;
                if let Some(whole) = self.assembler.take(frame).expect("it can be assembled") {
                    return Some(FromWorker::try_from(whole).expect("it makes sense"));
                }
            }
        })
        .await
    }

    /// The next frame that is no heartbeat.
    pub(crate) async fn hear(&mut self) -> FromWorker {
        let is_news = |frame: &FromWorker| !matches!(frame, FromWorker::Heartbeat(_));
        self.hear_until("a frame", |frame| Some(frame).filter(is_news)).await
    }

    /// Hears on until there is what is looked for.
    pub(crate) async fn hear_until<T: Debug>(
        &mut self,
        what: &str,
        mut found: impl FnMut(FromWorker) -> Option<T>,
    ) -> T {
        soon(what, async {
            loop {
                let frame = self.hear_any().await;
                if let Some(found) = found(frame.expect("the worker has not hung up")) {
                    return found;
                }
            }
        })
        .await
    }

    /// Sends the plan that the worker asks for.
    pub(crate) async fn answer_need(&mut self) {
        self.answer_need_with(plan_json()).await;
    }

    /// Sends this plan once the worker asks for one.
    pub(crate) async fn answer_need_with(&mut self, data: Vec<u8>) {
        let digest = self
            .hear_until("a need", |frame| {
                if let FromWorker::Need(digest) = frame { Some(digest) } else { None }
            })
            .await;
        self.say(FromCoordinator::Blob { digest, data }).await;
    }

    /// Hears so many asks, by whichever frames they come, and grants none.
    pub(crate) async fn asks(&mut self, count: usize) -> Vec<Ask> {
        let mut all = Vec::new();
        while all.len() < count {
            all.extend(self.hear_until("asks", asks).await);
        }
        all
    }

    /// Grants these asks.
    pub(crate) async fn grant(&self, granted: impl IntoIterator<Item = u64>) {
        self.grant_late(granted, Duration::ZERO).await;
    }

    /// The same, in a frame that was on its way for longer than others.
    pub(crate) async fn grant_late(&self, granted: impl IntoIterator<Item = u64>, late: Duration) {
        let granted = granted.into_iter().collect();
        self.answer(granted, Vec::new(), Vec::new(), late).await;
    }

    /// Answers asks, in a frame that was on its way for longer than others.
    pub(crate) async fn answer(
        &self,
        granted: Vec<u64>,
        refused: Vec<(u64, String)>,
        declined: Vec<u64>,
        late: Duration,
    ) {
        // Its clock begins a while before the connection.
        let sent = (self.began.elapsed() + Duration::from_secs(1000)).saturating_sub(late);
        let sent_ms = u64::try_from(sent.as_millis()).expect("it is small");
        self.say(FromCoordinator::Grants { granted, refused, declined, sent_ms }).await;
    }

    /// Hears of so many calls that ended, and grants whatever is asked for meanwhile.
    pub(crate) async fn ended_calls(&mut self, count: usize) -> Vec<Call> {
        let mut all = Vec::new();
        while all.len() < count {
            let frame = self.hear().await;
            if let FromWorker::Calls(some) = frame {
                all.extend(some);
            } else if let Some(asks) = asks(frame) {
                self.grant(asks.iter().map(|ask| ask.number)).await;
            }
        }
        all
    }

    /// Hears so many deliveries, by whichever frames they come.
    pub(crate) async fn deliveries(&mut self, count: usize) -> Vec<Delivery> {
        let mut all = Vec::new();
        while all.len() < count {
            all.extend(
                self.hear_until("deliveries", |frame| {
                    if let FromWorker::Deliveries(some) = frame { Some(some) } else { None }
                })
                .await,
            );
        }
        all
    }

    /// Hears two heartbeats, and no delivery before them.
    pub(crate) async fn hear_no_delivery(&mut self) {
        let mut heartbeats = 0;
        self.hear_until("two heartbeats", |frame| {
            assert!(!matches!(frame, FromWorker::Deliveries(_)), "unexpected: {frame:?}");
            heartbeats += u32::from(matches!(frame, FromWorker::Heartbeat(_)));
            (heartbeats == 2).then_some(())
        })
        .await;
    }

    /// Hears heartbeats until the worker has made so many calls.
    pub(crate) async fn calls(&mut self, count: u64) {
        self.hear_until("calls", |frame| {
            let FromWorker::Heartbeat(heartbeat) = frame else { return None };
            (heartbeat.calls >= count).then_some(())
        })
        .await;
    }
}
