//! The layout of the database, step by step. A step that was released is never edited.

use iago_store::StoreError;
use iago_sweep::SweepId;
use sqlx::{AssertSqlSafe, PgConnection};

use crate::fault::Fault;
use crate::partition;
use crate::transaction::{begin, end};

/// Step n takes a database from version n to n + 1.
const STEPS: &[&str] = &[
    concat!(
        include_str!("../migrations/0001_facts.sql"),
        include_str!("../migrations/0001_views.sql")
    ),
    include_str!("../migrations/0002_readings.sql"),
    include_str!("../migrations/0003_logprobs_and_uses.sql"),
    include_str!("../migrations/0004_nights.sql"),
];

/// Held while a step is taken: two processes that start at once take it once.
const LOCK: i64 = i64::from_be_bytes(*b"iago-lay");

/// Brings the database to the latest version; a crash leaves it at the version before a step.
pub(crate) async fn migrate(connection: &mut PgConnection) -> Result<(), Fault> {
    while version(connection).await? < STEPS.len() {
        let mut transaction = begin(connection).await?;
        let outcome = take_step(&mut transaction).await;
        end(transaction, outcome).await?;
    }
    let mut transaction = begin(connection).await?;
    let outcome = partition::ensure(&mut transaction, SweepId(0)).await;
    end(transaction, outcome).await
}

async fn take_step(connection: &mut PgConnection) -> Result<(), Fault> {
    sqlx::query("SELECT pg_advisory_xact_lock($1)").bind(LOCK).execute(&mut *connection).await?;
    // Somebody may have taken it while we waited.
    let version = version(connection).await?;
    let Some(step) = STEPS.get(version) else { return Ok(()) };
    sqlx::raw_sql(AssertSqlSafe(*step)).execute(&mut *connection).await?;
    sqlx::query("INSERT INTO layout (version) SELECT $1::integer")
        .bind(i32::try_from(version + 1).unwrap_or(i32::MAX))
        .execute(connection)
        .await?;
    Ok(())
}

/// How many steps were taken; refuses what is not ours, and what a later program made.
async fn version(connection: &mut PgConnection) -> Result<usize, Fault> {
    if !is_there(connection, SCHEMA).await? {
        return Ok(0);
    }
    // Asked second: both come into being at one moment, which may be between the two questions.
    if !is_there(connection, LAYOUT).await? {
        let reason = "its schema `iago` is of another program: use another database";
        return Err(Fault::Refused(reason.to_owned()));
    }
    highest(connection).await
}

// By the catalogue's tables: functions like `to_regclass` answer from a cache, which does not know
// yet what was committed while we waited for the lock.
const SCHEMA: &str = "SELECT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'iago')";
const LAYOUT: &str = "SELECT EXISTS (SELECT FROM pg_tables
     WHERE schemaname = 'iago' AND tablename = 'layout')";

async fn is_there(connection: &mut PgConnection, question: &'static str) -> Result<bool, Fault> {
    Ok(sqlx::query_scalar(question).fetch_one(connection).await?)
}

async fn highest(connection: &mut PgConnection) -> Result<usize, Fault> {
    let highest: i32 = sqlx::query_scalar("SELECT coalesce(max(version), 0) FROM iago.layout")
        .fetch_one(connection)
        .await?;
    // A negative one is as foreign as one that is too high.
    let found = u32::try_from(highest).unwrap_or(u32::MAX);
    let known = u32::try_from(STEPS.len()).unwrap_or(u32::MAX);
    if found > known {
        return Err(StoreError::Newer { found, known }.into());
    }
    Ok(found as usize)
}
