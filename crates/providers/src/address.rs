//! Whether a reply says that the address is wrong, and not the request: nothing of the protocol is
//! served there, and no other job would fare better.

use crate::error_body::ErrorBody;
use crate::{Dialect, Reply, body};

/// What a 404 is about that has to do with the model: its name, what Azure calls one, or OpenRouter's
/// words for one that nobody serves under the account's conditions.
const NAMES_OF_A_MODEL: [&str; 3] = ["model", "deployment", "no endpoints found"];

/// What FastAPI, in which many servers are written, says of a path that it does not know. Any other
/// `detail` is the endpoint's own, such as NVIDIA's of a function that an account does not have.
const NO_SUCH_PATH: &str = "Not Found";

/// A failure that whatever is at the address has for every request: there is no such path, there is
/// none that takes a POST, or it is somewhere else.
pub(crate) fn is_wrong(dialect: &Dialect, reply: &Reply<'_>, error: &ErrorBody) -> bool {
    match reply.status {
        // 407 is a proxy's, which was called in its place.
        300..400 | 407 => true,
        404 | 405 => names_the_path(dialect, error) || !is_about_a_model(error),
        _ => false,
    }
}

/// Whether a 404 about no path is worded as endpoints word their errors. That alone does not tell that
/// the address is right: some servers, Anthropic's among them, say so of a wrong path as well.
pub(crate) fn is_by_endpoint(dialect: &Dialect, reply: &Reply<'_>, error: &ErrorBody) -> bool {
    let Ok(json) = body::read(reply.body) else { return false };
    let detail = json.value.get("detail").and_then(|detail| detail.as_str());
    let is_worded = ErrorBody::inside(&json.value).is_some()
        || detail.is_some_and(|detail| detail != NO_SUCH_PATH);
    reply.status == 404 && is_worded && !names_the_path(dialect, error)
}

/// A web page stands where an answer should be.
pub(crate) fn is_page(body: &[u8]) -> bool {
    let start = body.trim_ascii_start();
    ["<!doctype html", "<html"].iter().any(|mark| {
        let head = start.get(..mark.len());
        head.is_some_and(|head| head.eq_ignore_ascii_case(mark.as_bytes()))
    })
}

/// Its own words may well hold `models`, where that is a part of the address.
fn names_the_path(dialect: &Dialect, error: &ErrorBody) -> bool {
    let url = dialect.call_url();
    let path = url.strip_prefix(&dialect.base_url).unwrap_or(&url);
    error.message.as_ref().is_some_and(|message| message.contains(path))
}

fn is_about_a_model(error: &ErrorBody) -> bool {
    let told = error.words.iter().chain(&error.message);
    let mut told = told.map(|words| words.to_ascii_lowercase());
    told.any(|words| NAMES_OF_A_MODEL.iter().any(|name| words.contains(name)))
}
