//! `iago worker`: calls models for whatever coordinator leads, and is the only process with keys.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use iago_worker::{ConnectError, Connection, Refusal, Settings as Told, Worked, WorkerError, work};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::args::WorkerArgs;
use crate::dial::{Away, Coordinators};
use crate::endpoints;
use crate::exit::{Exit, Stop};
use crate::output::talk;
use crate::programs;
use crate::settings::worker::Settings;
use crate::signals::Signals;
use crate::watch::grouped;

/// Random bytes that tell one life of a worker from any other.
const BOOT_BYTES: usize = 16;

/// Works until it is asked to stop.
pub(crate) async fn run(args: WorkerArgs) -> Result<Exit, Stop> {
    let settings = Settings::load(args.config.as_deref(), args.name.as_deref())?;
    let coordinators = Coordinators::new(&settings.coordinators, &settings.ca, settings.token())?;
    let told = told(&settings)?;
    let mut signals = Signals::catch()?;
    let (stop, round) = (CancellationToken::new(), Round::new(coordinators));
    let connect = async || round.connect().await;
    talk(&format!("worker `{}` looks for a coordinator", settings.name));
    let mut working = Box::pin(work(connect, told, stop.clone()));
    tokio::select! {
        ended = &mut working => return ending(ended),
        () = signals.next() => {}
    }
    stop.cancel();
    talk(
        "stopping: calls in flight are being finished and delivered; a second signal stops at once",
    );
    tokio::select! {
        ended = timeout(Duration::from_secs(settings.drain_max_s), working) => match ended {
            Ok(ended) => ending(ended),
            Err(_late) => Err(Stop::new(Exit::Io, late(settings.drain_max_s))),
        },
        () = signals.next() => Err(Stop::new(Exit::Interrupted, STOPPED)),
    }
}

const STOPPED: &str = "stopped at once: what was in flight is lost and will be asked again";

fn late(drain_max_s: u64) -> String {
    format!(
        "calls in flight did not end within drain_max_s = {drain_max_s}: what is lost will be asked \
         again"
    )
}

fn told(settings: &Settings) -> Result<Told, Stop> {
    let mut boot = [0; BOOT_BYTES];
    getrandom::fill(&mut boot).map_err(|error| {
        Stop::new(Exit::Io, format!("the system has no random numbers: {error}"))
    })?;
    let endpoints = settings.endpoints()?;
    Ok(Told {
        name: settings.name.clone(),
        boot: boot.iter().map(|byte| format!("{byte:02x}")).collect(),
        endpoints: endpoints::serve(&endpoints)?,
        programs: programs::serve(&endpoints)?,
        assignments_max: settings.assignments_max,
        spool_bytes_max: settings.spool_mib as usize * 1024 * 1024,
        reconnects: true,
    })
}

/// Goes round the addresses, from one connection to the next.
struct Round {
    coordinators: Coordinators,
    next: AtomicUsize,
}

impl Round {
    fn new(coordinators: Coordinators) -> Self {
        Self { coordinators, next: AtomicUsize::new(0) }
    }

    /// Connects to the next address where anybody listens. One that only stands by says so later,
    /// and the next connection goes on behind it.
    async fn connect(&self) -> Result<Connection, ConnectError> {
        let mut nobody = None;
        for _ in 0..self.coordinators.count() {
            let number = self.next.fetch_add(1, Ordering::Relaxed);
            match self.coordinators.connect(number).await {
                Ok(channel) => {
                    let address = self.coordinators.url(number).to_owned();
                    return Ok(Connection { address, channel, token: self.coordinators.token() });
                }
                Err(Away { url, why }) => {
                    nobody = Some(ConnectError { address: url, reason: why });
                }
            }
        }
        Err(nobody.expect("there is at least one address"))
    }
}

fn ending(ended: Result<Worked, WorkerError>) -> Result<Exit, Stop> {
    let error = match ended {
        Ok(Worked { calls, delivered }) => {
            let (calls, delivered) = (grouped(calls), grouped(delivered));
            talk(&format!("stopped: {calls} calls, {delivered} jobs delivered"));
            return Ok(Exit::Done);
        }
        Err(error) => error,
    };
    let exit = match &error {
        WorkerError::Refused { why: Refusal::Token, .. } => Exit::Credential,
        WorkerError::Refused { why: Refusal::Name, .. } => Exit::InUse,
        WorkerError::Refused { why: Refusal::Version, .. } => Exit::Config,
        WorkerError::Undelivered(_) | WorkerError::Lost(_) => Exit::Unreachable,
        WorkerError::Client(_) => Exit::Io,
    };
    Err(Stop::new(exit, error.to_string()))
}
