//! What an attempt works with: by which means, and when it may.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::client::Client;
use crate::counts::Counts;
use crate::pool::{Blocked, Permit, Pool};
use crate::program::Program;
use crate::room::RoomView;
use crate::settings::EndpointSettings;
use crate::tally::Tally;
use crate::work::Work;

/// Everything that an attempt needs.
#[derive(Clone)]
pub(crate) struct Bench {
    pub(crate) tally: Arc<Tally>,
    /// Of this attempt alone.
    pub(crate) counts: Arc<Counts>,
    pub(crate) work: Arc<Work>,
    pub(crate) means: Means,
    pub(crate) pool: Arc<Pool>,
    pub(crate) pool_name: String,
    /// Where results cannot be delivered, no call starts either.
    pub(crate) room: RoomView,
    /// Once it is cancelled no call starts; those that have started go on.
    pub(crate) drain: CancellationToken,
}

/// By what a job is done.
#[derive(Clone)]
pub(crate) enum Means {
    /// A model is called.
    Endpoint(Endpoint),
    /// Our own code scores.
    Code,
    /// Somebody else's code does.
    Program(Arc<Program>),
}

/// An endpoint and the way to it.
#[derive(Clone)]
pub(crate) struct Endpoint {
    pub(crate) client: Client,
    pub(crate) settings: Arc<EndpointSettings>,
}

/// Nothing starts: the job goes back, because of the drain or because its pool is blocked.
#[derive(Debug)]
pub(crate) struct Unstarted {
    pub(crate) blocked: Option<String>,
}

impl Bench {
    /// Waits until something may start. `key` spreads those that a closed gate held back.
    pub(crate) async fn enter(&self, key: u64) -> Result<Permit, Unstarted> {
        tokio::select! {
            biased;
            () = self.drain.cancelled() => Err(Unstarted { blocked: None }),
            entered = self.find_room(key) => {
                entered.map_err(|Blocked(why)| Unstarted { blocked: Some(why) })
            }
        }
    }

    /// Waits before the next try.
    pub(crate) async fn rest(&self, long: Duration) -> Result<(), Unstarted> {
        tokio::select! {
            biased;
            () = self.drain.cancelled() => Err(Unstarted { blocked: None }),
            () = tokio::time::sleep(long) => Ok(()),
        }
    }

    async fn find_room(&self, key: u64) -> Result<Permit, Blocked> {
        loop {
            self.room.wait().await;
            let permit = self.pool.enter(key).await?;
            // It may have filled up while the pool was waited for; a pace that was used up for
            // nothing costs nothing, because nobody else may call either.
            if self.room.is_open() {
                return Ok(permit);
            }
        }
    }
}
