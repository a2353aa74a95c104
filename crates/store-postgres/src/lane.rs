//! Connections for one kind of work, and the tasks that use them.

use std::pin::Pin;
use std::time::Duration;

use iago_store::StoreError;
use sqlx::{PgConnection, PgPool};
use tokio::time::timeout;

use crate::fault::Fault;
use crate::place::Place;

/// What a verb does with a connection.
pub(crate) type Work<'c, T> = Pin<Box<dyn Future<Output = Result<T, Fault>> + Send + 'c>>;

/// A few connections of their own for one kind of work, so that no kind waits for another.
#[derive(Clone, Debug)]
pub(crate) struct Lane {
    pub(crate) pool: PgPool,
    /// After which silence a connection is given up: the server's host may be gone without a word.
    pub(crate) patience: Duration,
    pub(crate) place: Place,
}

impl Lane {
    /// Does some work in a task of its own: a caller may stop waiting at any moment, and the work
    /// must not stop with it, half way through a transaction.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl for<'c> FnOnce(&'c mut PgConnection) -> Work<'c, T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let lane = self.clone();
        let task = tokio::spawn(async move { lane.work_through(work).await });
        let outcome = task.await.unwrap_or_else(|error| Err(Fault::Ended(error.to_string())));
        outcome.map_err(|fault| fault.at(&self.place))
    }

    /// Waits for the work under way and closes.
    pub(crate) async fn close(&self) {
        self.pool.close().await;
    }

    async fn work_through<T>(
        &self,
        work: impl for<'c> FnOnce(&'c mut PgConnection) -> Work<'c, T>,
    ) -> Result<T, Fault> {
        let mut connection = self.pool.acquire().await?;
        let outcome = match timeout(self.patience, work(&mut connection)).await {
            Ok(outcome) => outcome,
            Err(_) => Err(Fault::Silence(self.patience)),
        };
        if outcome.as_ref().is_err_and(Fault::spoils_connection) {
            connection.close_on_drop();
        }
        outcome
    }
}
