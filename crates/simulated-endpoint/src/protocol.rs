//! Which vendor's protocol a call speaks.

use std::time::Duration;

use serde::Serialize;

use crate::conversation::{Conversation, Unreadable};
use crate::limit::Standing;
use crate::reply::{Envelope, Failure, Reply};
use crate::{anthropic, openai};

/// A vendor's protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Protocol {
    /// Messages, at `/v1/messages`.
    Anthropic,
    /// Chat completions, at `/v1/chat/completions`.
    OpenAi,
}

/// A response header.
pub(crate) type Header = (&'static str, String);

impl Protocol {
    /// Reads a request. `version` is the header that only one of the vendors has.
    pub(crate) fn read(
        self,
        version: Option<&str>,
        body: &[u8],
    ) -> Result<Conversation, Unreadable> {
        match self {
            Self::Anthropic => anthropic::read(version, body),
            Self::OpenAi => openai::read(body),
        }
    }

    /// Writes an answer's JSON.
    pub(crate) fn write(self, envelope: &Envelope<'_>, reply: &Reply) -> Vec<u8> {
        match self {
            Self::Anthropic => anthropic::write(envelope, reply),
            Self::OpenAi => openai::write(envelope, reply),
        }
    }

    /// Writes an error's JSON.
    pub(crate) fn write_failure(self, failure: &Failure, request_id: &str) -> Vec<u8> {
        match self {
            Self::Anthropic => anthropic::write_failure(failure, request_id),
            Self::OpenAi => openai::write_failure(failure),
        }
    }

    pub(crate) fn request_id_header(self) -> &'static str {
        match self {
            Self::Anthropic => "request-id",
            Self::OpenAi => "x-request-id",
        }
    }

    /// Says how much of the limit is left. `unix_now` is the time since 1970.
    pub(crate) fn rate_headers(self, standing: &Standing, unix_now: Duration) -> [Header; 3] {
        match self {
            Self::Anthropic => anthropic::rate_headers(standing, unix_now),
            Self::OpenAi => openai::rate_headers(standing),
        }
    }
}
