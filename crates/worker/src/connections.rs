//! A worker from its first connection to its last: who ends it, and when it tries again.

use std::pin::{Pin, pin};

use iago_protocol::FromWorker;
use iago_sweep::Digest;
use tokio::time::{Duration, Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use crate::backoff::{CONNECTIONS, delay};
use crate::clients::EndpointError;
use crate::life::Life;
use crate::link::{Broken, Link, Refusal};
use crate::outgoing::Outgoing;
use crate::session::{Ended, Session};
use crate::settings::{ConnectError, Connection, Settings};

/// How long a connection may take to be made, up to the coordinator's first response.
pub const CONNECT_MAX: Duration = Duration::from_secs(10);

/// How long a worker that was told to stop looks for a coordinator that takes what it has.
pub const DRAIN_MAX: Duration = Duration::from_secs(60);

/// What a worker did in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Worked {
    /// HTTP exchanges.
    pub calls: u64,
    /// Ended attempts that a coordinator acknowledged.
    pub delivered: u64,
}

/// Why a worker stopped.
#[derive(Debug, thiserror::Error)]
pub enum WorkerError {
    /// A coordinator does not want it, and trying again will not help.
    #[error("the coordinator refuses this worker: {words}")]
    Refused {
        /// What a person must mend.
        why: Refusal,
        /// The coordinator's own words.
        words: String,
    },
    /// It was told to stop and found nobody in time who takes what it has.
    #[error(
        "no coordinator could be reached, and what came of {0} jobs is lost; they will be done again"
    )]
    Undelivered(u64),
    /// Its connection broke, or could not be made, and it is to have only one.
    #[error("lost the coordinator: {0}")]
    Lost(String),
    /// HTTP cannot be set up for an endpoint.
    #[error(transparent)]
    Client(#[from] EndpointError),
}

/// Works for whatever coordinator `connect` finds, until `stop` is cancelled and everything is
/// delivered.
///
/// `connect` is called for every connection; it goes through its addresses in turn, and one that
/// takes longer than [`CONNECT_MAX`] is given up. Between connections the worker waits, longer each
/// time that none was any good, goes on with its calls and keeps what they bring.
///
/// Once `stop` is cancelled no call starts. Those under way end and are delivered, and with the last
/// acknowledgement the worker hangs up. Without a connection it looks for one for [`DRAIN_MAX`].
pub async fn work<C, F>(
    connect: C,
    settings: Settings,
    stop: CancellationToken,
) -> Result<Worked, WorkerError>
where
    C: Fn() -> F, // and not `AsyncFn`, whose futures cannot be said to be `Send`
    F: Future<Output = Result<Connection, ConnectError>>,
{
    let reconnects = settings.reconnects;
    let jitter = Digest::of(&settings.boot).seed();
    let mut life = Life::new(settings)?;
    let mut patience = pin!(run_out(&stop));
    let mut tries = 0;
    let mut slices_end = None;
    // A worker that was told to stop and has nothing that anybody waits for needs no coordinator.
    while !life.is_leaving() || life.unfinished() > 0 {
        let mut welcomed = false;
        let (outgoing, first) = Outgoing::introduce(&mut life);
        let opening = Box::pin(open(connect(), first));
        let opened = away(&mut life, &stop, patience.as_mut(), &mut slices_end, opening).await?;
        let ended = match opened {
            Err(broken) => Err(broken),
            Ok(Link { outbox, inbox }) => {
                let session = Session::new(&mut life, inbox, outgoing, &mut welcomed);
                let ended = Box::pin(session.run(outbox, &stop)).await;
                life.part();
                ended
            }
        };
        if welcomed {
            tries = 0;
            slices_end = Some(life.slices_end());
            patience.set(run_out(&stop));
        }
        if is_the_end(ended, reconnects, tries)? {
            break;
        }
        let wait = wait(delay(CONNECTIONS, tries, jitter), &stop, life.is_leaving());
        tries = tries.saturating_add(1);
        away(&mut life, &stop, patience.as_mut(), &mut slices_end, wait).await?;
    }
    Ok(Worked { calls: life.calls(), delivered: life.delivered() })
}

async fn open<F>(connecting: F, first: Vec<FromWorker>) -> Result<Link, Broken>
where
    F: Future<Output = Result<Connection, ConnectError>>,
{
    let opening = async { Link::open(connecting.await?, first).await };
    timeout(CONNECT_MAX, opening).await.unwrap_or(Err(Broken::Slow))
}

/// Whether a connection that ended was the last one.
fn is_the_end(
    ended: Result<Ended, Broken>,
    reconnects: bool,
    tries: u32,
) -> Result<bool, WorkerError> {
    match ended {
        Ok(Ended::Left) => Ok(true),
        Ok(Ended::HungUp) => {
            info!("the coordinator hung up");
            Ok(!reconnects)
        }
        Err(Broken::Refused(why, words)) => Err(WorkerError::Refused { why, words }),
        Err(broken) if !reconnects => Err(WorkerError::Lost(broken.to_string())),
        Err(broken) => {
            // Said once for each time that it goes away, not for each time that it is not there.
            if tries == 0 {
                warn!(%broken, "no coordinator: calls go on, and their results are kept");
            } else {
                debug!(%broken, tries, "no coordinator");
            }
            Ok(false)
        }
    }
}

/// Does something that takes time while there is no connection, and keeps what ends meanwhile.
async fn away<T>(
    life: &mut Life,
    stop: &CancellationToken,
    mut patience: Pin<&mut impl Future<Output = ()>>,
    slices_end: &mut Option<Instant>,
    doing: impl Future<Output = T>,
) -> Result<T, WorkerError> {
    let mut doing = pin!(doing);
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled(), if !life.is_leaving() => life.leave(),
            () = &mut patience => return Err(WorkerError::Undelivered(life.unfinished())),
            done = &mut doing => return Ok(done),
            () = reach(*slices_end) => {
                *slices_end = None;
                life.end_slices();
            }
            () = life.keep_next() => {}
        }
    }
}

/// Waits for a moment; for ever where there is none.
async fn reach(moment: Option<Instant>) {
    match moment {
        Some(moment) => sleep_until(moment).await,
        None => std::future::pending().await,
    }
}

/// Waits before the next try, and not beyond being told to stop: that may change what is to be done.
async fn wait(long: Duration, stop: &CancellationToken, stopped: bool) {
    tokio::select! {
        () = sleep(long) => {}
        () = stop.cancelled(), if !stopped => {}
    }
}

/// Ends when a worker that was told to stop has looked for a coordinator for long enough.
async fn run_out(stop: &CancellationToken) {
    stop.cancelled().await;
    sleep(DRAIN_MAX).await;
}
