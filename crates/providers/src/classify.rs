//! What is done about an error. The status alone does not decide: money that ran out looks like a
//! rate limit, and the endpoint may have an opinion of its own.

use iago_sweep::Finish;

use crate::address;
use crate::error_body::ErrorBody;
use crate::excerpt::excerpt;
use crate::headers::{is_simulated, request_id, should_retry};
use crate::retry_after::retry_after;
use crate::spend::is_spend;
use crate::spent::spent;
use crate::{Answer, Dialect, Outcome, Reply};

#[derive(Clone, Copy)]
enum Class {
    Filtered,
    Throttled { overloaded: bool },
    Transient,
    Rejected,
    Credential { spend: bool },
    Misaddressed,
}

/// The outcome of a call that ended with `error`. `status` is the reply's, or, for an error inside
/// a good reply, the one that its kind would have.
pub(crate) fn classify(
    dialect: &Dialect,
    reply: &Reply<'_>,
    status: u16,
    error: &ErrorBody,
) -> Outcome {
    let retry_after = retry_after(reply.headers, Some(error));
    let message = message(status, error);
    let misaddressed = status == reply.status && address::is_wrong(dialect, reply, error);
    match class(status, error, misaddressed, should_retry(reply.headers)) {
        Class::Filtered => Outcome::Answered(Box::new(filtered(dialect, reply))),
        Class::Throttled { overloaded } => Outcome::Throttled { retry_after, overloaded, message },
        Class::Transient => Outcome::Transient { status: Some(status), retry_after, message },
        Class::Rejected => Outcome::Rejected { status, message },
        Class::Credential { spend } => Outcome::Credential { status, message, spend },
        Class::Misaddressed => {
            let by_endpoint = address::is_by_endpoint(dialect, reply, error);
            Outcome::Misaddressed { status, message, by_endpoint }
        }
    }
}

fn class(status: u16, error: &ErrorBody, misaddressed: bool, should_retry: Option<bool>) -> Class {
    if status == 400 && error.is_content_filter() {
        return Class::Filtered;
    }
    // OpenRouter's 402 for too much at once, not for too little money.
    if error.says("openrouter_in_flight_budget") {
        return Class::Throttled { overloaded: false };
    }
    if is_spend(error) {
        return Class::Credential { spend: true };
    }
    if error.is_ramp() {
        return Class::Throttled { overloaded: false };
    }
    if misaddressed && should_retry != Some(true) {
        return Class::Misaddressed;
    }
    match (should_retry, class_of_status(status, error)) {
        (Some(true), Class::Rejected | Class::Credential { .. }) => Class::Transient,
        (Some(false), Class::Transient) => Class::Rejected,
        (Some(false), Class::Throttled { .. }) => class_of_final_throttle(status),
        (_, class) => class,
    }
}

fn class_of_status(status: u16, error: &ErrorBody) -> Class {
    let overloaded = error.is_overloaded();
    match status {
        400 if error.says("organization_on_hold") => Class::Credential { spend: false },
        403 if error.is_too_long() => Class::Rejected,
        401 | 403 => Class::Credential { spend: false },
        402 => Class::Credential { spend: true },
        408 | 409 => Class::Transient,
        429 => Class::Throttled { overloaded },
        529 => Class::Throttled { overloaded: true },
        500.. if overloaded => Class::Throttled { overloaded },
        500.. => Class::Transient,
        _ => Class::Rejected,
    }
}

/// A limit that the endpoint says will not lift by waiting is the account's trouble, not the
/// job's: rejecting would burn the queue.
fn class_of_final_throttle(status: u16) -> Class {
    if status == 429 { Class::Credential { spend: false } } else { Class::Rejected }
}

fn message(status: u16, error: &ErrorBody) -> String {
    let words = excerpt(error.message.as_deref().unwrap_or_default());
    if words.is_empty() { format!("HTTP {status} without a readable message") } else { words }
}

/// A prompt that a filter held back is a result like an answer that it held back.
fn filtered(dialect: &Dialect, reply: &Reply<'_>) -> Answer {
    let (usage, cost) = spent(dialect, reply.body).unwrap_or_default();
    Answer {
        text: Default::default(),
        finish: Finish::Filter,
        usage,
        cost,
        model: None,
        request_id: request_id(reply.headers),
        simulated: is_simulated(reply.headers),
    }
}
