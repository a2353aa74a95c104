//! A conversation as the bytes of one call.

use std::fmt;

use iago_sweep::{Conversation, Digest, Parameters};

use crate::quirks::quirks;
use crate::rules::family;
use crate::verbatim::stand_in;
use crate::{AuthStyle, Dialect, Protocol, Streaming, anthropic, chat, responses};

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
    /// A stream of events is asked for; a server may answer with one JSON all the same.
    pub streams: bool,
}

/// Prompts are not logged, so the body shows as its length.
impl fmt::Debug for UnsignedRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnsignedRequest")
            .field("url", &self.url)
            .field("headers", &self.headers)
            .field("body_bytes", &self.body.len())
            .field("auth", &self.auth)
            .field("streams", &self.streams)
            .finish()
    }
}

/// Output limit, in tokens, above which an answer is streamed unless that is switched off: at the
/// pace of slow models it takes about ten minutes, longer than many connections live in silence.
pub const STREAMED_ABOVE: u32 = 16_384;

/// What a codec needs to know to write a body.
pub(crate) struct Call<'a> {
    pub dialect: &'a Dialect,
    pub model_id: &'a str,
    pub conversation: &'a Conversation,
    pub parameters: &'a Parameters,
    pub streams: bool,
}

/// The call that asks `model_id` to continue `conversation`.
///
/// The same input gives the same bytes. What this protocol or model has no way to say stays unsaid,
/// or is the endpoint's error to report: [`objections()`](crate::objections()) tells of it beforehand.
/// `idempotency_key` stays the same over all calls of a job; it is sent unless the dialect switches
/// it off.
pub fn encode(
    dialect: &Dialect,
    model_id: &str,
    conversation: &Conversation,
    parameters: &Parameters,
    idempotency_key: &str,
) -> UnsignedRequest {
    let streams = streams(dialect, model_id, parameters);
    let call = Call { dialect, model_id, conversation, parameters, streams };
    let mut fields = match dialect.protocol {
        Protocol::AnthropicMessages => anthropic::write(&call),
        Protocol::OpenAiChat => chat::write(&call),
        Protocol::OpenAiResponses => responses::write(&call),
    };
    fields.schema(parameters.schema.as_deref());
    fields.merge(&parameters.extra);
    UnsignedRequest {
        url: dialect.call_url(),
        headers: headers(dialect, idempotency_key, streams),
        body: fields.to_bytes(),
        auth: dialect.auth,
        streams,
    }
}

impl<'a> Call<'a> {
    /// The system message. Vendors refuse empty ones.
    pub(crate) fn system(&self) -> Option<&'a str> {
        self.conversation.system.as_deref().filter(|text| !text.is_empty())
    }

    /// The prefill as the endpoint gets it.
    pub(crate) fn prefill(&self) -> Option<&'a str> {
        sent_prefill(self.dialect.protocol, self.conversation.prefill.as_deref())
    }

    /// What stands for the schema in the fields, where there is one: `Fields::schema` puts it there.
    pub(crate) fn schema(&self) -> Option<serde_json::Value> {
        self.parameters.schema.as_ref().map(|_| stand_in())
    }

    /// A key under which OpenAI keeps what was cached: calls with the same system message go to the
    /// same machine.
    pub(crate) fn cache_key(&self) -> Option<String> {
        let wanted = self.parameters.cache_prefix && self.dialect.is_openai();
        let system = self.system().filter(|_| wanted)?;
        Some(format!("iago-{:016x}", Digest::of(system).seed()))
    }
}

/// The prefill as the endpoint gets it. Anthropic answers 400 to one that ends in white space, so
/// what the model continues there is the trimmed text. An empty one is none.
pub(crate) fn sent_prefill(protocol: Protocol, prefill: Option<&str>) -> Option<&str> {
    let sent = match protocol {
        Protocol::AnthropicMessages => prefill?.trim_end(),
        Protocol::OpenAiChat | Protocol::OpenAiResponses => prefill?,
    };
    (!sent.is_empty()).then_some(sent)
}

fn streams(dialect: &Dialect, model_id: &str, parameters: &Parameters) -> bool {
    let longest_whole = || {
        let of_model = family(dialect, model_id).and_then(|family| family.streams_above);
        of_model.unwrap_or(STREAMED_ABOVE).min(STREAMED_ABOVE)
    };
    match dialect.streaming {
        Streaming::Never => false,
        Streaming::Auto => parameters.max_output_tokens > longest_whole(),
        Streaming::Always => true,
    }
}

fn headers(dialect: &Dialect, idempotency_key: &str, streams: bool) -> Vec<(String, String)> {
    let accept = if streams { "text/event-stream" } else { "application/json" };
    let mut headers = vec![("accept", accept), ("content-type", "application/json")];
    if dialect.protocol == Protocol::AnthropicMessages {
        headers.push(("anthropic-version", &dialect.anthropic_version));
    }
    if dialect.idempotency {
        headers.push(("idempotency-key", idempotency_key));
    }
    if streams && quirks(dialect.flavour).closes_after_stream {
        headers.push(("connection", "close"));
    }
    headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
