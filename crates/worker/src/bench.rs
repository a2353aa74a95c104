//! What an attempt works with: by which means, and when it may.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::asks::Draw;
use crate::client::Client;
use crate::counts::Counts;
use crate::program::Program;
use crate::room::RoomView;
use crate::route::{Permit, Route, Shut};
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
    /// The pools that its calls draw from.
    pub(crate) route: Arc<Route>,
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

/// Nothing starts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Unstarted {
    /// The job goes back: nothing starts any more.
    Draining,
    /// The job goes back: its pool needs a person, for this reason.
    Blocked(String),
    /// The job goes back: its coordinator does not want it done now.
    Declined,
    /// The job can never be done: a call of it does not fit into its limits, for this reason.
    Refused(String),
}

impl From<Shut> for Unstarted {
    fn from(shut: Shut) -> Self {
        match shut {
            Shut::Blocked(why) => Self::Blocked(why),
            Shut::Refused(why) => Self::Refused(why),
            Shut::Declined => Self::Declined,
        }
    }
}

impl Bench {
    /// Waits until something may start. `key` spreads those that a closed gate held back.
    pub(crate) async fn enter(&self, key: u64, draw: Draw) -> Result<Permit, Unstarted> {
        self.unless_draining(Box::pin(self.find_room(key, draw))).await?
    }

    /// Waits before the next try.
    pub(crate) async fn rest(&self, long: Duration) -> Result<(), Unstarted> {
        self.unless_draining(tokio::time::sleep(long)).await
    }

    /// Waits until a call may be repeated, and takes that from the budget.
    pub(crate) async fn repeat(&self) -> Result<(), Unstarted> {
        self.unless_draining(self.route.home().repeat()).await
    }

    async fn unless_draining<T>(&self, waiting: impl Future<Output = T>) -> Result<T, Unstarted> {
        tokio::select! {
            biased;
            () = self.drain.cancelled() => Err(Unstarted::Draining),
            done = waiting => Ok(done),
        }
    }

    async fn find_room(&self, key: u64, draw: Draw) -> Result<Permit, Unstarted> {
        loop {
            self.room.wait().await;
            let permit = self.route.enter(key, draw).await?;
            // It may have filled up while the pools were waited for; what was granted goes back.
            if self.room.is_open() {
                return Ok(permit);
            }
        }
    }
}
