//! A conversation as the bytes of one call.

use std::fmt;

use iago_sweep::{Conversation, Parameters};

use crate::{AuthStyle, Dialect, Protocol, anthropic, openai};

/// A POST that lacks only its credential.
#[derive(Clone, PartialEq, Eq)]
pub struct UnsignedRequest {
    /// Where to.
    pub url: String,
    /// Lower-case names, and values.
    pub headers: Vec<(String, String)>,
    /// JSON.
    pub body: Vec<u8>,
    /// Which credential the caller adds.
    pub auth: AuthStyle,
}

/// Prompts are not logged, so the body shows as its length.
impl fmt::Debug for UnsignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedRequest")
            .field("url", &self.url)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .field("auth", &self.auth)
            .finish()
    }
}

/// The call that asks `model_id` to continue `conversation`.
///
/// The same input gives the same bytes. Nothing that was asked for is left out silently: a
/// temperature that the endpoint does not take is its error to report. `idempotency_key` stays the
/// same over all calls of a job; it is sent unless the dialect switches it off.
pub fn encode(
    dialect: &Dialect,
    model_id: &str,
    conversation: &Conversation,
    parameters: &Parameters,
    idempotency_key: &str,
) -> UnsignedRequest {
    let body = match dialect.protocol {
        Protocol::AnthropicMessages => anthropic::write(model_id, conversation, parameters),
        Protocol::OpenAiChat => {
            openai::write(model_id, conversation, parameters, dialect.output_limit_field)
        }
    };
    UnsignedRequest {
        url: dialect.call_url(),
        headers: headers(dialect, idempotency_key),
        body,
        auth: dialect.auth,
    }
}

/// The prefill as the endpoint gets it. Anthropic answers 400 to one that ends in white space, so
/// what the model continues there is the trimmed text. An empty one is none.
pub(crate) fn sent_prefill(protocol: Protocol, prefill: Option<&str>) -> Option<&str> {
    let sent = match protocol {
        Protocol::AnthropicMessages => prefill?.trim_end(),
        Protocol::OpenAiChat => prefill?,
    };
    (!sent.is_empty()).then_some(sent)
}

fn headers(dialect: &Dialect, idempotency_key: &str) -> Vec<(String, String)> {
    let mut headers = vec![("accept", "application/json"), ("content-type", "application/json")];
    if dialect.protocol == Protocol::AnthropicMessages {
        headers.push(("anthropic-version", &dialect.anthropic_version));
    }
    if dialect.idempotency {
        headers.push(("idempotency-key", idempotency_key));
    }
    headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
