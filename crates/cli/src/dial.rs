//! Reaching coordinators: a list of addresses in turn, TLS beyond this machine, and the token that
//! goes with every call.

use std::net::IpAddr;
use std::path::Path;
use std::time::Duration;

use secrecy::{ExposeSecret, SecretString};
use tokio::time::timeout;
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::transport::{Certificate, Channel, ClientTlsConfig, Endpoint};
use tonic::{Request, Status};

use crate::exit::{Exit, Stop};
use crate::listen::{WINDOW_BYTES, innermost};

/// How long reaching one address may take, TLS included, before the next one is tried.
const CONNECT_MAX: Duration = Duration::from_secs(5);
/// How often the other side is asked whether it is still there, also while nothing is said.
const ALIVE_EVERY: Duration = Duration::from_secs(5);
/// How long its answer may take. A network that was cut closes nothing by itself.
const ALIVE_MAX: Duration = Duration::from_secs(10);

/// Where coordinators are, and what opens their doors.
pub(crate) struct Coordinators {
    addresses: Vec<Address>,
    token: Option<SecretString>,
}

struct Address {
    url: String,
    endpoint: Endpoint,
}

/// Why a coordinator could not be reached.
#[derive(Debug)]
pub(crate) struct Away {
    pub(crate) url: String,
    pub(crate) why: String,
}

impl Coordinators {
    /// Reads the addresses. `ca` is the path of certificates to believe; where it is empty, the
    /// system's are.
    pub(crate) fn new(
        urls: &[String],
        ca: &Path,
        token: Option<SecretString>,
    ) -> Result<Self, Stop> {
        let ca = if ca.as_os_str().is_empty() { None } else { Some(read_ca(ca)?) };
        let addresses = urls.iter().map(|url| address(url.trim(), ca.as_ref()));
        let addresses: Vec<_> = addresses.collect::<Result<_, _>>()?;
        if addresses.is_empty() {
            let message = "`coordinators` in the settings is empty: name at least one";
            return Err(Stop::new(Exit::Config, message));
        }
        Ok(Self { addresses, token })
    }

    /// How many addresses there are.
    pub(crate) fn count(&self) -> usize {
        self.addresses.len()
    }

    /// Connects to the address of this number; counting goes round.
    pub(crate) async fn connect(&self, number: usize) -> Result<Channel, Away> {
        let address = &self.addresses[number % self.addresses.len()];
        let away = |why: String| Away { url: address.url.clone(), why };
        match timeout(CONNECT_MAX, address.endpoint.connect()).await {
            Ok(Ok(channel)) => Ok(channel),
            Ok(Err(error)) => Err(away(explained(&innermost(&error)))),
            Err(_late) => Err(away(format!("no answer within {} s", CONNECT_MAX.as_secs()))),
        }
    }

    /// The address of this number, for people.
    pub(crate) fn url(&self, number: usize) -> &str {
        &self.addresses[number % self.addresses.len()].url
    }

    /// The token, if there is one.
    pub(crate) fn token(&self) -> Option<SecretString> {
        self.token.clone()
    }
}

/// What TLS says, with what a person can do about it.
fn explained(why: &str) -> String {
    let hint = if why.contains("InvalidContentType") {
        "; if it listens without TLS, its address is http://"
    } else if why.contains("certificate") {
        "; `ca` in the settings names whose certificates are believed"
    } else {
        ""
    };
    format!("{why}{hint}")
}

fn read_ca(path: &Path) -> Result<Certificate, Stop> {
    let shown = path.display();
    let pem = std::fs::read(path)
        .map_err(|error| Stop::new(Exit::NoInput, format!("ca: cannot read {shown}: {error}")))?;
    // TLS would take it for an empty list, and believe nobody.
    let text = String::from_utf8_lossy(&pem);
    if text.contains("-----BEGIN ") && text.contains("CERTIFICATE") {
        return Ok(Certificate::from_pem(pem));
    }
    Err(Stop::new(Exit::Config, format!("ca: {shown} holds no CERTIFICATE in PEM")))
}

fn address(url: &str, ca: Option<&Certificate>) -> Result<Address, Stop> {
    let bad = |why: &str| {
        let message = format!("the coordinator's address `{url}` {why}");
        Stop::new(Exit::Config, message)
    };
    let endpoint = Endpoint::from_shared(url.to_owned())
        .map_err(|_invalid| bad("is not one: write http://127.0.0.1:PORT or https://HOST:PORT"))?;
    let endpoint = endpoint
        .connect_timeout(CONNECT_MAX)
        .tcp_nodelay(true)
        .initial_stream_window_size(WINDOW_BYTES)
        .initial_connection_window_size(WINDOW_BYTES)
        .http2_keep_alive_interval(ALIVE_EVERY)
        .keep_alive_timeout(ALIVE_MAX)
        .keep_alive_while_idle(true);
    let uri = endpoint.uri();
    let endpoint = match (uri.scheme_str(), uri.host()) {
        (Some("https"), Some(_)) => {
            let tls = match ca {
                Some(ca) => ClientTlsConfig::new().ca_certificate(ca.clone()),
                None => ClientTlsConfig::new().with_native_roots(),
            };
            endpoint.tls_config(tls).map_err(|error| {
                bad(&format!("cannot be used with these certificates: {}", innermost(&error)))
            })?
        }
        (Some("http"), Some(host)) if is_loopback(host) => endpoint,
        (Some("http"), Some(_)) => {
            return Err(bad(
                "is plain http:// beyond this machine, where tokens and answers could be read on \
                 the way: use https://",
            ));
        }
        (_, _) => return Err(bad("is not one: write http://127.0.0.1:PORT or https://HOST:PORT")),
    };
    Ok(Address { url: url.to_owned(), endpoint })
}

/// Whether a host is this machine.
fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.to_canonical().is_loopback())
}

/// Adds the token to every call; without one, adds nothing.
#[derive(Clone)]
pub(crate) struct Bearer(Option<MetadataValue<Ascii>>);

impl Bearer {
    /// For doors that need no token.
    pub(crate) fn nobody() -> Self {
        Self(None)
    }

    /// For doors that may need this one.
    pub(crate) fn new(token: Option<&SecretString>) -> Result<Self, Stop> {
        let Some(token) = token else { return Ok(Self::nobody()) };
        let value = format!("Bearer {}", token.expose_secret());
        let mut value: MetadataValue<Ascii> = value.parse().map_err(|_invalid| {
            let message = "the token has characters that no token has: copy it once more";
            Stop::new(Exit::Credential, message)
        })?;
        value.set_sensitive(true);
        Ok(Self(Some(value)))
    }
}

impl Interceptor for Bearer {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", token.clone());
        }
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dial(url: &str) -> Result<Coordinators, Stop> {
        Coordinators::new(&[url.to_owned()], Path::new(""), None)
    }

    #[test]
    fn plain_text_stays_on_this_machine() {
        for here in ["http://127.0.0.1:8910", "http://localhost:1", "http://[::1]:1"] {
            assert!(dial(here).is_ok(), "{here}");
        }
        for beyond in ["http://10.0.0.1:8910", "http://coordinator:8910", "http://0.0.0.0:1"] {
            let stop = dial(beyond).err().unwrap();
            assert_eq!(stop.exit, Exit::Config);
            assert!(stop.message.contains("use https://"), "{}", stop.message);
        }
    }

    #[test]
    fn what_is_no_address_is_said_to_be_none() {
        for bad in ["", "127.0.0.1:8910", "ftp://h:1", "not an address"] {
            assert!(dial(bad).err().unwrap().message.contains("is not one"), "{bad}");
        }
    }

    #[test]
    fn a_token_is_never_shown() {
        let bearer = Bearer::new(Some(&SecretString::from("iago_reader_x"))).unwrap();
        assert!(!format!("{:?}", bearer.0).contains("iago_reader_x"));
    }
}
