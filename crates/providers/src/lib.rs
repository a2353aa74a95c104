//! One sans-I/O codec per vendor protocol: Anthropic Messages, OpenAI-compatible chat and OpenAI
//! Responses.
//!
//! [`encode()`] turns a conversation into an [`UnsignedRequest`]; [`decode()`] turns what came back,
//! as JSON or as a whole stream of events, into an [`Outcome`] that says what the caller does next;
//! [`rate_headers()`] reads what a reply says about limits, [`spent()`] what a call took that brought
//! no answer. All protocols answer in the same nouns,
//! so nothing above this crate knows which vendor it spoke to. [`objections()`] says before the first
//! call what would be refused, and an [`EventWatch`] tells an answer that goes on from a connection
//! that is only kept alive.
//!
//! What differs is data: models by generation in `rules.toml`, servers by [`Flavour`] in one table.
//!
//! There is no HTTP client here, no clock, no key and no retry: the caller sends, adds the
//! credential that [`UnsignedRequest::auth`] describes, measures time and decides what to do. It
//! must not follow redirects (a redirected POST may turn into a GET); a 3xx says that the address is wrong.
//! Streams are not decoded while they come in: a job has use for whole answers only.
//!
//! ```
//! use iago_providers::{Dialect, Outcome, Protocol, Reply, decode, encode};
//! use iago_sweep::{Conversation, Finish, Parameters, Role, Turn};
//!
//! let dialect = Dialect::new(Protocol::OpenAiChat, "http://127.0.0.1:8080/v1")?;
//! let question = Turn { role: Role::User, text: "6*7?".to_owned() };
//! let conversation = Conversation { turns: vec![question], ..Conversation::default() };
//! let parameters = Parameters { max_output_tokens: 16, ..Parameters::default() };
//! let request = encode(&dialect, "some-model", &conversation, &parameters, "job-1");
//! assert_eq!(request.url, "http://127.0.0.1:8080/v1/chat/completions");
//!
//! let body = br#"{"choices":[{"finish_reason":"stop","message":{"content":"42"}}]}"#;
//! let reply = Reply { status: 200, headers: &[], body };
//! let Outcome::Answered(answer) = decode(&dialect, &reply, None) else { unreachable!() };
//! assert_eq!((answer.text.raw.as_str(), answer.finish), ("42", Finish::Stop));
//! # Ok::<(), iago_providers::BaseUrlError>(())
//! ```

#![warn(missing_docs)]

mod address;
mod anthropic;
mod base_url;
mod body;
mod chat;
mod classify;
mod cost;
mod decode;
mod dialect;
mod encode;
mod error_body;
mod event_watch;
mod events;
mod excerpt;
mod fields;
mod flavour;
mod headers;
mod objections;
mod outcome;
mod quirks;
mod rate_headers;
mod responses;
mod retry_after;
mod rules;
mod said;
mod spend;
mod spent;
mod surrogates;
mod timestamp;
mod verbatim;
mod wait_units;
mod word;

pub use base_url::BaseUrlError;
pub use decode::decode;
pub use dialect::{AuthStyle, Dialect, OutputLimitField, Protocol, Streaming};
pub use encode::{STREAMED_ABOVE, UnsignedRequest, encode};
pub use event_watch::EventWatch;
pub use excerpt::MESSAGE_CHARS_MAX;
pub use flavour::Flavour;
pub use headers::is_simulated;
pub use objections::{Objection, objections};
pub use outcome::{Answer, Outcome, Reply};
pub use rate_headers::{RateHeaders, Reset, Window, rate_headers};
pub use retry_after::WAIT_MAX;
pub use rules::rules_date;
pub use said::CALL_TOKENS_MAX;
pub use spent::spent;
pub use word::UnknownWord;
