//! Where a coordinator listens: never beyond this machine in plain text, or for everybody.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use iago_coordinator::{JobsService, NightsService, WorkersService};
use iago_protocol::FRAME_BYTES_MAX;
use iago_protocol::wire::jobs_server::JobsServer;
use iago_protocol::wire::nights_server::NightsServer;
use iago_protocol::wire::workers_server::WorkersServer;
use iago_store::{Access, Nights, Store};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tonic::transport::server::{Router, TcpIncoming};
use tonic::transport::{Identity, Server, ServerTlsConfig};

use crate::exit::{Exit, Stop};
use crate::settings::coordinator::{DoorsSection, Settings};

/// Bytes that may be on their way in a stream before the other side says that it has read them.
pub(crate) const WINDOW_BYTES: u32 = 4 << 20;
/// The largest message that is taken in: a frame, and room for what stands around it.
const MESSAGE_BYTES_IN_MAX: usize = FRAME_BYTES_MAX + 4096;
/// How long a TLS handshake may take: who never finishes one holds a socket no longer.
const HANDSHAKE_MAX: Duration = Duration::from_secs(10);

/// Two doors that are about to open.
pub(crate) struct Doorway {
    jobs: TcpListener,
    workers: TcpListener,
    tls: Option<ServerTlsConfig>,
}

/// What was decided before anything is bound.
pub(crate) struct Policy {
    tls: Option<ServerTlsConfig>,
}

impl Policy {
    /// Whether these settings may be listened with at all.
    pub(crate) fn of(settings: &Settings) -> Result<Self, Stop> {
        let doors = &settings.doors;
        let has_tls =
            !doors.certificate.as_os_str().is_empty() || !doors.key.as_os_str().is_empty();
        for (section, listen) in
            [("jobs", settings.jobs.listen), ("workers", settings.workers.listen)]
        {
            let is_safe = is_loopback(listen) || (has_tls && doors.tokens);
            if !is_safe {
                return Err(beyond_loopback(section, listen, has_tls, doors.tokens));
            }
        }
        let tls = if has_tls { Some(tls(doors)?) } else { None };
        Ok(Self { tls })
    }

    /// Takes both ports.
    pub(crate) async fn bind(self, settings: &Settings) -> Result<Doorway, Stop> {
        let jobs = bind("jobs", settings.jobs.listen).await?;
        let workers = bind("workers", settings.workers.listen).await?;
        Ok(Doorway { jobs, workers, tls: self.tls })
    }
}

impl Doorway {
    /// Where people and workers find it: the ports that were really given.
    pub(crate) fn addresses(&self) -> Result<(String, String), Stop> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let shown = |listener: &TcpListener| match listener.local_addr() {
            Ok(address) => Ok(format!("{scheme}://{address}")),
            Err(error) => Err(Stop::new(Exit::Io, error.to_string())),
        };
        Ok((shown(&self.jobs)?, shown(&self.workers)?))
    }

    /// Opens both doors, until the set is dropped. A door that closes by itself says why.
    pub(crate) fn open<S: Store + Access + Nights>(
        self,
        jobs: JobsService<S>,
        nights: NightsService<S>,
        workers: WorkersService,
    ) -> Result<JoinSet<String>, Stop> {
        let jobs = JobsServer::new(jobs).max_decoding_message_size(MESSAGE_BYTES_IN_MAX);
        let nights = NightsServer::new(nights).max_decoding_message_size(MESSAGE_BYTES_IN_MAX);
        let workers = WorkersServer::new(workers).max_decoding_message_size(MESSAGE_BYTES_IN_MAX);
        let mut doors = JoinSet::new();
        let tls = self.tls.as_ref();
        doors.spawn(serve(server(tls)?.add_service(jobs).add_service(nights), self.jobs));
        doors.spawn(serve(server(tls)?.add_service(workers), self.workers));
        Ok(doors)
    }
}

/// No keepalive of the server's own: a network that pauses must not cut streams whose calls go on.
/// Silence is judged by heartbeats, in the coordinator.
fn server(tls: Option<&ServerTlsConfig>) -> Result<Server, Stop> {
    let server = Server::builder()
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES);
    match tls {
        None => Ok(server),
        Some(tls) => server.tls_config(tls.clone()).map_err(|error| {
            let why = innermost(&error);
            let message = format!("[doors] certificate and key cannot be used: {why}");
            Stop::new(Exit::Config, message)
        }),
    }
}

async fn serve(server: Router, listener: TcpListener) -> String {
    let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
    match server.serve_with_incoming(incoming).await {
        Ok(()) => "no more connections come in".to_owned(),
        Err(error) => innermost(&error),
    }
}

fn tls(doors: &DoorsSection) -> Result<ServerTlsConfig, Stop> {
    let certificate = pem("certificate", &doors.certificate, "CERTIFICATE")?;
    let key = pem("key", &doors.key, "PRIVATE KEY")?;
    let identity = Identity::from_pem(certificate, key);
    let config = ServerTlsConfig::new().identity(identity).timeout(HANDSHAKE_MAX);
    // What is wrong with them is to be said before anything is bound.
    server(Some(&config))?;
    Ok(config)
}

fn pem(key: &str, path: &Path, holds: &str) -> Result<String, Stop> {
    if path.as_os_str().is_empty() {
        let message = format!("TLS needs both certificate and key under [doors]: {key} is missing");
        return Err(Stop::new(Exit::Config, message));
    }
    let shown = path.display();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Stop::new(Exit::NoInput, format!("[doors] {key}: cannot read {shown}: {error}"))
    })?;
    // What TLS says of an empty list of certificates helps nobody.
    if text.contains("-----BEGIN ") && text.contains(holds) {
        return Ok(text);
    }
    Err(Stop::new(Exit::Config, format!("[doors] {key}: {shown} holds no {holds} in PEM")))
}

async fn bind(section: &str, listen: SocketAddr) -> Result<TcpListener, Stop> {
    TcpListener::bind(listen).await.map_err(|error| {
        if error.kind() == ErrorKind::AddrInUse {
            let message = format!(
                "{listen} is already in use: stop what listens there, or let [{section}] listen on \
                 another port"
            );
            return Stop::new(Exit::InUse, message);
        }
        Stop::new(Exit::Config, format!("[{section}] cannot listen on {listen}: {error}"))
    })
}

fn beyond_loopback(section: &str, listen: SocketAddr, has_tls: bool, tokens: bool) -> Stop {
    let lacks = match (has_tls, tokens) {
        (false, false) => "a certificate and tokens",
        (false, true) => "a certificate",
        (true, _) => "tokens",
    };
    Stop::new(
        Exit::Config,
        format!(
            "[{section}] listen = \"{listen}\" reaches beyond this machine, and that needs TLS and \
             tokens: [doors] lacks {lacks}; add them, or listen on 127.0.0.1"
        ),
    )
}

/// Whether only this machine reaches an address. Unspecified addresses are reached by everybody.
fn is_loopback(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_loopback()
}

/// The cause at the bottom: what stands above it says only that something went wrong.
pub(crate) fn innermost(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    cause.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(jobs: &str, workers: &str, tokens: bool) -> Result<Policy, Stop> {
        let mut settings = Settings::default();
        settings.jobs.listen = jobs.parse().unwrap();
        settings.workers.listen = workers.parse().unwrap();
        settings.doors.tokens = tokens;
        Policy::of(&settings)
    }

    #[test]
    fn only_this_machine_may_be_listened_to_without_tls() {
        for here in ["127.0.0.1:1", "127.8.0.1:1", "[::1]:1", "[::ffff:127.0.0.1]:1"] {
            assert!(policy(here, here, false).is_ok(), "{here}");
        }
        for beyond in ["0.0.0.0:1", "[::]:1", "10.0.0.1:1", "[::ffff:0.0.0.0]:1"] {
            for (jobs, workers) in [(beyond, "127.0.0.1:1"), ("127.0.0.1:1", beyond)] {
                let stop = policy(jobs, workers, true).err().unwrap();
                assert_eq!(stop.exit, Exit::Config);
                assert!(stop.message.contains("lacks a certificate;"), "{}", stop.message);
            }
        }
    }

    #[test]
    fn half_a_certificate_is_none() {
        let mut settings = Settings::default();
        settings.doors.key = "key.pem".into();
        let stop = Policy::of(&settings).err().unwrap();
        assert!(stop.message.contains("certificate is missing"), "{}", stop.message);
    }

    #[test]
    fn tls_alone_does_not_open_the_door() {
        let mut settings = Settings::default();
        settings.jobs.listen = "0.0.0.0:0".parse().unwrap();
        settings.doors.tokens = false;
        settings.doors.key = "key.pem".into();
        settings.doors.certificate = "certificate.pem".into();
        let stop = Policy::of(&settings).err().unwrap();
        assert!(stop.message.contains("lacks tokens;"), "{}", stop.message);
    }
}
