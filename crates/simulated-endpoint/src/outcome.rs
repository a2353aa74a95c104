//! From what is decided to what is sent: an answer in the vendor's words, spoilt if it is to be.

use std::time::Duration;

use crate::delivery::{Delivery, Mishap, Pieces};
use crate::events::Events;
use crate::fault::Fault;
use crate::ledger::Class;
use crate::protocol::Protocol;
use crate::reply::{Envelope, Failure, FailureKind, Finish, Reply, encode};

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

/// What surrounds an outcome when it is put into a vendor's words.
#[derive(Debug)]
pub(crate) struct Occasion<'a> {
    pub(crate) protocol: Protocol,
    pub(crate) envelope: Envelope<'a>,
    pub(crate) request_id: String,
    /// Whether a stream was asked for.
    pub(crate) streams: bool,
    /// How late a slow body is, and how long a stream stalls.
    pub(crate) slow_for: Duration,
}

/// An outcome in the vendor's words.
#[derive(Debug)]
pub(crate) struct Dressed {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
    pub(crate) delivery: Delivery,
    pub(crate) is_stream: bool,
}

/// The words of an error that is a fault.
const ORDERED: &str = "a fault, as ordered";

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
        let fail = |kind: FailureKind| Answer::Failure(kind.with(ORDERED));
        let (answer, class) = match fault {
            None | Some(Fault::Slow | Fault::Stalls) => (answer, class),
            Some(Fault::Internal) => (fail(FailureKind::Internal), Class::Internal),
            Some(Fault::Overloaded) => (fail(FailureKind::Overloaded), Class::Overloaded),
            Some(Fault::ErrorIn200) => (fail(FailureKind::Internal), Class::ErrorIn200),
            Some(Fault::Reset) => (answer, Class::Reset),
            Some(Fault::Malformed) => (answer, Class::Malformed),
            Some(Fault::StreamCut) => (answer, Class::StreamCut),
            Some(Fault::StreamError) => (answer, Class::StreamError),
        };
        Self { answer, class, fault }
    }

    pub(crate) fn is_slow(&self) -> bool {
        matches!(self.fault, Some(Fault::Slow | Fault::Stalls))
    }

    /// Puts it into the vendor's words.
    pub(crate) fn dress(&self, occasion: &Occasion<'_>) -> Dressed {
        match &self.answer {
            Answer::Reply(reply) if occasion.streams => self.dress_stream(occasion, reply),
            Answer::Reply(reply) => {
                let body = occasion.protocol.write(&occasion.envelope, reply);
                self.dress_body(occasion, 200, body)
            }
            Answer::Failure(failure) => self.dress_failure(occasion, failure),
        }
    }

    /// An error comes as one body even where a stream was asked for, unless its status says that
    /// all is well.
    fn dress_failure(&self, occasion: &Occasion<'_>, failure: &Failure) -> Dressed {
        if occasion.streams && self.fault == Some(Fault::ErrorIn200) {
            let (body, pieces) = Pieces::join(&[occasion.write_last_failure(failure, 0)], None);
            return Dressed::stream(body, Delivery::Pieces(pieces));
        }
        let body = occasion.protocol.write_failure(failure, &occasion.request_id);
        self.dress_body(occasion, failure.kind.status(), encode(&body))
    }

    fn dress_body(&self, occasion: &Occasion<'_>, status: u16, mut body: Vec<u8>) -> Dressed {
        let (status, delivery) = match self.fault {
            Some(Fault::ErrorIn200) => (200, Delivery::Whole),
            Some(Fault::Slow) => (status, Delivery::Late(occasion.slow_for)),
            Some(Fault::Reset) => (status, Delivery::Reset),
            Some(Fault::Malformed) => {
                cut(&mut body);
                (200, Delivery::Whole)
            }
            None
            | Some(
                Fault::Internal
                | Fault::Overloaded
                | Fault::StreamCut
                | Fault::StreamError
                | Fault::Stalls,
            ) => (status, Delivery::Whole),
        };
        Dressed { status, body, delivery, is_stream: false }
    }

    fn dress_stream(&self, occasion: &Occasion<'_>, reply: &Reply) -> Dressed {
        let mut events = occasion.protocol.write_events(&occasion.envelope, reply);
        let mishap = self.spoil(occasion, &mut events);
        let (mut body, pieces) = Pieces::join(&events, mishap);
        let delivery = match self.fault {
            Some(Fault::Slow) => Delivery::Late(occasion.slow_for),
            Some(Fault::Reset) => Delivery::Reset,
            Some(Fault::Malformed) => {
                cut(&mut body);
                Delivery::Whole
            }
            None
            | Some(
                Fault::Internal
                | Fault::Overloaded
                | Fault::ErrorIn200
                | Fault::StreamCut
                | Fault::StreamError
                | Fault::Stalls,
            ) => Delivery::Pieces(pieces),
        };
        Dressed::stream(body, delivery)
    }

    /// What befalls a stream in its middle.
    fn spoil(&self, occasion: &Occasion<'_>, events: &mut Events) -> Option<Mishap> {
        let middle = events.len() / 2;
        if self.fault == Some(Fault::StreamCut) {
            events.truncate(middle);
            return Some(Mishap::Breaks);
        }
        if self.fault == Some(Fault::StreamError) {
            events.truncate(middle);
            events
                .push(occasion.write_last_failure(&FailureKind::Overloaded.with(ORDERED), middle));
        }
        let sign_of_life = occasion.protocol.keep_alive();
        let lasts = occasion.slow_for;
        let stall = || Mishap::Stalls { after: middle, lasts, sign_of_life };
        (self.fault == Some(Fault::Stalls)).then(stall)
    }
}

impl Occasion<'_> {
    fn write_last_failure(&self, failure: &Failure, number: usize) -> Vec<u8> {
        let place = (self.request_id.as_str(), number);
        self.protocol.write_last_failure(&self.envelope, failure, place)
    }
}

impl Dressed {
    fn stream(body: Vec<u8>, delivery: Delivery) -> Self {
        Self { status: 200, body, delivery, is_stream: true }
    }
}

/// An object without its last brace is never JSON, and a stream cut there has no end.
fn cut(body: &mut Vec<u8>) {
    body.truncate(body.len() * 2 / 3);
}
