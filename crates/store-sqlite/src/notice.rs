//! Messages to be delivered, and what became of them.

use iago_store::{DueKey, NewNotice, Notice, NoticeEnd, StoreError};
use iago_sweep::escape;
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::column::Stored;
use crate::fault::Fault;
use crate::leadership::require_term;

/// Stores messages about a run.
pub(crate) async fn keep(
    connection: &mut SqliteConnection,
    key: &DueKey,
    notices: &[NewNotice],
) -> Result<(), Fault> {
    let insert = "INSERT INTO notices (id, schedule, due_s, since_ms, recipient, body)
         VALUES (?1, ?2, ?3, CAST(round(unixepoch('subsec') * 1000) AS INTEGER), ?4, ?5)
         ON CONFLICT (id) DO NOTHING";
    for notice in notices {
        sqlx::query(insert)
            .bind(escape(&notice.id))
            .bind(escape(&key.schedule))
            .bind(key.due_s)
            .bind(&notice.to)
            .bind(&notice.body)
            .execute(&mut *connection)
            .await?;
    }
    Ok(())
}

/// Stores what became of a message that is open.
pub(crate) async fn end(
    connection: &mut SqliteConnection,
    term: u64,
    id: &str,
    end: &NoticeEnd,
) -> Result<(), Fault> {
    require_term(connection, term).await?;
    let (word, reason) = match end {
        NoticeEnd::Delivered => ("delivered", None),
        NoticeEnd::GivenUp(reason) => ("given-up", Some(escape(reason))),
    };
    let update = "UPDATE notices SET outcome = ?2, reason = ?3 WHERE id = ?1 AND outcome IS NULL";
    sqlx::query(update).bind(escape(id)).bind(word).bind(reason).execute(connection).await?;
    Ok(())
}

/// The oldest that are open.
pub(crate) const OPEN: &str =
    "SELECT id, schedule, due_s, since_ms, recipient, body, outcome, reason
     FROM notices WHERE outcome IS NULL ORDER BY number LIMIT ?1";

/// All about one run.
pub(crate) const OF_RUN: &str =
    "SELECT id, schedule, due_s, since_ms, recipient, body, outcome, reason
     FROM notices WHERE schedule = ?1 AND due_s = ?2 ORDER BY number";

pub(crate) fn notice(row: &SqliteRow) -> Result<Notice, StoreError> {
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
