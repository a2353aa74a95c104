//! The adapter: each verb on a connection of its lane.

use std::time::Duration;

use iago_store::{
    Access, Act, Appended, Audited, NewRevision, NewSweep, NewToken, READ_MAX, Recovered, State,
    Store, StoreError, SweepHead, Token, Totals,
};
use iago_sweep::{
    AttemptFact, Digest, Fact, FailureFact, Frontier, JobId, PoolUse, ReadingFact, ResultFact,
    SweepId, Text,
};
use sqlx::Connection;
use sqlx::postgres::PgConnectOptions;

use crate::connect::{self, Lanes};
use crate::fault::Fault;
use crate::migrate::migrate;
use crate::place::Place;
use crate::{access, append, frontier, leadership, pool_use, reader, reading, recover, sweep};

/// A store in a Postgres database.
#[derive(Debug)]
pub struct PostgresStore {
    pub(crate) lanes: Lanes,
}

impl PostgresStore {
    /// Opens the store at an address `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, where whatever
    /// is missing comes from `PGPASSWORD`, `~/.pgpass` and the like, and brings its tables up to
    /// date. Any number of processes may have it open.
    ///
    /// [`StoreError::Refused`] if a person must act first, [`StoreError::Unavailable`] if the server
    /// cannot be reached now. Neither says the password.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        let options = connect::parse(url)?;
        let place = Place::of(&options);
        let task = tokio::spawn(async move {
            prepare(&options).await?;
            Ok(Lanes::new(&options))
        });
        let outcome = task.await.unwrap_or_else(|error| Err(Fault::Ended(error.to_string())));
        Ok(Self { lanes: outcome.map_err(|fault| fault.at(&place))? })
    }

    /// Waits for the writes under way and closes all connections. Nothing is lost without it.
    pub async fn close(self) -> Result<(), StoreError> {
        self.lanes.writing.close().await;
        self.lanes.reading.close().await;
        self.lanes.leading.close().await;
        Ok(())
    }
}

async fn prepare(options: &PgConnectOptions) -> Result<(), Fault> {
    let mut connection = connect::connect(options).await?;
    migrate(&mut connection).await?;
    Ok(connection.close().await?)
}

impl Store for PostgresStore {
    async fn submit(&self, term: u64, new: NewSweep) -> Result<SweepId, StoreError> {
        self.lanes
            .writing
            .run(move |connection| {
                Box::pin(async move { sweep::submit(connection, term, &new).await })
            })
            .await
    }

    async fn revise(
        &self,
        term: u64,
        sweep: SweepId,
        revision: NewRevision,
    ) -> Result<(), StoreError> {
        self.lanes
            .writing
            .run(move |connection| {
                Box::pin(async move { sweep::revise(connection, term, sweep, &revision).await })
            })
            .await
    }

    async fn control(&self, term: u64, sweep: SweepId, state: State) -> Result<(), StoreError> {
        self.lanes
            .writing
            .run(move |connection| {
                Box::pin(async move { sweep::control(connection, term, sweep, &state).await })
            })
            .await
    }

    async fn retry(&self, term: u64, sweep: SweepId) -> Result<u32, StoreError> {
        self.lanes
            .writing
            .run(move |connection| Box::pin(sweep::retry(connection, term, sweep)))
            .await
    }

    async fn sweeps(&self) -> Result<Vec<SweepHead>, StoreError> {
        self.lanes.reading.run(|connection| Box::pin(reader::sweeps(connection))).await
    }

    async fn plan(&self, sweep: SweepId, revision: u32) -> Result<Vec<u8>, StoreError> {
        self.lanes
            .reading
            .run(move |connection| Box::pin(reader::plan(connection, sweep, revision)))
            .await
    }

    async fn append(
        &self,
        sweep: SweepId,
        term: u64,
        facts: Vec<Fact>,
    ) -> Result<Vec<Appended>, StoreError> {
        self.lanes
            .writing
            .run(move |connection| Box::pin(append::append(connection, sweep, term, facts)))
            .await
    }

    async fn recover(
        &self,
        sweep: SweepId,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Recovered>, StoreError> {
        self.lanes
            .reading
            .run(move |connection| Box::pin(recover::recover(connection, sweep, after, limit)))
            .await
    }

    async fn results(
        &self,
        sweep: SweepId,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<ResultFact>, StoreError> {
        self.lanes
            .reading
            .run(move |connection| Box::pin(reader::results(connection, sweep, after, limit)))
            .await
    }

    async fn failures(&self, sweep: SweepId) -> Result<Vec<FailureFact>, StoreError> {
        self.lanes
            .reading
            .run(move |connection| Box::pin(reader::failures(connection, sweep)))
            .await
    }

    async fn attempts(&self, sweep: SweepId) -> Result<Vec<AttemptFact>, StoreError> {
        self.lanes
            .reading
            .run(move |connection| Box::pin(reader::attempts(connection, sweep)))
            .await
    }

    async fn frontiers(&self, sweep: SweepId) -> Result<Vec<Frontier>, StoreError> {
        self.lanes
            .reading
            .run(move |connection| {
                Box::pin(async move {
                    sweep::require_sweep(connection, sweep).await?;
                    frontier::all(connection, sweep).await
                })
            })
            .await
    }

    async fn read(&self, sweep: SweepId, jobs: &[JobId]) -> Result<Vec<(JobId, Text)>, StoreError> {
        if jobs.len() > READ_MAX {
            return Err(StoreError::TooMany { asked: jobs.len(), limit: READ_MAX });
        }
        let jobs = jobs.to_vec();
        self.lanes
            .reading
            .run(move |connection| {
                Box::pin(async move { reader::texts(connection, sweep, &jobs).await })
            })
            .await
    }

    async fn keep_readings(
        &self,
        sweep: SweepId,
        term: u64,
        readings: Vec<ReadingFact>,
    ) -> Result<(), StoreError> {
        self.lanes
            .writing
            .run(move |connection| Box::pin(reading::keep(connection, sweep, term, readings)))
            .await
    }

    async fn readings(
        &self,
        sweep: SweepId,
        grammar: Digest,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<ReadingFact>, StoreError> {
        self.lanes
            .reading
            .run(move |connection| {
                Box::pin(reading::page(connection, sweep, grammar, after, limit))
            })
            .await
    }

    async fn totals(&self, sweep: SweepId) -> Result<Totals, StoreError> {
        self.lanes.reading.run(move |connection| Box::pin(reader::sums(connection, sweep))).await
    }

    async fn note_use(&self, term: u64, uses: Vec<PoolUse>) -> Result<(), StoreError> {
        self.lanes
            .writing
            .run(move |connection| Box::pin(pool_use::note(connection, term, uses)))
            .await
    }

    async fn recent_use(&self, since_ms: i64) -> Result<Vec<PoolUse>, StoreError> {
        self.lanes
            .reading
            .run(move |connection| Box::pin(pool_use::recent(connection, since_ms)))
            .await
    }

    async fn lead(&self, holder: &str, hold: Duration) -> Result<u64, StoreError> {
        let holder = holder.to_owned();
        self.lanes
            .leading
            .run(move |connection| {
                Box::pin(async move { leadership::lead(connection, &holder, hold).await })
            })
            .await
    }

    async fn renew(&self, term: u64, hold: Duration) -> Result<(), StoreError> {
        self.lanes
            .leading
            .run(move |connection| Box::pin(leadership::renew(connection, term, hold)))
            .await
    }

    async fn resign(&self, term: u64) -> Result<(), StoreError> {
        self.lanes
            .leading
            .run(move |connection| Box::pin(leadership::resign(connection, term)))
            .await
    }
}

impl Access for PostgresStore {
    async fn grant(&self, token: NewToken) -> Result<(), StoreError> {
        self.lanes
            .writing
            .run(move |connection| Box::pin(async move { access::grant(connection, &token).await }))
            .await
    }

    async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        self.lanes.reading.run(|connection| Box::pin(access::tokens(connection))).await
    }

    async fn revoke(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.lanes
            .writing
            .run(move |connection| Box::pin(async move { access::revoke(connection, &name).await }))
            .await
    }

    async fn note(
        &self,
        who: &str,
        act: Act,
        sweep: Option<SweepId>,
        detail: &str,
    ) -> Result<(), StoreError> {
        let (who, detail) = (who.to_owned(), detail.to_owned());
        self.lanes
            .writing
            .run(move |connection| {
                Box::pin(async move { access::note(connection, &who, act, sweep, &detail).await })
            })
            .await
    }

    async fn audit(&self, limit: usize) -> Result<Vec<Audited>, StoreError> {
        self.lanes.reading.run(move |connection| Box::pin(access::audit(connection, limit))).await
    }
}
