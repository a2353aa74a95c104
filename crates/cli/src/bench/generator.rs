//! The worker that coordinators are measured with. It calls nobody: every assignment is answered at
//! once, or at a given pace, with made-up text; all else it does as a worker must. It is a process of
//! its own, so that its work is not counted.

use std::collections::VecDeque;
use std::io::BufRead;
use std::time::Duration;

use anyhow::{Context as _, Error, Result, anyhow};
use iago_attempt::Spool;
use iago_protocol::wire::workers_client::WorkersClient;
use iago_protocol::wire::{CoordinatorFrame, WorkerFrame};
use iago_protocol::{
    Assembler, Assignment, Delivery, FRAME_BYTES_MAX, FromCoordinator, FromWorker, Heartbeat,
    Inventory, Outcome, PROTOCOL_VERSION, split,
};
use iago_sweep::{Digest, Finish, Money, Parse, Text, Usage};
use serde::{Deserialize, Serialize};
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Code, Streaming};

use super::answers::texts;
use super::args::GeneratorArgs;
use super::latencies::Latencies;
use super::made_up::ENDPOINT;
use crate::dial::{Bearer, Coordinators};
use crate::exit::Stop;
use crate::output::data;

/// Assignments that it has room for, as a worker has unless it is told otherwise.
const ASSIGNMENTS_MAX: u32 = 4_096;
/// Frames that may wait to be sent.
const OUTBOX_MAX: usize = 64;
/// How often it asks a coordinator that does not lead yet, and for how long.
const JOIN_EVERY: Duration = Duration::from_millis(50);
const JOIN_MAX: Duration = Duration::from_secs(20);
/// How often it answers where it has a pace. Answers that fall due together share a frame.
const PACE: Duration = Duration::from_millis(1);
/// How often it says how far it is.
const REPORT: Duration = Duration::from_millis(100);

/// What it is told, line by line; the end of its input tells it to leave.
enum Order {
    Token(String),
    /// Forget the delays so far.
    Forget,
}

/// The order to forget the delays so far.
pub(super) const FORGET: &str = "forget";

/// What it says, one JSON object in a line.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Said {
    /// The first assignment came.
    First,
    /// So many results were acknowledged `ms` milliseconds after its start.
    Standing { ms: u64, acknowledged: u64 },
    /// Delays from an answer to its acknowledgement, since they were last forgotten until it was told
    /// to leave.
    Delays { p50_ms: f64, p99_ms: f64, most_ms: f64 },
}

/// Works until its input ends.
pub(super) async fn generate(args: GeneratorArgs) -> Result<()> {
    let mut orders = hear_orders();
    let Some(Order::Token(token)) = orders.recv().await else { return Ok(()) };
    let at = Coordinators::new(std::slice::from_ref(&args.address), &args.ca, Some(token.into()));
    let (outbox, inbound) = join(&at.map_err(words)?, &args.name).await?;
    Generator::new(&args, outbox).work(inbound, orders).await
}

type Outbox = mpsc::Sender<WorkerFrame>;

/// Opens a stream, with an inventory and a credit in it; waits for a coordinator that is about to lead.
async fn join(at: &Coordinators, name: &str) -> Result<(Outbox, Streaming<CoordinatorFrame>)> {
    let channel = at.connect(0).await.map_err(|away| anyhow!("{}: {}", away.url, away.why))?;
    let bearer = Bearer::new(at.token().as_ref()).map_err(words)?;
    let mut client = WorkersClient::with_interceptor(channel, bearer);
    let begun = Instant::now();
    loop {
        let (outbox, frames) = mpsc::channel(OUTBOX_MAX);
        outbox.send(FromWorker::Inventory(inventory(name)).into()).await?;
        outbox.send(FromWorker::Credit(ASSIGNMENTS_MAX.into()).into()).await?;
        match client.work(ReceiverStream::new(frames)).await {
            Ok(inbound) => return Ok((outbox, inbound.into_inner())),
            Err(status) if status.code() == Code::Unavailable && begun.elapsed() < JOIN_MAX => {
                sleep(JOIN_EVERY).await;
            }
            Err(status) => return Err(anyhow!("refused: {}", status.message())),
        }
    }
}

fn inventory(name: &str) -> Inventory {
    Inventory {
        boot: format!("{name} {}", std::process::id()),
        name: name.to_owned(),
        protocol: PROTOCOL_VERSION,
        pools: vec![ENDPOINT.to_owned()],
        slots: ASSIGNMENTS_MAX,
        ..Inventory::default()
    }
}

fn words(stop: Stop) -> Error {
    Error::msg(stop.message)
}

/// Reads standard input on a thread of its own, which nothing else can wait for.
fn hear_orders() -> mpsc::Receiver<Order> {
    let (heard, orders) = mpsc::channel(4);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            let order = if line == FORGET { Order::Forget } else { Order::Token(line) };
            if heard.blocking_send(order).is_err() {
                return;
            }
        }
    });
    orders
}

fn say(said: &Said) -> Result<()> {
    let printed = data(&format!("{}\n", serde_json::to_string(said)?));
    printed.map_err(|stop| anyhow::anyhow!(stop.message))?;
    Ok(())
}

/// An answer that is not acknowledged yet.
struct Answer {
    delivery: Delivery,
    since: Instant,
}

struct Generator {
    outbox: Option<Outbox>,
    texts: Vec<String>,
    rate: Option<u32>,
    started: Instant,
    /// When the first assignment came: the pace counts from here.
    paced_from: Option<Instant>,
    /// Assignments without an answer.
    open: VecDeque<Assignment>,
    spool: Spool<Answer>,
    result_credit: u64,
    answered: u64,
    acknowledged: u64,
    latencies: Latencies,
    leaving: bool,
    last_lease: u64,
    beats: u64,
}

impl Generator {
    fn new(args: &GeneratorArgs, outbox: Outbox) -> Self {
        Self {
            outbox: Some(outbox),
            texts: texts(args.bytes),
            rate: args.rate,
            started: Instant::now(),
            paced_from: None,
            open: VecDeque::new(),
            spool: Spool::default(),
            result_credit: 0,
            answered: 0,
            acknowledged: 0,
            latencies: Latencies::new(),
            leaving: false,
            last_lease: 0,
            beats: 0,
        }
    }

    async fn send(&self, frame: FromWorker) -> Result<()> {
        let Some(outbox) = &self.outbox else { return Ok(()) };
        for part in split(WorkerFrame::from(frame)) {
            outbox.send(part).await.context("the stream is closed")?;
        }
        Ok(())
    }

    async fn work(
        mut self,
        mut inbound: Streaming<CoordinatorFrame>,
        mut orders: mpsc::Receiver<Order>,
    ) -> Result<()> {
        let mut assembler = Assembler::default();
        let (mut pace, mut report) = (interval(PACE), interval(REPORT));
        pace.set_missed_tick_behavior(MissedTickBehavior::Delay);
        while self.outbox.is_some() {
            tokio::select! {
                frame = inbound.message() => {
                    let frame = frame?.context("the coordinator hung up")?;
                    if let Some(whole) = assembler.take(frame)? {
                        self.receive(whole.try_into()?).await?;
                    }
                }
                order = orders.recv(), if !self.leaving => self.obey(order).await?,
                _ = pace.tick(), if self.rate.is_some() => {}
                _ = report.tick() => self.report().await?,
            }
            self.answer();
            self.deliver().await?;
            if self.leaving && self.open.is_empty() && self.spool.is_empty() {
                self.outbox = None;
            }
        }
        // The coordinator closes its side once it has seen that ours is closed.
        while inbound.message().await?.is_some() {}
        Ok(())
    }

    async fn obey(&mut self, order: Option<Order>) -> Result<()> {
        if order.is_some() {
            self.latencies.clear();
            return Ok(());
        }
        self.leaving = true;
        self.say_delays()?;
        // What it has is answered without a pace, so that nothing is given up.
        self.rate = None;
        self.send(FromWorker::Leaving).await
    }

    async fn receive(&mut self, frame: FromCoordinator) -> Result<()> {
        match frame {
            FromCoordinator::Assignments(assignments) => {
                if self.paced_from.is_none() {
                    self.paced_from = Some(Instant::now());
                    say(&Said::First)?;
                }
                self.last_lease =
                    assignments.last().map_or(self.last_lease, |last| last.lease.sequence);
                self.open.extend(assignments);
            }
            FromCoordinator::Acknowledged(sequence) => self.acknowledge(sequence).await?,
            FromCoordinator::ResultCredit(bytes) => self.result_credit = bytes,
            FromCoordinator::Welcome { .. }
            | FromCoordinator::Slice(_)
            | FromCoordinator::Grants { .. }
            | FromCoordinator::Blob { .. }
            | FromCoordinator::Drain => {}
        }
        Ok(())
    }

    async fn acknowledge(&mut self, sequence: u64) -> Result<()> {
        for answer in self.spool.acknowledged(sequence) {
            self.latencies.add(answer.since.elapsed());
            self.acknowledged += 1;
        }
        self.send(FromWorker::Credit(u64::from(ASSIGNMENTS_MAX) + self.acknowledged)).await
    }

    /// Answers what is due.
    fn answer(&mut self) {
        let due = match (self.rate, self.paced_from) {
            (Some(rate), Some(from)) => {
                let ms = u64::try_from(from.elapsed().as_millis()).unwrap_or(u64::MAX);
                (ms.saturating_mul(rate.into()) / 1_000).saturating_sub(self.answered)
            }
            (None, _) | (_, None) => u64::MAX,
        };
        let count = usize::try_from(due).unwrap_or(usize::MAX).min(self.open.len());
        for assignment in self.open.drain(..count) {
            let text = &self.texts[usize::try_from(self.answered).unwrap_or(0) % self.texts.len()];
            let delivery = delivery(&assignment, text);
            let weight = delivery.weight();
            self.spool.push(Answer { delivery, since: Instant::now() }, weight);
            self.answered += 1;
        }
    }

    /// Sends what the result credit allows.
    async fn deliver(&mut self) -> Result<()> {
        loop {
            let unsent = self.spool.unsent(self.result_credit, FRAME_BYTES_MAX / 2);
            let numbered = |(sequence, answer): (u64, &Answer)| Delivery {
                sequence,
                ..answer.delivery.clone()
            };
            let deliveries: Vec<Delivery> = unsent.map(numbered).collect();
            if deliveries.is_empty() {
                return Ok(());
            }
            self.send(FromWorker::Deliveries(deliveries)).await?;
        }
    }

    async fn report(&mut self) -> Result<()> {
        let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        say(&Said::Standing { ms, acknowledged: self.acknowledged })?;
        self.beats += 1;
        if !self.beats.is_multiple_of(10) {
            return Ok(());
        }
        let (last_lease, calls) = (self.last_lease, self.answered);
        self.send(FromWorker::Heartbeat(Heartbeat { last_lease, calls, ..Heartbeat::default() }))
            .await
    }

    fn say_delays(&self) -> Result<()> {
        let [p50_ms, p99_ms, most_ms] = [0.5, 0.99, 1.0].map(|at| self.latencies.quantile_ms(at));
        say(&Said::Delays { p50_ms, p99_ms, most_ms })
    }
}

fn delivery(assignment: &Assignment, text: &str) -> Delivery {
    Delivery {
        sequence: 0,
        lease: assignment.lease,
        sweep: assignment.sweep,
        job: assignment.job,
        attempt: assignment.attempt,
        calls: 1,
        throttles: 0,
        broken: 0,
        cost: Some(Money(1_500_000_000)),
        simulated: true,
        outcome: Outcome::Answered {
            finish: Finish::Stop,
            parse: Parse::Ok,
            label: None,
            usage: Usage { input: 900, output: 450, ..Usage::default() },
            latency_ms: 2_500,
            echoed_model: Some("sim-echo".to_owned()),
            request: Digest::of(&assignment.key),
            text: Text { raw: text.to_owned(), reasoning: None, altered: false, logprobs: None },
        },
    }
}
