//! What a worker owes to its coordinator, in the sense of a ledger: assignments that it works on,
//! deliveries that are not acknowledged, and the room that it has promised. It outlives connections.

use std::collections::{BTreeMap, BTreeSet};

use iago_attempt::Spool;
use iago_protocol::{Assignment, Delivery, FRAME_BYTES_MAX, Held, Lease};

/// Deliveries that share a frame have at most so many bytes, so that most frames need no parts.
const BATCH_BYTES_MAX: usize = FRAME_BYTES_MAX / 2;

#[derive(Debug)]
pub(crate) struct Holdings {
    assignments_max: u64,
    held: BTreeMap<Lease, Held>,
    spool: Spool<Delivery>,
    /// Leases of what is in the spool.
    spooled: BTreeSet<Lease>,
    /// Assignments that it has made room for in this connection.
    credit: u64,
    /// Deliveries that were ever acknowledged.
    acknowledged: u64,
}

impl Holdings {
    pub(crate) fn new(assignments_max: u32) -> Self {
        Self {
            assignments_max: assignments_max.into(),
            held: BTreeMap::new(),
            spool: Spool::default(),
            spooled: BTreeSet::new(),
            credit: 0,
            acknowledged: 0,
        }
    }

    /// A new connection: credit counts anew, and everything that is kept is sent again.
    pub(crate) fn connect(&mut self) {
        self.spool.rewind();
        self.credit = self.assignments_max.saturating_sub(self.len());
    }

    /// Takes an assignment. False if it is here already, in work or done: it is not executed twice,
    /// and the credit that it used is given back.
    pub(crate) fn take(&mut self, assignment: &Assignment) -> bool {
        let lease = assignment.lease;
        if self.held.contains_key(&lease) || self.spooled.contains(&lease) {
            self.credit += 1;
            return false;
        }
        self.held.insert(lease, assignment.held());
        true
    }

    /// Keeps what became of an assignment until it is acknowledged.
    pub(crate) fn ended(&mut self, delivery: Delivery) {
        self.held.remove(&delivery.lease);
        self.spooled.insert(delivery.lease);
        let weight = delivery.weight();
        self.spool.push(delivery, weight);
    }

    /// Everything up to this sequence is durable: room for as many assignments.
    pub(crate) fn acknowledge(&mut self, up_to: u64) {
        let acknowledged = self.spool.acknowledged(up_to);
        self.credit += acknowledged.len() as u64;
        self.acknowledged += acknowledged.len() as u64;
        for delivery in acknowledged {
            self.spooled.remove(&delivery.lease);
        }
    }

    /// The next deliveries to send under this credit, if there are any.
    pub(crate) fn next_batch(&mut self, credit_bytes: u64) -> Option<Vec<Delivery>> {
        let unsent = self.spool.unsent(credit_bytes, BATCH_BYTES_MAX);
        let batch: Vec<_> =
            unsent.map(|(sequence, kept)| Delivery { sequence, ..kept.clone() }).collect();
        (!batch.is_empty()).then_some(batch)
    }

    /// Assignments in work or waiting for a plan.
    pub(crate) fn held(&self) -> Vec<Held> {
        self.held.values().cloned().collect()
    }

    /// Ended attempts whose delivery is kept, in the order of their sequence.
    pub(crate) fn unacknowledged(&self) -> Vec<Held> {
        self.spool.iter().map(Delivery::held).collect()
    }

    pub(crate) fn credit(&self) -> u64 {
        self.credit
    }

    pub(crate) fn acknowledged(&self) -> u64 {
        self.acknowledged
    }

    /// How many assignments are in work, or ended and not acknowledged.
    pub(crate) fn len(&self) -> u64 {
        (self.held.len() + self.spool.len()) as u64
    }

    pub(crate) fn is_full(&self, bytes_max: usize) -> bool {
        self.spool.is_full(bytes_max)
    }

    pub(crate) fn spool_bytes(&self) -> usize {
        self.spool.bytes()
    }
}

#[cfg(test)]
mod tests {
    use iago_protocol::Outcome;
    use iago_sweep::{Digest, JobId, Need, SweepId};

    use super::*;

    fn assignment(number: i64) -> Assignment {
        let job = JobId::from_number(number).expect("it is not negative");
        Assignment {
            lease: Lease { term: 1, sequence: number.unsigned_abs() },
            sweep: SweepId(1),
            job,
            attempt: 1,
            plan: Digest::of("plan"),
            said: Vec::new(),
            key: number.to_string(),
            pools: Vec::new(),
            need: Need::default(),
            cost_most: None,
        }
    }

    fn delivery(number: i64) -> Delivery {
        let Held { lease, sweep, job, attempt } = assignment(number).held();
        let outcome = Outcome::Released;
        let (calls, throttles, cost, simulated) = (0, 0, None, false);
        Delivery {
            sequence: 0,
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
        }
    }

    #[test]
    fn room_is_promised_once_whatever_is_sent_again_and_whenever_connections_break() {
        let mut holdings = Holdings::new(10);
        holdings.connect();
        assert_eq!(holdings.credit(), 10);
        for number in 1..=4 {
            assert!(holdings.take(&assignment(number)));
        }
        holdings.ended(delivery(3));
        assert!(!holdings.take(&assignment(2)), "in work");
        assert!(!holdings.take(&assignment(3)), "done");
        assert_eq!(holdings.credit(), 12, "neither takes up any room");
        holdings.connect();
        assert_eq!(holdings.credit(), 6, "four are still here");
        holdings.acknowledge(1);
        assert_eq!((holdings.credit(), holdings.len()), (7, 3));
        assert_eq!(holdings.held(), [1, 2, 4].map(|number| assignment(number).held()));
    }

    #[test]
    fn an_unacknowledged_delivery_keeps_its_sequence_over_connections() {
        let mut holdings = Holdings::new(10);
        holdings.connect();
        for number in [7, 5, 6] {
            assert!(holdings.take(&assignment(number)));
            holdings.ended(delivery(number));
        }
        let sent = |holdings: &mut Holdings| -> Vec<_> {
            let batch = holdings.next_batch(10_000).unwrap_or_default();
            batch.into_iter().map(|delivery| (delivery.sequence, delivery.job.number())).collect()
        };
        assert_eq!(sent(&mut holdings), [(1, 7), (2, 5), (3, 6)]);
        assert_eq!(sent(&mut holdings), []);
        holdings.acknowledge(1);
        holdings.connect();
        assert_eq!(sent(&mut holdings), [(2, 5), (3, 6)]);
        assert_eq!(holdings.unacknowledged(), [5, 6].map(|number| assignment(number).held()));
    }
}
