//! From what is decided to what is sent: an answer in the vendor's words, spoilt if it is to be.

use std::time::Duration;

use crate::decide::Delivery;
use crate::fault::Fault;
use crate::ledger::{Class, Entry};
use crate::protocol::{Header, Protocol};
use crate::reply::{Envelope, Failure, FailureKind, Finish, Reply};

/// What is sent back, in no vendor's words yet.
#[derive(Debug)]
pub(crate) enum Answer {
    Reply(Reply),
    Failure(Failure),
}

/// An answer, what it is called in the log, and what goes wrong on its way.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) answer: Answer,
    pub(crate) class: Class,
    pub(crate) fault: Option<Fault>,
}

/// Status, body and delivery.
pub(crate) type Dressed = (u16, Vec<u8>, Delivery);

impl Answer {
    pub(crate) fn text(text: String) -> Self {
        Self::Reply(Reply::Text { text, finish: Finish::Complete })
    }
}

impl Outcome {
    /// An error that is no fault.
    pub(crate) fn turn_away(failure: Failure, class: Class) -> Self {
        Self { answer: Answer::Failure(failure), class, fault: None }
    }

    /// What would be answered, or what a fault makes of it.
    pub(crate) fn new(fault: Option<Fault>, answer: Answer, class: Class) -> Self {
        let fail = |kind: FailureKind| Answer::Failure(kind.with("a fault, as ordered"));
        let (answer, class) = match fault {
            None | Some(Fault::Slow) => (answer, class),
            Some(Fault::Internal) => (fail(FailureKind::Internal), Class::Internal),
            Some(Fault::Overloaded) => (fail(FailureKind::Overloaded), Class::Overloaded),
            Some(Fault::ErrorIn200) => (fail(FailureKind::Internal), Class::ErrorIn200),
            Some(Fault::Reset) => (answer, Class::Reset),
            Some(Fault::Malformed) => (answer, Class::Malformed),
        };
        Self { answer, class, fault }
    }

    pub(crate) fn is_slow(&self) -> bool {
        self.fault == Some(Fault::Slow)
    }

    /// Puts it into the vendor's words. `slow_for` is how late a slow body is.
    pub(crate) fn dress(
        &self,
        protocol: Protocol,
        envelope: &Envelope<'_>,
        entry: &Entry,
        slow_for: Duration,
    ) -> Dressed {
        let (status, mut body) = match &self.answer {
            Answer::Reply(reply) => (200, protocol.write(envelope, reply)),
            Answer::Failure(failure) => {
                let id = request_id(envelope, entry);
                (failure.kind.status(), protocol.write_failure(failure, &id))
            }
        };
        match self.fault {
            None | Some(Fault::Internal | Fault::Overloaded) => (status, body, Delivery::Whole),
            Some(Fault::ErrorIn200) => (200, body, Delivery::Whole),
            Some(Fault::Slow) => (status, body, Delivery::Late(slow_for)),
            Some(Fault::Reset) => (status, body, Delivery::Reset),
            Some(Fault::Malformed) => {
                // An object without its last brace is never JSON.
                body.truncate(body.len() * 2 / 3);
                (200, body, Delivery::Whole)
            }
        }
    }
}

/// Two calls of one job have different request ids.
fn request_id(envelope: &Envelope<'_>, entry: &Entry) -> String {
    format!("req_sim_{:016x}_{}", envelope.id, entry.nth)
}

/// The request id, and where the caller stands with the limit.
pub(crate) fn write_headers(
    protocol: Protocol,
    envelope: &Envelope<'_>,
    entry: &Entry,
) -> Vec<Header> {
    let mut headers = vec![(protocol.request_id_header(), request_id(envelope, entry))];
    if let Some(standing) = &entry.standing {
        headers.extend(protocol.rate_headers(standing, envelope.unix_now));
    }
    if let Some(wait) = entry.retry_after() {
        headers.push(("retry-after", write_seconds(wait)));
    }
    headers
}

/// Whole seconds, at least one, and never too few.
fn write_seconds(wait: Duration) -> String {
    wait.as_nanos().div_ceil(1_000_000_000).max(1).to_string()
}
