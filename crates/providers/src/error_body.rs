//! The error object in a reply, in any of the shapes that servers give it.

use serde_json::Value;

use crate::body;
use crate::spend::is_spend;

/// What an error says of itself.
#[derive(Debug, Default)]
pub(crate) struct ErrorBody {
    /// Its message, as sent.
    pub message: Option<String>,
    /// Its codes and types, the most specific first.
    pub words: Vec<String>,
    /// A code that is an HTTP status of an error.
    pub code_status: Option<u16>,
}

/// Kinds of errors and the HTTP status that each of them has when it comes as one.
const KINDS: [(&str, u16); 29] = [
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

    /// The error in the body of a failure: JSON, JSON in server-sent events, a page, a line.
    pub(crate) fn of_failure(body: &[u8]) -> Self {
        match body::read(body) {
            Ok(json) => Self::read(json.value.get(0).unwrap_or(&json.value)),
            Err(_) => {
                let text = String::from_utf8_lossy(body);
                Self::in_events(&text)
                    .unwrap_or_else(|| Self { message: readable(&text), ..Self::default() })
            }
        }
    }

    /// The first error among server-sent events: LiteLLM sends them as the body of a 500.
    pub(crate) fn in_events(text: &str) -> Option<Self> {
        let data = text.lines().filter_map(|line| line.trim_start().strip_prefix("data:"));
        data.filter_map(|data| body::read(data.as_bytes()).ok())
            .find_map(|json| Self::inside(&json.value))
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

    /// The endpoint is short of capacity.
    pub(crate) fn is_overloaded(&self) -> bool {
        self.words.iter().any(|word| word.contains("overloaded"))
    }

    /// The prompt was held back by a content filter: Azure says it with a 400.
    pub(crate) fn is_content_filter(&self) -> bool {
        ["content_filter", "content_policy_violation", "ResponsibleAIPolicyViolation"]
            .iter()
            .any(|word| self.says(word))
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
        Self {
            message: message.into_iter().flatten().find_map(words_of),
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
