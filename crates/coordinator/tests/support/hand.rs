//! A worker that does nothing by itself: the test says every frame.

#![allow(dead_code, unreachable_pub, reason = "each test uses a part of this")]

use std::time::Duration;

use iago_protocol::wire::workers_client::WorkersClient;
use iago_protocol::wire::{CoordinatorFrame, WorkerFrame};
use iago_protocol::{
    Assembler, Assignment, Delivery, FromCoordinator, FromWorker, Heartbeat, Held, Inventory,
    Outcome,
};
use iago_sweep::{Digest, FailureClass, Finish, LOCAL_POOL, Label, Money, Parse, Text, Usage};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::task::AbortOnDropHandle;
use tonic::{Code, Streaming};

use crate::served::{Served, frame, inventory, with};
use crate::sweep::POOL;

/// What must happen has happened after this.
const DEADLINE: Duration = Duration::from_secs(20);

/// A connected worker.
pub struct Hand {
    outbox: mpsc::Sender<WorkerFrame>,
    frames: Streaming<CoordinatorFrame>,
    assembler: Assembler,
    sequence: u64,
    /// Jobs that came while something else was waited for.
    waiting: Vec<Assignment>,
}

impl Hand {
    /// Joins, with nothing in hand and room for many jobs.
    pub async fn join(served: &Served, token: &str, name: &str) -> Self {
        Self::join_with(served, token, name, Vec::new()).await
    }

    /// Joins, still at work on some jobs.
    pub async fn join_with(served: &Served, token: &str, name: &str, held: Vec<Held>) -> Self {
        let pools = vec![POOL.to_owned(), LOCAL_POOL.to_owned()];
        Self::join_as(served, token, Inventory { pools, held, slots: 100, ..inventory(name) }).await
    }

    /// Joins with these words.
    pub async fn join_as(served: &Served, token: &str, first: Inventory) -> Self {
        let mut hand = loop {
            let (outbox, frames) = mpsc::channel(64);
            outbox.send(frame(FromWorker::Inventory(first.clone()))).await.expect("open");
            let mut client = WorkersClient::new(served.channel.clone());
            match client.work(with(token, ReceiverStream::new(frames))).await {
                // Until the coordinator leads.
                Err(status) if status.code() == Code::Unavailable => tokio::task::yield_now().await,
                other => {
                    let (frames, assembler) =
                        (other.expect("admitted").into_inner(), <_>::default());
                    break Self { outbox, frames, assembler, sequence: 0, waiting: Vec::new() };
                }
            }
        };
        hand.say(FromWorker::Credit(100)).await;
        hand
    }

    pub async fn say(&mut self, said: FromWorker) {
        self.outbox.send(frame(said)).await.expect("the stream is open");
    }

    /// Says that it lives, as often as the connection takes it, until the chatter is dropped.
    pub fn chatter(&self) -> AbortOnDropHandle<()> {
        let outbox = self.outbox.clone();
        AbortOnDropHandle::new(tokio::spawn(async move {
            while outbox.send(frame(FromWorker::Heartbeat(Heartbeat::default()))).await.is_ok() {}
        }))
    }

    /// The next frame; jobs in it are kept for whoever waits for them.
    async fn hear(&mut self) -> FromCoordinator {
        let said = self.receive().await;
        if let FromCoordinator::Assignments(assignments) = &said {
            self.waiting.extend(assignments.iter().cloned());
        }
        said
    }

    /// The next frame, however long that takes.
    pub async fn listen(&mut self) -> FromCoordinator {
        loop {
            if let Some(said) = self.next_part().await {
                if let FromCoordinator::Assignments(assignments) = &said {
                    self.waiting.extend(assignments.iter().cloned());
                }
                return said;
            }
        }
    }

    async fn next_part(&mut self) -> Option<FromCoordinator> {
        let part = self.frames.message().await.expect("no error").expect("still open");
        let whole = self.assembler.take(part).expect("in order");
        whole.map(|whole| whole.try_into().expect("a frame"))
    }

    async fn receive(&mut self) -> FromCoordinator {
        let hearing = async {
            loop {
                if let Some(said) = self.next_part().await {
                    return said;
                }
            }
        };
        timeout(DEADLINE, hearing).await.expect("the coordinator says something")
    }

    /// The next jobs that are handed out.
    pub async fn assignments(&mut self) -> Vec<Assignment> {
        while self.waiting.is_empty() {
            self.hear().await;
        }
        std::mem::take(&mut self.waiting)
    }

    /// As many jobs, however they come.
    pub async fn take(&mut self, count: usize) -> Vec<Assignment> {
        let mut taken = Vec::new();
        while taken.len() < count {
            taken.extend(self.assignments().await);
        }
        taken
    }

    /// The plan with this digest.
    pub async fn need(&mut self, wanted: Digest) -> Vec<u8> {
        self.say(FromWorker::Need(wanted)).await;
        loop {
            if let FromCoordinator::Blob { digest, data } = self.hear().await
                && digest == wanted
            {
                return data;
            }
        }
    }

    /// Ends an assignment, and waits until that is stored.
    pub async fn deliver(&mut self, held: Held, outcome: Outcome) {
        self.deliver_for(None, held, outcome).await;
    }

    /// The same, for so much money.
    pub async fn deliver_for(&mut self, cost: Option<Money>, held: Held, outcome: Outcome) {
        self.sequence += 1;
        let (sequence, Held { lease, sweep, job, attempt }) = (self.sequence, held);
        let (calls, throttles, simulated) = (1, 0, cost.is_none());
        let delivery = Delivery {
            sequence,
            lease,
            sweep,
            job,
            attempt,
            calls,
            throttles,
            cost,
            broken: 0,
            simulated,
            outcome,
        };
        self.say(FromWorker::Deliveries(vec![delivery])).await;
        loop {
            if matches!(self.hear().await, FromCoordinator::Acknowledged(of) if of >= sequence) {
                return;
            }
        }
    }
}

/// An answer.
pub fn answered() -> Outcome {
    said("<OUTPUT>yes</OUTPUT>", Parse::Ok)
}

/// An answer of these words, read as this.
pub fn said(raw: &str, parse: Parse) -> Outcome {
    answer(raw, parse, None)
}

/// A judge's answer.
pub fn labelled(word: &str) -> Outcome {
    let raw = format!("<label>{word}</label>");
    answer(&raw, Parse::Ok, Some(Label::Word(word.to_owned())))
}

fn answer(raw: &str, parse: Parse, label: Option<Label>) -> Outcome {
    Outcome::Answered {
        finish: Finish::Stop,
        parse,
        label,
        usage: Usage::default(),
        latency_ms: 1,
        echoed_model: None,
        request: Digest::of(b"a request"),
        text: Text { raw: raw.to_owned(), ..Text::default() },
    }
}

/// No answer, after as many calls as were allowed.
pub fn exhausted() -> Outcome {
    let message = "overloaded".to_owned();
    Outcome::Failed { class: FailureClass::Exhausted, status: Some(503), message }
}

/// No answer, for good.
pub fn failed() -> Outcome {
    let message = "no such model".to_owned();
    Outcome::Failed { class: FailureClass::Rejected, status: Some(404), message }
}
