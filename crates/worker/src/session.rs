//! A worker while it is connected: one loop between its life and its coordinator.

use iago_protocol::wire::WorkerFrame;
use iago_protocol::{FromCoordinator, FromWorker};
use tokio::sync::mpsc;
use tokio::time::{Duration, Interval, MissedTickBehavior};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::asks::Answers;
use crate::life::Life;
use crate::link::{Broken, Inbox};
use crate::outgoing::Outgoing;

/// Between heartbeats until the coordinator says how often.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// The shortest time between heartbeats, whatever the coordinator says.
const HEARTBEAT_MIN: Duration = Duration::from_millis(50);
/// How long the coordinator has to hang up once we have.
const HANG_UP_MAX: Duration = Duration::from_secs(2);

/// How a connection ended that did not break.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ended {
    /// The coordinator hung up.
    HungUp,
    /// The worker was told to stop, and everything that it had is acknowledged.
    Left,
}

pub(crate) struct Session<'a> {
    life: &'a mut Life,
    inbox: Inbox,
    outgoing: Outgoing,
    heartbeat: Interval,
    welcomed: &'a mut bool,
}

impl<'a> Session<'a> {
    /// A connection whose first frames were said. `welcomed` is set once the coordinator has
    /// answered them.
    pub(crate) fn new(
        life: &'a mut Life,
        inbox: Inbox,
        outgoing: Outgoing,
        welcomed: &'a mut bool,
    ) -> Self {
        Self { life, inbox, outgoing, heartbeat: every(HEARTBEAT), welcomed }
    }

    /// Works until the connection ends or `stop` has come to its end. The loop never waits to send:
    /// what ends has to be kept, and what comes to be read, however slow the other side is.
    pub(crate) async fn run(
        mut self,
        outbox: mpsc::Sender<WorkerFrame>,
        stop: &CancellationToken,
    ) -> Result<Ended, Broken> {
        let asks = self.life.asks();
        let mut next = None;
        let mut sends = true;
        loop {
            if next.is_none() {
                next = self.outgoing.next(self.life);
            }
            if next.is_none() && self.life.is_leaving() && self.life.unfinished() == 0 {
                self.hang_up(outbox).await;
                return Ok(Ended::Left);
            }
            tokio::select! {
                received = self.inbox.receive() => match received? {
                    Some(frame) => self.receive(frame)?,
                    None => return Ok(Ended::HungUp),
                },
                permit = outbox.reserve(), if sends && next.is_some() => match permit {
                    Ok(permit) => {
                        if let Some(frame) = next.take() {
                            permit.send(frame);
                        }
                    }
                    // The coordinator has closed its ear; its last words are still to come.
                    Err(_closed) => sends = false,
                },
                () = self.life.keep_next() => {}
                () = asks.news() => {}
                _ = self.heartbeat.tick() => self.outgoing.heartbeat_is_due(),
                () = stop.cancelled(), if !self.life.is_leaving() => {
                    info!(unfinished = self.life.unfinished(), "leaving");
                    self.life.leave();
                }
            }
        }
    }

    fn receive(&mut self, frame: FromCoordinator) -> Result<(), Broken> {
        match frame {
            FromCoordinator::Welcome { term, heartbeat_ms, slices_ms } => {
                self.welcome(term, heartbeat_ms);
                self.life.slices_last(Duration::from_millis(slices_ms.into()));
            }
            FromCoordinator::Slice(slice) => self.life.slice(&slice),
            FromCoordinator::Assignments(assignments) => {
                assignments.into_iter().for_each(|assignment| self.life.assign(assignment));
            }
            FromCoordinator::Acknowledged(sequence) => self.life.acknowledge(sequence),
            FromCoordinator::ResultCredit(bytes) => self.outgoing.grant(bytes),
            FromCoordinator::Blob { digest, data } => {
                let learnt = self.life.learn(digest, &data);
                learnt.map_err(|altered| Broken::Altered(altered.to_string()))?;
            }
            FromCoordinator::Grants { granted, refused, declined, sent_ms } => {
                self.life.answer_asks(Answers { granted, refused, declined, sent_ms });
            }
            FromCoordinator::Drain => {
                info!("no more work will come");
                self.life.drain();
            }
        }
        Ok(())
    }

    fn welcome(&mut self, term: u64, heartbeat_ms: u32) {
        info!(term, unfinished = self.life.unfinished(), "connected");
        *self.welcomed = true;
        self.outgoing.welcome();
        if heartbeat_ms > 0 {
            self.heartbeat = every(Duration::from_millis(heartbeat_ms.into()).max(HEARTBEAT_MIN));
        }
    }

    /// Says that this was all, and ends our half of the stream; once the other has, all that we said has come.
    async fn hang_up(mut self, outbox: mpsc::Sender<WorkerFrame>) {
        let rest = async {
            drop(outbox.send(FromWorker::Left.into()).await);
            drop(outbox);
            while let Ok(Some(_)) = self.inbox.receive().await {}
        };
        if tokio::time::timeout(HANG_UP_MAX, rest).await.is_err() {
            warn!("the coordinator did not hang up in time");
        }
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = tokio::time::interval(period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}
