//! What is read. Each answer comes from one statement, so it is of one instant.

mod nights;

use std::path::PathBuf;

use iago_store::{Audited, READ_MAX, Recovered, StoreError, SweepHead, Token, Totals};
use iago_sweep::{
    AttemptFact, Digest, FailureFact, Frontier, JobId, Label, PoolUse, ReadingFact, ResultFact,
    SweepId, Text, Usage,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{Sqlite, SqlitePool};

use crate::access::{AUDIT, TOKENS, audited, token};
use crate::append::{FRONTIERS, frontier};
use crate::column::Stored;
use crate::fault::Fault;
use crate::pool_use::{RECENT, pool_use};
use crate::reading::{READINGS, reading};
use crate::sweep::{HEADS, head, require_sweep};
use crate::total::{TOTALS, part};

type Query = sqlx::query::Query<'static, Sqlite, sqlx::sqlite::SqliteArguments>;

/// Reads beside the writer.
#[derive(Debug)]
pub(crate) struct Reader {
    pub(crate) pool: SqlitePool,
    pub(crate) path: PathBuf,
}

impl Reader {
    pub(crate) async fn sweeps(&self) -> Result<Vec<SweepHead>, StoreError> {
        self.all(sqlx::query(HEADS), head).await
    }

    /// By name, as Rust sorts.
    pub(crate) async fn tokens(&self) -> Result<Vec<Token>, StoreError> {
        let mut tokens = self.all(sqlx::query(TOKENS), token).await?;
        tokens.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        Ok(tokens)
    }

    pub(crate) async fn audit(&self, limit: usize) -> Result<Vec<Audited>, StoreError> {
        self.all(sqlx::query(AUDIT).bind(rows_max(limit)), audited).await
    }

    pub(crate) async fn plan(&self, sweep: SweepId, revision: u32) -> Result<Vec<u8>, StoreError> {
        self.require(sweep).await?;
        let query = sqlx::query(PLAN).bind(sweep.0).bind(revision);
        let found = query.fetch_optional(&self.pool).await.map_err(|error| self.fault(error))?;
        let row = found.ok_or(StoreError::Missing { sweep, revision: Some(revision) })?;
        plan(&row)
    }

    pub(crate) async fn recover(
        &self,
        sweep: SweepId,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<Recovered>, StoreError> {
        self.rows(sweep, page(RECOVERED, sweep, after, limit), recovered).await
    }

    pub(crate) async fn results(
        &self,
        sweep: SweepId,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<ResultFact>, StoreError> {
        self.rows(sweep, page(RESULTS, sweep, after, limit), result).await
    }

    pub(crate) async fn failures(&self, sweep: SweepId) -> Result<Vec<FailureFact>, StoreError> {
        self.rows(sweep, sqlx::query(FAILURES).bind(sweep.0), failure).await
    }

    pub(crate) async fn attempts(&self, sweep: SweepId) -> Result<Vec<AttemptFact>, StoreError> {
        self.rows(sweep, sqlx::query(ATTEMPTS).bind(sweep.0), attempt).await
    }

    pub(crate) async fn frontiers(&self, sweep: SweepId) -> Result<Vec<Frontier>, StoreError> {
        self.rows(sweep, sqlx::query(FRONTIERS).bind(sweep.0), frontier).await
    }

    pub(crate) async fn read(
        &self,
        sweep: SweepId,
        jobs: &[JobId],
    ) -> Result<Vec<(JobId, Text)>, StoreError> {
        if jobs.len() > READ_MAX {
            return Err(StoreError::TooMany { asked: jobs.len(), limit: READ_MAX });
        }
        let jobs: Vec<i64> = jobs.iter().map(|job| job.number()).collect();
        let query = sqlx::query(TEXTS).bind(sweep.0).bind(serde_json::json!(jobs).to_string());
        self.rows(sweep, query, text).await
    }

    pub(crate) async fn readings(
        &self,
        sweep: SweepId,
        grammar: Digest,
        after: Option<i64>,
        limit: usize,
    ) -> Result<Vec<ReadingFact>, StoreError> {
        let query = sqlx::query(READINGS).bind(sweep.0).bind(grammar.as_bytes().to_vec());
        let query = query.bind(after.unwrap_or(-1)).bind(rows_max(limit));
        self.rows(sweep, query, reading).await
    }

    pub(crate) async fn totals(&self, sweep: SweepId) -> Result<Totals, StoreError> {
        let mut totals = Totals::default();
        for (part, sums) in self.rows(sweep, sqlx::query(TOTALS).bind(sweep.0), part).await? {
            totals.add(part, &sums);
        }
        Ok(totals)
    }

    pub(crate) async fn recent_use(&self, since_ms: i64) -> Result<Vec<PoolUse>, StoreError> {
        self.all(sqlx::query(RECENT).bind(since_ms), pool_use).await
    }

    async fn rows<T>(
        &self,
        sweep: SweepId,
        query: Query,
        read: fn(&SqliteRow) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        self.require(sweep).await?;
        self.all(query, read).await
    }

    async fn all<T>(
        &self,
        query: Query,
        read: fn(&SqliteRow) -> Result<T, StoreError>,
    ) -> Result<Vec<T>, StoreError> {
        let rows = query.fetch_all(&self.pool).await.map_err(|error| self.fault(error))?;
        rows.iter().map(read).collect()
    }

    async fn require(&self, sweep: SweepId) -> Result<(), StoreError> {
        require_sweep(&self.pool, sweep).await.map_err(|fault| fault.at(&self.path))
    }

    fn fault(&self, error: sqlx::Error) -> StoreError {
        Fault::from(error).at(&self.path)
    }
}

fn page(sql: &'static str, sweep: SweepId, after: Option<i64>, limit: usize) -> Query {
    sqlx::query(sql).bind(sweep.0).bind(after.unwrap_or(-1)).bind(rows_max(limit))
}

fn rows_max(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

const PLAN: &str = "SELECT sweep, digest, content FROM revisions JOIN blobs ON digest = plan
     WHERE sweep = ?1 AND number = ?2";

fn plan(row: &SqliteRow) -> Result<Vec<u8>, StoreError> {
    let stored = Stored { table: "blobs", row };
    let plan = stored.packed("content")?;
    if Digest::of(&plan) != stored.digest("digest")? {
        return Err(stored.damage("content", "it does not have its own hash"));
    }
    Ok(plan)
}

const RECOVERED: &str = "SELECT job, term, attempt, finish, parse, opens, decided, cost
     FROM results WHERE sweep = ?1 AND job > ?2 ORDER BY job LIMIT ?3";

fn recovered(row: &SqliteRow) -> Result<Recovered, StoreError> {
    let stored = Stored { table: "results", row };
    Ok(Recovered {
        job: stored.job()?,
        term: stored.bits("term")?,
        attempt: stored.number("attempt")?,
        finish: stored.word("finish")?,
        parse: stored.word("parse")?,
        opens: stored.bits("opens")?,
        decided: stored.bits("decided")?,
        cost: stored.cost()?,
    })
}

const RESULTS: &str = "SELECT job, term, attempt, finish, parse, label, abstained, opens, decided,
         input, cached_input, cache_write, output, reasoning, cost, latency_ms, calls, throttles,
         echoed_model, request, simulated
     FROM results WHERE sweep = ?1 AND job > ?2 ORDER BY job LIMIT ?3";

fn result(row: &SqliteRow) -> Result<ResultFact, StoreError> {
    let stored = Stored { table: "results", row };
    Ok(ResultFact {
        job: stored.job()?,
        term: stored.bits("term")?,
        attempt: stored.number("attempt")?,
        finish: stored.word("finish")?,
        parse: stored.word("parse")?,
        label: label(&stored)?,
        opens: stored.bits("opens")?,
        decided: stored.bits("decided")?,
        usage: usage(&stored)?,
        cost: stored.cost()?,
        latency_ms: stored.number("latency_ms")?,
        calls: stored.number("calls")?,
        throttles: stored.number("throttles")?,
        echoed_model: stored.escaped_if_any("echoed_model")?,
        request: stored.digest("request")?,
        simulated: stored.value("simulated")?,
    })
}

pub(crate) fn label(stored: &Stored<'_>) -> Result<Option<Label>, StoreError> {
    if stored.value("abstained")? {
        return Ok(Some(Label::Abstained));
    }
    Ok(stored.escaped_if_any("label")?.map(Label::Word))
}

fn usage(stored: &Stored<'_>) -> Result<Usage, StoreError> {
    Ok(Usage {
        input: stored.bits("input")?,
        cached_input: stored.bits("cached_input")?,
        cache_write: stored.bits("cache_write")?,
        output: stored.bits("output")?,
        reasoning: stored.bits("reasoning")?,
    })
}

const FAILURES: &str = "SELECT job, round, term, attempt, class, status, message, calls, throttles,
         cost, simulated
     FROM failures WHERE sweep = ?1 ORDER BY job, round";

fn failure(row: &SqliteRow) -> Result<FailureFact, StoreError> {
    let stored = Stored { table: "failures", row };
    Ok(FailureFact {
        job: stored.job()?,
        round: stored.number("round")?,
        term: stored.bits("term")?,
        attempt: stored.number("attempt")?,
        class: stored.word("class")?,
        status: stored.value("status")?,
        message: stored.escaped("message")?,
        calls: stored.number("calls")?,
        throttles: stored.number("throttles")?,
        cost: stored.cost()?,
        simulated: stored.value("simulated")?,
    })
}

const ATTEMPTS: &str = "SELECT job, term, attempt, cause, calls, cost
     FROM attempts WHERE sweep = ?1 ORDER BY job, term, attempt, cause";

fn attempt(row: &SqliteRow) -> Result<AttemptFact, StoreError> {
    let stored = Stored { table: "attempts", row };
    Ok(AttemptFact {
        job: stored.job()?,
        term: stored.bits("term")?,
        attempt: stored.number("attempt")?,
        cause: stored.word("cause")?,
        calls: stored.number("calls")?,
        cost: stored.cost()?,
    })
}

const TEXTS: &str = "SELECT job, raw, reasoning, altered, logprobs FROM texts
     WHERE sweep = ?1 AND job IN (SELECT value FROM json_each(?2)) ORDER BY job";

fn text(row: &SqliteRow) -> Result<(JobId, Text), StoreError> {
    let stored = Stored { table: "texts", row };
    let text = Text {
        raw: stored.packed_text("raw")?,
        reasoning: stored.packed_text_if_any("reasoning")?,
        altered: stored.value("altered")?,
        logprobs: stored.packed_text_if_any("logprobs")?,
    };
    Ok((stored.job()?, text))
}
