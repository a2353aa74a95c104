//! Transactions that are ended on the spot, one way or the other.

use sqlx::{Connection, PgConnection, Postgres};

use crate::fault::Fault;

pub(crate) type Transaction<'c> = sqlx::Transaction<'c, Postgres>;

/// Begins one in which each statement sees what was committed before it: whoever waited for a lock
/// must see what was written meanwhile.
pub(crate) async fn begin(connection: &mut PgConnection) -> Result<Transaction<'_>, Fault> {
    Ok(connection.begin_with("BEGIN ISOLATION LEVEL READ COMMITTED").await?)
}

/// Commits what succeeded and rolls back what did not.
pub(crate) async fn end<T>(
    transaction: Transaction<'_>,
    outcome: Result<T, Fault>,
) -> Result<T, Fault> {
    match outcome {
        Ok(done) => {
            transaction.commit().await?;
            Ok(done)
        }
        Err(fault) => {
            // The first error is the one to tell. A connection that cannot even roll back is
            // broken, which ends the transaction as well.
            drop(transaction.rollback().await);
            Err(fault)
        }
    }
}
