//! Why no reply came.

use std::error::Error;
use std::io;
use std::iter::successors;

use crate::client::Received;

/// No reply came, or not all of it. The words name the kind of trouble, never the request.
#[derive(Debug)]
pub(crate) struct NoReply {
    pub(crate) silence: Silence,
    pub(crate) message: String,
    /// What the system says of it, for somebody who looks into it.
    pub(crate) detail: Option<String>,
    /// The head, and what had come of the body: it may tell what was paid for.
    pub(crate) begun: Option<Received>,
}

/// Where it came to an end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// It cannot be put into HTTP.
    Unsendable,
    /// No connection could be made.
    Unreachable,
    /// A connection was made, and was not safe.
    Tls,
    /// The proxy did not make one.
    Proxy,
    /// It took too long.
    Late,
    /// The connection broke.
    Broken,
}

impl Silence {
    /// The endpoint may have seen the request: it is a call.
    pub(crate) fn is_sent(self) -> bool {
        match self {
            Self::Late | Self::Broken => true,
            Self::Unsendable | Self::Unreachable | Self::Tls | Self::Proxy => false,
        }
    }

    /// No connection could be made, and none can be made for other requests either.
    pub(crate) fn is_unreachable(self) -> bool {
        match self {
            Self::Unreachable | Self::Tls | Self::Proxy => true,
            Self::Unsendable | Self::Late | Self::Broken => false,
        }
    }
}

impl NoReply {
    pub(crate) fn late(message: &str) -> Self {
        Self::of(Silence::Late, message)
    }

    pub(crate) fn of(silence: Silence, message: impl Into<String>) -> Self {
        Self { silence, message: message.into(), detail: None, begun: None }
    }

    /// The kind of trouble, without the URL, which may hold a secret.
    pub(crate) fn new(error: &reqwest::Error, before_head: bool, proxied: bool) -> Self {
        let (silence, message) = if error.is_connect() {
            connecting(error, proxied)
        } else if error.is_timeout() {
            (Silence::Late, "no complete answer in time")
        } else if before_head {
            (Silence::Broken, "the connection broke before an answer")
        } else {
            (Silence::Broken, "the connection broke in the middle of an answer")
        };
        let detail = causes(error).last().map(ToString::to_string);
        let message = match (silence, &detail) {
            // A proxy that works cannot connect to a wrong `url` either: only this tells the two apart.
            (Silence::Proxy, Some(detail)) => format!("{message} ({detail})"),
            _ => message.to_owned(),
        };
        Self { detail, ..Self::of(silence, message) }
    }
}

/// Where every connection goes to a proxy, it is the proxy that cannot be reached.
fn connecting(error: &reqwest::Error, proxied: bool) -> (Silence, &'static str) {
    if causes(error).any(is_tls) {
        (Silence::Tls, "no safe connection")
    } else if proxied {
        (Silence::Proxy, "cannot connect through the proxy")
    } else {
        (Silence::Unreachable, "cannot connect")
    }
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    successors(error.source(), |cause| (**cause).source())
}

/// Errors of the system may hold another one without calling it their source.
fn is_tls(cause: &(dyn Error + 'static)) -> bool {
    let held = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
    cause.is::<rustls::Error>() || held.is_some_and(|held| is_tls(held))
}
