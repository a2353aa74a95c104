//! A case: a reply and the outcome that it must have.

use std::time::Duration;

use iago_providers::{Answer, Dialect, Outcome, Protocol, Reply, decode};
use iago_sweep::{Finish, Text, Usage};
use serde_json::Value;

use crate::wire::{Ending, Trouble, WORDS, error, said};

pub(crate) struct Case {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    prefill: Option<&'static str>,
}

/// A reply with JSON in it.
pub(crate) fn reply(status: u16, body: &Value) -> Case {
    raw_reply(status, body.to_string())
}

/// A reply with any bytes in it.
pub(crate) fn raw_reply(status: u16, body: impl Into<Vec<u8>>) -> Case {
    Case { status, headers: Vec::new(), body: body.into(), prefill: None }
}

impl Case {
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn prefilled(mut self, prefill: &'static str) -> Self {
        self.prefill = Some(prefill);
        self
    }

    /// What the codec makes of it. The reply carries the vendor's request id.
    pub(crate) fn decoded(mut self, vendor: Protocol) -> Outcome {
        let id_header = match vendor {
            Protocol::AnthropicMessages => "Request-Id",
            Protocol::OpenAiChat | Protocol::OpenAiResponses => "X-Request-Id",
        };
        self.headers.push((id_header.to_owned(), "req-1".to_owned()));
        let dialect = Dialect::new(vendor, "http://127.0.0.1").expect("a valid address");
        let reply = Reply { status: self.status, headers: &self.headers, body: &self.body };
        decode(&dialect, &reply, self.prefill)
    }
}

/// What the vendors tell in different ways: Anthropic, chat, Responses.
pub(crate) fn by_vendor<T>(vendor: Protocol, anthropic: T, chat: T, responses: T) -> T {
    match vendor {
        Protocol::AnthropicMessages => anthropic,
        Protocol::OpenAiChat => chat,
        Protocol::OpenAiResponses => responses,
    }
}

pub(crate) fn spoken(vendor: Protocol, text: &str, ending: Ending) -> Case {
    reply(200, &said(vendor, text, ending))
}

pub(crate) fn failed(status: u16, vendor: Protocol, trouble: Trouble) -> Case {
    reply(status, &error(vendor, trouble))
}

/// The answer that the bodies of [`crate::wire`] hold.
pub(crate) fn answer(raw: &str, finish: Finish) -> Answer {
    Answer {
        text: Text { raw: raw.to_owned(), ..Text::default() },
        finish,
        usage: Usage { input: 12, output: 5, ..Usage::default() },
        model: Some("model-1".to_owned()),
        request_id: Some("req-1".to_owned()),
        cost: None,
        simulated: false,
    }
}

pub(crate) fn answered(answer: Answer) -> Outcome {
    Outcome::Answered(Box::new(answer))
}

pub(crate) fn throttled(retry_after: Option<Duration>) -> Outcome {
    Outcome::Throttled { retry_after, overloaded: false, message: WORDS.to_owned() }
}

pub(crate) fn overloaded() -> Outcome {
    Outcome::Throttled { retry_after: None, overloaded: true, message: WORDS.to_owned() }
}

pub(crate) fn transient(status: u16, message: &str) -> Outcome {
    let message = message.to_owned();
    Outcome::Transient { status: Some(status), retry_after: None, message }
}

pub(crate) fn rejected(status: u16) -> Outcome {
    Outcome::Rejected { status, message: WORDS.to_owned() }
}

pub(crate) fn misaddressed(status: u16, message: &str) -> Outcome {
    Outcome::Misaddressed { status, message: message.to_owned(), by_endpoint: false }
}

/// The same in an endpoint's own words.
pub(crate) fn misaddressed_by_endpoint(message: &str) -> Outcome {
    Outcome::Misaddressed { status: 404, message: message.to_owned(), by_endpoint: true }
}

pub(crate) fn credential(status: u16, spend: bool) -> Outcome {
    Outcome::Credential { status, message: WORDS.to_owned(), spend }
}
