//! What is to be said next in a connection. Everything that a worker says follows from what it has,
//! so nothing queues up here while a slow connection is waited for.

use std::collections::VecDeque;

use iago_protocol::wire::WorkerFrame;
use iago_protocol::{FromWorker, split};

use crate::life::Life;

#[derive(Debug, Default)]
pub(crate) struct Outgoing {
    /// The rest of a frame that goes out in parts.
    parts: VecDeque<WorkerFrame>,
    /// Of assignments: the one that was last said.
    credit: u64,
    /// Of bytes of deliveries: the one that was last heard.
    result_credit: u64,
    heartbeat_due: bool,
    leaving: bool,
    /// Whether the coordinator has answered: what calls want and tell is not said to one that may
    /// not listen yet.
    welcomed: bool,
}

impl Outgoing {
    /// A new connection, and its first frames: everything that the worker has, and how much more it
    /// can take.
    pub(crate) fn introduce(life: &mut Life) -> (Self, Vec<FromWorker>) {
        let inventory = FromWorker::Inventory(life.connect());
        let outgoing =
            Self { leaving: life.is_leaving(), credit: life.credit(), ..Self::default() };
        if outgoing.leaving {
            return (outgoing, vec![inventory, FromWorker::Leaving]);
        }
        let credit = FromWorker::Credit(outgoing.credit);
        (outgoing, vec![inventory, credit])
    }

    pub(crate) fn grant(&mut self, result_credit: u64) {
        self.result_credit = self.result_credit.max(result_credit);
    }

    pub(crate) fn welcome(&mut self) {
        self.welcomed = true;
    }

    pub(crate) fn heartbeat_is_due(&mut self) {
        self.heartbeat_due = true;
    }

    /// The next frame, in the order of urgency. It counts as sent.
    pub(crate) fn next(&mut self, life: &mut Life) -> Option<WorkerFrame> {
        if std::mem::take(&mut self.heartbeat_due) {
            // It is small, and need not wait for a megabyte of text that goes out in parts.
            return Some(FromWorker::Heartbeat(life.heartbeat()).into());
        }
        if self.parts.is_empty()
            && let Some(frame) = self.next_whole(life)
        {
            self.parts.extend(split(WorkerFrame::from(frame)));
        }
        self.parts.pop_front()
    }

    /// Deliveries come last. So the acknowledgement of any of them says that the coordinator has read
    /// all else, and that what it sent before it read that we leave has come.
    fn next_whole(&mut self, life: &mut Life) -> Option<FromWorker> {
        if life.is_leaving() && !self.leaving {
            self.leaving = true;
            return Some(FromWorker::Leaving);
        }
        if let Some((pool, number)) = life.next_within() {
            return Some(FromWorker::Within { pool, number });
        }
        if self.welcomed
            && let Some(frame) = next_of_calls(life)
        {
            return Some(frame);
        }
        if let Some(digest) = life.next_need() {
            return Some(FromWorker::Need(digest));
        }
        if let Some((pool, reason)) = life.next_block() {
            return Some(FromWorker::PoolBlocked { pool, reason });
        }
        if life.credit() > self.credit && !self.leaving {
            self.credit = life.credit();
            return Some(FromWorker::Credit(self.credit));
        }
        life.next_batch(self.result_credit).map(FromWorker::Deliveries)
    }
}

/// What is given back is said before more is asked for.
fn next_of_calls(life: &Life) -> Option<FromWorker> {
    let withdrawn = || life.next_withdrawn().map(FromWorker::Withdrawn);
    let asks = || life.next_asks().map(FromWorker::Asks);
    withdrawn().or_else(|| life.next_calls().map(FromWorker::Calls)).or_else(asks)
}
