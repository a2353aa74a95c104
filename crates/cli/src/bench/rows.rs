//! Results put straight into a store, without a coordinator: to fill one, and to know what storing
//! alone costs.

use std::time::Duration;

use anyhow::{Context as _, Result};
use iago_store::{Kind, Names, NewRevision, NewSweep, Store, StoreError};
use iago_store_postgres::PostgresStore;
use iago_sweep::{
    Coordinate, Digest, Fact, Finish, JobId, Money, Parse, ResultFact, SweepId, Text, Usage,
};
use tokio::time::{Instant, sleep};

use super::answers::texts;
use super::base::PROMPTS;

/// Results in one transaction, as many as messages in a turn of the coordinator.
const BATCH: u32 = 500;
/// How often a store is asked for the lead that somebody who was killed still has.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Whoever writes.
pub(super) struct Writer<'a> {
    store: &'a PostgresStore,
    term: u64,
    sweep: SweepId,
    texts: Vec<String>,
    written: u32,
}

impl<'a> Writer<'a> {
    /// Takes the lead, as soon as nobody else has it, to write results of a sweep.
    pub(super) async fn lead(
        store: &'a PostgresStore,
        sweep: SweepId,
        bytes: usize,
    ) -> Result<Self> {
        let term = take_lead(store).await?;
        Ok(Self { store, term, sweep, texts: texts(bytes), written: 0 })
    }

    /// The same, with a sweep that is only a name: a store does not look into plans.
    pub(super) async fn submit(store: &'a PostgresStore, bytes: usize) -> Result<Self> {
        let nothing = Digest::of("");
        let revision = NewRevision {
            number: 0,
            plan: b"{}".to_vec(),
            ask: nothing,
            analysis: nothing,
            note: String::new(),
            names: Names::default(),
        };
        let term = take_lead(store).await?;
        let new = NewSweep { name: "floor".to_owned(), revision, created_ms: 0, kind: Kind::Asked };
        let sweep = store.submit(term, new).await?;
        Ok(Self { store, term, sweep, texts: texts(bytes), written: 0 })
    }

    /// Appends a batch of the next results; gives how many, and how long the store took.
    pub(super) async fn append(&mut self) -> Result<(u32, Duration)> {
        let jobs = self.written..self.written + BATCH;
        let facts = jobs.map(|job| self.fact(job)).collect::<Result<Vec<_>>>()?;
        let begun = Instant::now();
        self.store.append(self.sweep, self.term, facts).await?;
        self.written += BATCH;
        Ok((BATCH, begun.elapsed()))
    }

    fn fact(&self, number: u32) -> Result<Fact> {
        let (prompt, repeat) = (number % PROMPTS, number / PROMPTS);
        let job = JobId::pack(Coordinate { prompt, repeat, ..Coordinate::default() })?;
        let text = self.texts.get(number as usize % self.texts.len()).context("no text")?;
        let fact = ResultFact {
            job,
            term: self.term,
            attempt: 1,
            finish: Finish::Stop,
            parse: Parse::Ok,
            label: None,
            opens: 0,
            decided: 1,
            usage: Usage { input: 900, output: 450, ..Usage::default() },
            cost: Some(Money(1_500_000_000)),
            latency_ms: 2_500,
            calls: 1,
            throttles: 0,
            echoed_model: Some("sim-echo".to_owned()),
            request: Digest::of(job.number().to_le_bytes()),
            simulated: true,
        };
        let text = Text { raw: text.clone(), reasoning: None, altered: false, logprobs: None };
        Ok(Fact::Result(Box::new(fact), text))
    }
}

async fn take_lead(store: &PostgresStore) -> Result<u64> {
    loop {
        match store.lead("bench", Duration::ZERO).await {
            Ok(term) => return Ok(term),
            Err(StoreError::Led { .. }) => sleep(LOOK_EVERY).await,
            Err(error) => return Err(error.into()),
        }
    }
}
