//! Messages to be delivered, and what became of them.

use iago_store::{DueKey, NewNotice, Notice, NoticeEnd, StoreError};
use iago_sweep::escape;
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::column::Stored;
use crate::fault::Fault;
use crate::insert::column;
use crate::leadership::fence_new;
use crate::transaction;

/// Stores messages about a run.
pub(crate) async fn keep(
    connection: &mut PgConnection,
    key: &DueKey,
    notices: &[NewNotice],
) -> Result<(), Fault> {
    // Numbered in their order: a sequence is asked once for each row, as it is made.
    sqlx::query(
        "INSERT INTO notices (schedule, due_s, since_ms, id, recipient, body)
         SELECT $1, $2, (extract(epoch FROM clock_timestamp()) * 1000)::bigint,
             unnest($3::text[]), unnest($4::bytea[]), unnest($5::bytea[])
         ON CONFLICT (id) DO NOTHING",
    )
    .bind(escape(&key.schedule))
    .bind(key.due_s)
    .bind(column(notices, |it| escape(&it.id)))
    .bind(column(notices, |it| it.to.as_slice()))
    .bind(column(notices, |it| it.body.as_slice()))
    .execute(connection)
    .await?;
    Ok(())
}

/// Stores what became of a message that is open.
pub(crate) async fn end(
    connection: &mut PgConnection,
    term: u64,
    id: &str,
    end: &NoticeEnd,
) -> Result<(), Fault> {
    let mut transaction = transaction::begin(connection).await?;
    let outcome = end_within(&mut transaction, term, id, end).await;
    transaction::end(transaction, outcome).await
}

async fn end_within(
    connection: &mut PgConnection,
    term: u64,
    id: &str,
    end: &NoticeEnd,
) -> Result<(), Fault> {
    fence_new(connection, term).await?;
    let (word, reason) = match end {
        NoticeEnd::Delivered => ("delivered", None),
        NoticeEnd::GivenUp(reason) => ("given-up", Some(escape(reason))),
    };
    let update = "UPDATE notices SET outcome = $2, reason = $3 WHERE id = $1 AND outcome IS NULL";
    sqlx::query(update).bind(escape(id)).bind(word).bind(reason).execute(connection).await?;
    Ok(())
}

/// The oldest that are open.
pub(crate) async fn open(
    connection: &mut PgConnection,
    limit: usize,
) -> Result<Vec<Notice>, Fault> {
    let rows = sqlx::query(
        "SELECT id, schedule, due_s, since_ms, recipient, body, outcome, reason
         FROM notices WHERE outcome IS NULL ORDER BY number LIMIT $1",
    )
    .bind(i64::try_from(limit).unwrap_or(i64::MAX))
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(notice).collect::<Result<_, _>>()?)
}

/// All about one run.
pub(crate) async fn of_run(
    connection: &mut PgConnection,
    key: &DueKey,
) -> Result<Vec<Notice>, Fault> {
    let rows = sqlx::query(
        "SELECT id, schedule, due_s, since_ms, recipient, body, outcome, reason
         FROM notices WHERE schedule = $1 AND due_s = $2 ORDER BY number",
    )
    .bind(escape(&key.schedule))
    .bind(key.due_s)
    .fetch_all(connection)
    .await?;
    Ok(rows.iter().map(notice).collect::<Result<_, _>>()?)
}

fn notice(row: &PgRow) -> Result<Notice, StoreError> {
    let stored = Stored { table: "notices", row };
    let (to, body) = (stored.value("recipient")?, stored.value("body")?);
    Ok(Notice {
        new: NewNotice { id: stored.escaped("id")?, to, body },
        key: DueKey { schedule: stored.escaped("schedule")?, due_s: stored.value("due_s")? },
        since_ms: stored.value("since_ms")?,
        end: end_of(&stored)?,
    })
}

fn end_of(stored: &Stored<'_>) -> Result<Option<NoticeEnd>, StoreError> {
    let word: Option<String> = stored.value("outcome")?;
    match (word.as_deref(), stored.escaped_if_any("reason")?) {
        (None, None) => Ok(None),
        (Some("delivered"), None) => Ok(Some(NoticeEnd::Delivered)),
        (Some("given-up"), Some(reason)) => Ok(Some(NoticeEnd::GivenUp(reason))),
        (word, _) => {
            let reason = format!("`{}` with this reason is no outcome", word.unwrap_or_default());
            Err(stored.damage("outcome", reason))
        }
    }
}
