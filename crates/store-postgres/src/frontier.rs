//! How far work may be in flight.

use iago_store::StoreError;
use iago_sweep::{Frontier, SweepId, escape};
use sqlx::PgConnection;
use sqlx::postgres::PgRow;

use crate::column::{Stored, bits};
use crate::fault::Fault;

/// Every frontier of a sweep, by revision and pool.
pub(crate) async fn all(
    connection: &mut PgConnection,
    sweep: SweepId,
) -> Result<Vec<Frontier>, Fault> {
    let rows = sqlx::query("SELECT sweep, revision, pool, position FROM frontier WHERE sweep = $1")
        .bind(sweep.0)
        .fetch_all(connection)
        .await?;
    let mut frontiers = rows.iter().map(frontier).collect::<Result<Vec<_>, StoreError>>()?;
    // Escaped names have another order than the names.
    frontiers.sort_by(|one, other| (one.revision, &one.pool).cmp(&(other.revision, &other.pool)));
    Ok(frontiers)
}

/// Moves frontiers forward; one that is further already stays.
pub(crate) async fn advance(
    connection: &mut PgConnection,
    sweep: SweepId,
    mut frontiers: Vec<Frontier>,
) -> Result<(), Fault> {
    frontiers.sort_by(|one, other| (one.revision, &one.pool).cmp(&(other.revision, &other.pool)));
    for frontier in frontiers {
        sqlx::query(
            "INSERT INTO frontier (sweep, revision, pool, position) VALUES ($1, $2, $3, $4)
             ON CONFLICT (sweep, revision, pool) DO UPDATE SET position = excluded.position
             WHERE without_sign(frontier.position) < without_sign(excluded.position)",
        )
        .bind(sweep.0)
        .bind(i64::from(frontier.revision))
        .bind(escape(&frontier.pool))
        .bind(bits(frontier.position))
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

fn frontier(row: &PgRow) -> Result<Frontier, StoreError> {
    let stored = Stored { table: "frontier", row };
    Ok(Frontier {
        revision: stored.number("revision")?,
        pool: stored.escaped("pool")?,
        position: stored.bits("position")?,
    })
}
