//! Reading headers, whose names come in any case.

use crate::excerpt::excerpt;

/// Names of the vendors' own ids for a call, the most specific first: Anthropic, OpenAI and most
/// others, OpenRouter, LiteLLM.
const REQUEST_IDS: [&str; 4] =
    ["request-id", "x-request-id", "x-generation-id", "x-litellm-call-id"];

/// Whether the endpoint says by `x-simulated: true` that it only simulates.
pub fn is_simulated(headers: &[(String, String)]) -> bool {
    find(headers, "x-simulated").is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

/// The value of the first header of this name, without surrounding blanks.
pub(crate) fn find<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    let (_, value) = headers.iter().find(|(found, _)| found.eq_ignore_ascii_case(name))?;
    Some(value.trim())
}

/// The endpoint's own opinion on calling again.
pub(crate) fn should_retry(headers: &[(String, String)]) -> Option<bool> {
    let value = find(headers, "x-should-retry")?;
    value.to_ascii_lowercase().parse().ok()
}

/// The vendor's id for the call.
pub(crate) fn request_id(headers: &[(String, String)]) -> Option<String> {
    let id = REQUEST_IDS.iter().find_map(|name| find(headers, name))?;
    Some(excerpt(id)).filter(|id| !id.is_empty())
}
