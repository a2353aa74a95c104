//! What a worker is between its start and its end, whatever becomes of its connections.

use std::collections::BTreeMap;
use std::sync::Arc;

use iago_protocol::{
    Ask, Assignment, Call, Delivery, Heartbeat, Inventory, PROTOCOL_VERSION, Slice,
};
use iago_sweep::Digest;
use tokio::time::{Duration, Instant};
use tracing::{info, warn};

use crate::asks::{Answers, Asks};
use crate::attempts::{Attempts, given_back, rejected};
use crate::clients::EndpointError;
use crate::holdings::Holdings;
use crate::job::{Attempted, PoolBlock};
use crate::plans::{Known, Plans};
use crate::settings::Settings;
use crate::work::WorkError;

pub(crate) struct Life {
    name: String,
    boot: String,
    assignments_max: u32,
    spool_bytes_max: usize,
    attempts: Attempts,
    plans: Plans,
    holdings: Holdings,
    /// Pools that turned out to be blocked, and the coordinator was not told.
    blocks: BTreeMap<String, String>,
    last_lease: u64,
    leaving: bool,
    /// For how long slices last without a connection.
    slices_last: Duration,
}

impl Life {
    pub(crate) fn new(settings: Settings) -> Result<Self, EndpointError> {
        let Settings { name, boot, endpoints, programs, assignments_max, spool_bytes_max, .. } =
            settings;
        Ok(Self {
            name,
            boot,
            assignments_max,
            spool_bytes_max,
            attempts: Attempts::new(endpoints, programs)?,
            plans: Plans::default(),
            holdings: Holdings::new(assignments_max),
            blocks: BTreeMap::new(),
            last_lease: 0,
            leaving: false,
            slices_last: Duration::ZERO,
        })
    }

    /// A new connection: credit counts anew, and what was said in the last one may never have come.
    /// Gives everything that it has.
    pub(crate) fn connect(&mut self) -> Inventory {
        self.holdings.connect();
        self.plans.ask_again();
        self.blocks = self.attempts.blocks();
        if !self.leaving {
            // What an earlier coordinator wanted is over with it.
            self.attempts.resume();
        }
        Inventory {
            boot: self.boot.clone(),
            name: self.name.clone(),
            protocol: PROTOCOL_VERSION,
            pools: self.attempts.pool_names(),
            slots: self.assignments_max,
            held: self.holdings.held(),
            unacknowledged: self.holdings.unacknowledged(),
            slices: self.attempts.slices(),
        }
    }

    /// A connection has ended: what it granted and was not used is void.
    pub(crate) fn part(&self) {
        self.attempts.asks().part();
    }

    /// What the coordinator says of slices without a connection.
    pub(crate) fn slices_last(&mut self, long: Duration) {
        self.slices_last = long;
    }

    /// When slices end, where the connection breaks now: others may have been given them by then.
    pub(crate) fn slices_end(&self) -> Instant {
        Instant::now() + self.slices_last
    }

    /// No call starts until a coordinator says again what may be used.
    pub(crate) fn end_slices(&mut self) {
        info!("without a coordinator for too long: no call starts until there is one again");
        self.attempts.end_slices();
    }

    /// Waits until something ends, and keeps what has ended.
    pub(crate) async fn keep_next(&mut self) {
        let mut next = Some(self.attempts.next_end().await);
        while let Some(Attempted { delivery, blocked }) = next {
            if let Some(PoolBlock { pool, reason }) = blocked {
                self.blocks.insert(pool, reason);
            }
            self.holdings.ended(delivery);
            next = self.attempts.another_end();
        }
        self.make_room();
    }

    pub(crate) fn assign(&mut self, assignment: Assignment) {
        self.last_lease = assignment.lease.sequence;
        if self.holdings.take(&assignment) {
            self.begin(assignment);
        }
    }

    pub(crate) fn learn(&mut self, digest: Digest, json: &[u8]) -> Result<(), WorkError> {
        for assignment in self.plans.learn(digest, json)? {
            self.begin(assignment);
        }
        Ok(())
    }

    pub(crate) fn acknowledge(&mut self, up_to: u64) {
        self.holdings.acknowledge(up_to);
        self.attempts.asks().acknowledge(up_to);
        self.make_room();
    }

    /// What may be used of a pool from now on.
    pub(crate) fn slice(&mut self, slice: &Slice) {
        if slice.lifts {
            self.blocks.remove(&slice.pool);
        }
        self.attempts.slice(slice);
    }

    /// Calls that may begin, and those that never may.
    pub(crate) fn answer_asks(&self, answers: Answers) {
        self.attempts.asks().answer(answers);
    }

    /// What calls want and tell, to wait for while a life is changed.
    pub(crate) fn asks(&self) -> Arc<Asks> {
        Arc::clone(self.attempts.asks())
    }

    /// No call starts any more, and what waits for one goes back.
    pub(crate) fn drain(&mut self) {
        self.attempts.drain();
        for assignment in self.plans.give_back() {
            self.holdings.ended(given_back(&assignment));
        }
    }

    /// Drains for good.
    pub(crate) fn leave(&mut self) {
        self.leaving = true;
        self.drain();
    }

    pub(crate) fn is_leaving(&self) -> bool {
        self.leaving
    }

    /// Assignments in work, and ended ones that are not acknowledged.
    pub(crate) fn unfinished(&self) -> u64 {
        self.holdings.len()
    }

    /// Assignments that it has made room for in this connection.
    pub(crate) fn credit(&self) -> u64 {
        self.holdings.credit()
    }

    /// A slice that no more calls are under way than it allows.
    pub(crate) fn next_within(&mut self) -> Option<(String, u64)> {
        self.attempts.next_within()
    }

    /// Asks that were not said in this connection.
    pub(crate) fn next_asks(&self) -> Option<Vec<Ask>> {
        self.attempts.asks().next_asks()
    }

    /// Asks that are not wanted any more.
    pub(crate) fn next_withdrawn(&self) -> Option<Vec<u64>> {
        self.attempts.asks().next_withdrawn()
    }

    /// Calls that ended and were not told of.
    pub(crate) fn next_calls(&self) -> Option<Vec<Call>> {
        self.attempts.asks().next_calls()
    }

    /// A plan that is wanted and was not asked for in this connection.
    pub(crate) fn next_need(&mut self) -> Option<Digest> {
        self.plans.next_need()
    }

    /// A blocked pool that the coordinator was not told of, and why it is blocked.
    pub(crate) fn next_block(&mut self) -> Option<(String, String)> {
        self.blocks.pop_first()
    }

    /// Deliveries that fit into the credit and were not sent in this connection.
    pub(crate) fn next_batch(&mut self, credit_bytes: u64) -> Option<Vec<Delivery>> {
        let batch = self.holdings.next_batch(credit_bytes)?;
        if let Some(last) = batch.last() {
            self.attempts.asks().precede(last.sequence);
        }
        Some(batch)
    }

    pub(crate) fn heartbeat(&self) -> Heartbeat {
        let tally = self.attempts.tally();
        Heartbeat {
            last_lease: self.last_lease,
            calls: tally.calls(),
            throttles: tally.throttles(),
            troubles: tally.troubles(),
            waits: self.attempts.waits(),
        }
    }

    /// Calls ever made.
    pub(crate) fn calls(&self) -> u64 {
        self.attempts.tally().calls()
    }

    /// Deliveries ever acknowledged.
    pub(crate) fn delivered(&self) -> u64 {
        self.holdings.acknowledged()
    }

    fn begin(&mut self, assignment: Assignment) {
        if self.attempts.is_draining() {
            return self.holdings.ended(given_back(&assignment));
        }
        match self.plans.find(assignment.plan) {
            Some(known) => self.start(known, assignment),
            None => self.plans.wait(assignment),
        }
    }

    fn start(&mut self, known: Known, assignment: Assignment) {
        let ended = match known {
            Ok(work) => self.attempts.start(work, assignment),
            Err(why) => Some(rejected(&assignment, why)),
        };
        if let Some(ended) = ended {
            self.holdings.ended(ended);
        }
    }

    fn make_room(&mut self) {
        let full = self.holdings.is_full(self.spool_bytes_max);
        if !self.attempts.make_room(!full) {
            return;
        }
        let bytes = self.holdings.spool_bytes();
        if full {
            warn!(bytes, "the spool is full: no call starts until results are acknowledged");
        } else {
            info!(bytes, "the spool has room: calls start again");
        }
    }
}
