//! The error object in a reply, in any of the shapes that servers give it.

use std::time::Duration;

use serde_json::Value;

use crate::events::{self, Event};
use crate::retry_after::told_in;
use crate::spend::is_spend;
use crate::{Reply, body};

/// What an error says of itself.
#[derive(Debug, Default)]
pub(crate) struct ErrorBody {
    /// Its message, as sent.
    pub message: Option<String>,
    /// Its codes and types, the most specific first.
    pub words: Vec<String>,
    /// A code that is an HTTP status of an error.
    pub code_status: Option<u16>,
    /// How long it asks to wait.
    pub wait: Option<Duration>,
}

/// Kinds of errors and the HTTP status that each of them has when it comes as one.
const KINDS: [(&str, u16); 33] = [
    ("rate_limit_error", 429),
    ("rate_limit_exceeded", 429),
    ("throttling_error", 429),
    ("slow_down", 429),
    ("requests", 429),
    ("tokens", 429),
    ("insufficient_quota", 429),
    ("invalid_request_error", 400),
    ("BadRequestError", 400),
    ("context_length_exceeded", 400),
    ("exceed_context_size_error", 400),
    ("content_policy_violation", 400),
    ("content_filter", 400),
    ("invalid_prompt", 400),
    ("bio_policy", 400),
    ("misalignment_policy_violation", 400),
    ("data_residency_mismatch", 400),
    ("authentication_error", 401),
    ("invalid_api_key", 401),
    ("billing_error", 402),
    ("permission_error", 403),
    ("not_found_error", 404),
    ("NotFoundError", 404),
    ("model_not_found", 404),
    ("timeout_error", 408),
    ("conflict_error", 409),
    ("request_too_large", 413),
    ("UnprocessableEntityError", 422),
    ("api_error", 500),
    ("server_error", 500),
    ("service_unavailable_error", 503),
    ("ServiceUnavailableError", 503),
    ("unavailable_error", 503),
];

/// What a vendor writes where the request does not fit the model; Together does so with a 403.
const TOO_LONG: [&str; 4] =
    ["context length", "context window", "context_length", "prompt is too long"];

/// How servers say in words that they are short of capacity: SGLang, Ollama, Fireworks, OpenAI,
/// Groq.
const OVERLOADED: [&str; 5] =
    ["queue is full", "server busy", "service overloaded", "currently overloaded", "over capacity"];

/// How vendors name a prompt that their filters held back: Azure, OpenAI's chat, and its Responses.
const FILTERED: [&str; 5] = [
    "content_filter",
    "content_policy_violation",
    "ResponsibleAIPolicyViolation",
    "bio_policy",
    "misalignment_policy_violation",
];

/// How LiteLLM passes any of them on: by the name of its own error, in the message.
const FILTERED_BEHIND_LITELLM: &str = "litellm.ContentPolicyViolationError";

impl ErrorBody {
    /// The error inside a reply that should have been an answer; `None` for everything that is not
    /// plainly one.
    pub(crate) fn inside(reply: &Value) -> Option<Self> {
        let reply = reply.get(0).unwrap_or(reply);
        let named = ["type", "object"]
            .iter()
            .any(|key| reply.get(key).and_then(Value::as_str) == Some("error"));
        let choice = reply.pointer("/choices/0").filter(|choice| has_error(choice));
        match (has_error(reply) || named, choice) {
            (true, _) => Some(Self::read(reply)),
            (false, Some(choice)) => Some(Self::read(choice)),
            (false, None) => None,
        }
    }

    /// The error in the body of a failure, and its status: JSON, JSON in server-sent events, a page,
    /// a line. LiteLLM sends events as the body of a 500, whatever the status is that they tell.
    pub(crate) fn of_failure(reply: &Reply<'_>) -> (u16, Self) {
        if let Ok(json) = body::read(reply.body) {
            return (reply.status, Self::read(json.value.get(0).unwrap_or(&json.value)));
        }
        if let Some(events) = events::read(reply.body) {
            // Without an error there are only the model's words, which are no message.
            let error = Self::among(&events.list).unwrap_or_default();
            return (error.code_status.unwrap_or(reply.status), error);
        }
        let text = String::from_utf8_lossy(reply.body);
        (reply.status, Self { message: readable(&text), ..Self::default() })
    }

    /// The first error among the events of a stream.
    pub(crate) fn among(events: &[Event]) -> Option<Self> {
        events.iter().find_map(|event| {
            let failed = event.data.get("response").and_then(Self::inside);
            let inside = failed.or_else(|| Self::inside(&event.data));
            inside.or_else(|| (event.kind() == Some("error")).then(|| Self::read(&event.data)))
        })
    }

    /// The HTTP status of this kind of error; 500 for a kind that nobody has heard of.
    pub(crate) fn kind_status(&self) -> u16 {
        let by_word =
            |word: &String| KINDS.iter().find(|(kind, _)| kind == word).map(|(_, status)| *status);
        if self.is_overloaded() {
            return 529;
        }
        let unheard_of = if is_spend(self) { 402 } else { 500 };
        self.code_status.or_else(|| self.words.iter().find_map(by_word)).unwrap_or(unheard_of)
    }

    /// The endpoint is short of capacity. vLLM has a type of error for it.
    pub(crate) fn is_overloaded(&self) -> bool {
        let by_word =
            |word: &String| word.contains("overloaded") || word == "ServiceUnavailableError";
        let message = self.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        self.words.iter().any(by_word) || OVERLOADED.iter().any(|words| message.contains(words))
    }

    /// The account is within its limits and grows too fast: it is throttled until it slows down.
    pub(crate) fn is_ramp(&self) -> bool {
        self.says("slow_down") || self.says("ramp_limit_exceeded")
    }

    /// The prompt was held back by a content filter: Azure says it with a 400.
    pub(crate) fn is_content_filter(&self) -> bool {
        let message = self.message.as_deref().unwrap_or_default();
        FILTERED.iter().any(|word| self.says(word)) || message.contains(FILTERED_BEHIND_LITELLM)
    }

    /// The request does not fit the model.
    pub(crate) fn is_too_long(&self) -> bool {
        let message = self.message.as_deref().unwrap_or_default().to_ascii_lowercase();
        let mut told = self.words.iter().map(String::as_str).chain([message.as_str()]);
        told.any(|told| TOO_LONG.iter().any(|too_long| told.contains(too_long)))
    }

    /// One of its codes or types is this word.
    pub(crate) fn says(&self, word: &str) -> bool {
        self.words.iter().any(|said| said == word)
    }

    /// `{"error": {…}}`, `{"error": "text"}`, or flat; `detail` is FastAPI's.
    fn read(reply: &Value) -> Self {
        let error = reply.get("error").filter(|error| error.is_object()).unwrap_or(reply);
        let codes = [
            error.pointer("/details/error_code"),
            error.pointer("/metadata/limit_source"),
            error.pointer("/innererror/code"),
            error.get("code"),
            error.get("type"),
        ];
        let message = [error.get("message"), reply.get("error"), reply.get("detail")];
        let message = message.into_iter().flatten().find_map(words_of);
        Self {
            wait: told_in(error, message.as_deref()),
            message,
            words: codes
                .iter()
                .flatten()
                .filter_map(|code| code.as_str())
                .map(str::to_owned)
                .collect(),
            code_status: error.get("code").and_then(status_of),
        }
    }
}

fn has_error(value: &Value) -> bool {
    match value.get("error") {
        Some(Value::Object(_)) => true,
        Some(Value::String(text)) => !text.is_empty(),
        Some(Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_)) | None => false,
    }
}

/// A text, or the `msg` of a list of findings; never what was found fault with, which is the
/// request.
fn words_of(value: &Value) -> Option<String> {
    let words = match value.as_array() {
        Some(findings) => {
            let found = findings.iter().filter_map(|finding| finding.get("msg")?.as_str());
            found.collect::<Vec<_>>().join("; ")
        }
        None => value.as_str()?.to_owned(),
    };
    (!words.trim().is_empty()).then_some(words)
}

/// A code as number or as digits.
fn status_of(code: &Value) -> Option<u16> {
    let number = code.as_u64().or_else(|| code.as_str()?.parse().ok())?;
    u16::try_from(number).ok().filter(|status| (400..600).contains(status))
}

/// The title of a page, or the first line of a text.
fn readable(text: &str) -> Option<String> {
    let text = text.trim();
    let line = if text.starts_with('<') {
        let (_, after) = text.split_once("<title>")?;
        after.split('<').next()?
    } else {
        text.lines().next()?
    };
    (!line.trim().is_empty()).then(|| line.to_owned())
}
