//! Which vendor's protocol a call speaks.

use serde::Serialize;
use serde_json::Value;

use crate::conversation::Unreadable;
use crate::events::{COMMENT, Events, write_data, write_named};
use crate::manner::Asked;
use crate::reply::{Envelope, Failure, Reply};
use crate::{anthropic, openai, responses};

/// A vendor's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Messages, at `/v1/messages`.
    Anthropic,
    /// Chat completions, at `/v1/chat/completions`.
    OpenAi,
    /// Responses, at `/v1/responses`.
    Responses,
}

/// A response header.
pub(crate) type Header = (&'static str, String);

impl Protocol {
    /// Reads a request. `version` is the header that only one of the vendors has.
    pub(crate) fn read(self, version: Option<&str>, body: &[u8]) -> Result<Asked, Unreadable> {
        match self {
            Self::Anthropic => anthropic::read(version, body),
            Self::OpenAi => openai::read(body),
            Self::Responses => responses::read(body),
        }
    }

    /// Writes an answer's JSON.
    pub(crate) fn write(self, envelope: &Envelope<'_>, reply: &Reply) -> Vec<u8> {
        match self {
            Self::Anthropic => anthropic::write(envelope, reply),
            Self::OpenAi => openai::write(envelope, reply),
            Self::Responses => responses::write(envelope, reply),
        }
    }

    /// Writes an answer as a stream.
    pub(crate) fn write_events(self, envelope: &Envelope<'_>, reply: &Reply) -> Events {
        match self {
            Self::Anthropic => anthropic::stream::write(envelope, reply),
            Self::OpenAi => openai::stream::write(envelope, reply),
            Self::Responses => responses::stream::write(envelope, reply),
        }
    }

    /// A sign of life between the events of a stream.
    pub(crate) fn keep_alive(self) -> &'static [u8] {
        match self {
            Self::Anthropic => anthropic::stream::PING,
            Self::OpenAi | Self::Responses => COMMENT,
        }
    }

    /// Writes an error's JSON.
    pub(crate) fn write_failure(self, failure: &Failure, request_id: &str) -> Value {
        match self {
            Self::Anthropic => anthropic::write_failure(failure, request_id),
            Self::OpenAi | Self::Responses => openai::write_failure(failure),
        }
    }

    /// Writes an error as the last event of a stream, after so many.
    pub(crate) fn write_last_failure(
        self,
        envelope: &Envelope<'_>,
        failure: &Failure,
        (request_id, number): (&str, usize),
    ) -> Vec<u8> {
        match self {
            Self::Anthropic => write_named(&anthropic::write_failure(failure, request_id)),
            Self::OpenAi => write_data(&openai::write_failure(failure)),
            Self::Responses => responses::stream::write_failed(envelope, failure, number),
        }
    }

    pub(crate) fn request_id_header(self) -> &'static str {
        match self {
            Self::Anthropic => "request-id",
            Self::OpenAi | Self::Responses => "x-request-id",
        }
    }
}
