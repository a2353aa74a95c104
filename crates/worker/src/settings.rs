//! What a worker is told at its start. Nothing here is read from files or the environment: the
//! composition root does that.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use iago_providers::Dialect;
use iago_sweep::Price;
use secrecy::{ExposeSecret, SecretString};
use tonic::transport::Channel;

/// How one endpoint is called.
#[derive(Clone)]
pub struct EndpointSettings {
    /// Its protocol and address.
    pub dialect: Dialect,
    /// The credential; it never leaves the worker.
    pub key: Option<SecretString>,
    /// How long each part of a call may take.
    pub timeouts: Timeouts,
    /// Address of the proxy through which it is called (`http`, `https`, `socks5`, or `socks5h`, which
    /// looks names up at the proxy). It may hold a name and a password. Proxies that the environment
    /// names are not used.
    pub proxy: Option<String>,
    /// Certificates in PEM that are trusted beside those of the system.
    pub ca: Option<Vec<u8>>,
    /// Prices by model id, or by a pattern that ends in `*`: [`iago_sweep::find_by_id`].
    pub prices: BTreeMap<String, Price>,
    /// What has no price costs nothing, whatever becomes of a call: it runs on this machine, or is
    /// simulated.
    pub free: bool,
}

/// How long each part of a call may take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection to be made.
    pub connect: Duration,
    /// From the start to the head of the response. Servers that answer with a whole body may say
    /// nothing before it is whole, and need as long as [`Timeouts::total`]: `None`.
    pub first_byte: Option<Duration>,
    /// From one piece of the answer to the next, and for a stream from its head to the first one. What
    /// only keeps a connection open is no piece.
    pub idle: Duration,
    /// From the start to the end of the body.
    pub total: Duration,
}

impl Default for Timeouts {
    /// About what the vendors' own clients use, and two minutes for a stream that came to a halt.
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            first_byte: None,
            idle: Duration::from_secs(120),
            total: Duration::from_secs(600),
        }
    }
}

/// A shorter key is no secret but a stand-in, and may be an ordinary word of the message.
const KEY_BYTES_MIN: usize = 8;

impl EndpointSettings {
    /// Some servers repeat the key that they refuse, and what they say is stored and shown.
    pub(crate) fn without_key(&self, message: &str) -> String {
        match self.key.as_ref().map(ExposeSecret::expose_secret) {
            Some(key) if key.len() >= KEY_BYTES_MIN => message.replace(key, "[key]"),
            Some(_) | None => message.to_owned(),
        }
    }
}

impl fmt::Debug for EndpointSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointSettings").field("dialect", &self.dialect).finish_non_exhaustive()
    }
}

/// How one program is run that scores answers. Its pool is `local.` and its name.
#[derive(Clone, PartialEq, Eq)]
pub struct ProgramSettings {
    /// What is started, and its arguments. It runs in a fresh directory of its own, so a path in here
    /// has to be absolute; a bare name is looked for in the worker's `PATH`.
    pub command: Vec<String>,
    /// The only variables that it gets besides `PATH`: no key of the worker's reaches it unless it
    /// stands here.
    pub environment: BTreeMap<String, String>,
    /// From the first byte of a request to the last of its reply. A process that takes longer is
    /// killed. Its first reply may take a minute more, in which it loads what it needs.
    pub timeout: Duration,
    /// The address space of each process, in bytes. On systems other than Linux memory is not bounded.
    pub memory_bytes_max: u64,
    /// Processes at once, each with one request at a time; they are started as they are needed.
    pub concurrency: u32,
}

/// Values of the environment may be secrets of the program.
impl fmt::Debug for ProgramSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgramSettings").field("command", &self.command).finish_non_exhaustive()
    }
}

/// What a worker is told at its start.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The same at every start; two living workers never share one.
    pub name: String,
    /// New at every start; tells this worker's life from an earlier one.
    pub boot: String,
    /// Endpoints by name. Each is a pool of its own name.
    pub endpoints: BTreeMap<String, EndpointSettings>,
    /// Programs that score, by name.
    pub programs: BTreeMap<String, ProgramSettings>,
    /// Assignments that it has room for at once, whether they wait, are in work, or have ended and
    /// are not acknowledged.
    pub assignments_max: u32,
    /// Bytes of ended attempts that are not acknowledged, from which on no call starts. Calls that
    /// are under way by then end and are kept all the same, because they are paid for: what a worker
    /// holds in memory is bounded by this, plus the largest body (64 MiB, most are a few KiB) and
    /// what was said before it in its conversation (8 MiB) for each call under way, and a body for
    /// each of the few (64) that wait to be put into the spool. What is being sent is there up to three
    /// times.
    pub spool_bytes_max: usize,
    /// Whether it outlives its connections. If not, `work` returns when the coordinator hangs up.
    pub reconnects: bool,
}

impl Settings {
    /// What suits most: [`Settings::assignments_max`].
    pub const ASSIGNMENTS_MAX: u32 = 4096;
    /// What suits most: [`Settings::spool_bytes_max`].
    pub const SPOOL_BYTES_MAX: usize = 256 * 1024 * 1024;
}

/// A way to a coordinator.
#[derive(Clone, Debug)]
pub struct Connection {
    /// Where to, for people.
    pub address: String,
    /// The same, open. The caller has set its keepalive: that is how a connection which is dead and does
    /// not say so is noticed.
    pub channel: Channel,
    /// Says that this worker may work; goes out as a bearer token, marked sensitive.
    pub token: Option<SecretString>,
}

/// There is no way to a coordinator now; there may be one later, or by another address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("cannot connect to {address}: {reason}")]
pub struct ConnectError {
    /// Where to.
    pub address: String,
    /// What the transport says.
    pub reason: String,
}
