//! Starting, watching and stopping an endpoint.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use axum::serve::ListenerExt;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::decide::Core;
use crate::journal::Journal;
use crate::ledger::Log;
use crate::limit::Limit;
use crate::serve::{Server, route};
use crate::settings::{Settings, SettingsError};
use crate::trouble::Trouble;

/// How long a stop waits for clients that hold a connection and say nothing.
const STOP_WITHIN: Duration = Duration::from_secs(2);

/// A running endpoint. Dropping it stops it too, without waiting.
#[derive(Debug)]
pub struct Endpoint {
    address: SocketAddr,
    server: Arc<Server>,
    stop: DropGuard,
    serving: JoinHandle<()>,
}

/// Why an endpoint does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("{address} is already in use: stop what listens there, or listen on another port")]
    AddressInUse { address: SocketAddr },
    #[error("failed to listen on {address}: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error("failed to open the endpoint's log file {}: {source}", path.display())]
    LogFile { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

impl Endpoint {
    /// Listens and serves in the background of the current runtime.
    ///
    /// # Errors
    /// The address is taken or cannot be listened on, the log file cannot be written, or the
    /// settings mean nothing.
    pub async fn start(settings: Settings) -> Result<Self, StartError> {
        settings.check()?;
        let journal = open_journal(settings.log_file.as_ref())?;
        let (listener, address) = listen(settings.listen).await?;
        let stop = CancellationToken::new();
        let core = Core::new(&settings, read_wall_clock());
        let server = Arc::new(Server::new(core, journal, stop.clone()));
        let serving = tokio::spawn(serve(listener, Arc::clone(&server), stop.clone()));
        Ok(Self { address, server, stop: stop.drop_guard(), serving })
    }

    /// `http://`, the address and the port, with no slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A snapshot of the log.
    #[must_use]
    pub fn log(&self) -> Log {
        self.server.log()
    }

    /// Replaces the prompt set; answers that follow are ranked over the new one.
    #[expect(clippy::needless_pass_by_value, reason = "the caller has no further use for them")]
    pub fn set_prompts(&self, prompts: Vec<String>) {
        self.server.core().set_prompts(&prompts);
    }

    /// Replaces the limit, or takes it away. What a sliding minute has seen counts under the new
    /// limit too. A quantity of 0 admits no call that takes any of it.
    pub fn set_limit(&self, limit: Option<Limit>) {
        self.server.core().set_limit(self.server.now(), limit);
    }

    /// Replaces what is wrong, for the calls that follow.
    ///
    /// # Errors
    /// It means nothing, and nothing has changed.
    pub fn set_trouble(&self, trouble: Trouble) -> Result<(), SettingsError> {
        trouble.check()?;
        self.server.core().set_trouble(trouble);
        Ok(())
    }

    /// Takes no more calls, answers those in flight at once, and returns when that is done.
    pub async fn stop(self) {
        drop(self.stop);
        // A client that never finishes its request must not hold up the stop.
        drop(tokio::time::timeout(STOP_WITHIN, self.serving).await);
    }
}

fn open_journal(path: Option<&PathBuf>) -> Result<Option<Journal>, StartError> {
    let open = |path: &PathBuf| {
        Journal::open(path).map_err(|source| StartError::LogFile { path: path.clone(), source })
    };
    path.map(open).transpose()
}

async fn listen(address: SocketAddr) -> Result<(TcpListener, SocketAddr), StartError> {
    let name = |source: io::Error| {
        if source.kind() == io::ErrorKind::AddrInUse {
            StartError::AddressInUse { address }
        } else {
            StartError::Listen { address, source }
        }
    };
    let listener = TcpListener::bind(address).await.map_err(name)?;
    let bound = listener.local_addr().map_err(name)?;
    Ok((listener, bound))
}

async fn serve(listener: TcpListener, server: Arc<Server>, stop: CancellationToken) {
    // Answers are small and come in one piece: waiting to fill a packet would only cost time. A
    // socket that refuses the option works all the same.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    let service = route(server).into_make_service_with_connect_info::<SocketAddr>();
    let serving = axum::serve(listener, service);
    let served = serving.with_graceful_shutdown(stop.cancelled_owned()).await;
    served.expect("axum's accept loop retries every error and ends only when it is told to");
}

#[expect(clippy::disallowed_methods, reason = "this is the shell, and one header is a time of day")]
fn read_wall_clock() -> Duration {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default()
}
