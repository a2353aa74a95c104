//! What came of one call, in the classes that decide what is done next.

use std::time::Duration;

use iago_sweep::{Finish, Money, Text, Usage};

/// One HTTP reply, whole.
#[derive(Clone, Copy, Debug)]
pub struct Reply<'a> {
    /// The status.
    pub status: u16,
    /// Names in any case, and values.
    pub headers: &'a [(String, String)],
    /// The body, decompressed.
    pub body: &'a [u8],
}

/// What came of one call.
///
/// An error inside a 200 has the class, and the status, of the HTTP error of its kind. Messages are
/// the provider's words: no control characters, at most [`crate::MESSAGE_CHARS_MAX`] characters,
/// cut before a place where a provider quotes the request.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// There is an answer: a result, whatever its finish.
    Answered(Box<Answer>),
    /// A limit was met; the pool waits, the job is as good as before.
    Throttled {
        /// How long the endpoint asks to wait, counted from the reply.
        retry_after: Option<Duration>,
        /// The endpoint is short of capacity: not this account's quota.
        overloaded: bool,
        /// The provider's words.
        message: String,
    },
    /// Something failed that may work the next time.
    Transient {
        /// The status; 200 for a reply that could not be read.
        status: Option<u16>,
        /// How long the endpoint asks to wait, counted from the reply.
        retry_after: Option<Duration>,
        /// The provider's words, or what was wrong with the body (never the body).
        message: String,
    },
    /// This request will never be answered.
    Rejected {
        /// The status.
        status: u16,
        /// The provider's words.
        message: String,
    },
    /// The account cannot be used until somebody does something about it; the job is fine.
    Credential {
        /// The status.
        status: u16,
        /// The provider's words.
        message: String,
        /// The money or a spend limit ran out.
        spend: bool,
    },
    /// Nothing at the address speaks the protocol: a 404 or 405 that is about no model, a redirect, a
    /// proxy that refuses, or a web page where an answer should be. No job can be answered until the address is corrected.
    Misaddressed {
        /// The status.
        status: u16,
        /// The server's words.
        message: String,
        /// A 404 that is worded as endpoints word their errors, and not as web servers and gateways
        /// say that there is no such path: where the address is known to be right, it is about the
        /// model.
        by_endpoint: bool,
    },
}

/// An answer, in the same terms for every vendor.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What was said. `raw` begins with the prefill as it was sent, even where the model added
    /// nothing to it.
    pub text: Text,
    /// Why the model stopped.
    pub finish: Finish,
    /// What it took; zeros where the endpoint does not tell.
    pub usage: Usage,
    /// What the provider says that it cost; `None` where it does not tell. It wins over any price.
    pub cost: Option<Money>,
    /// The model that the endpoint says answered.
    pub model: Option<String>,
    /// The vendor's name for the call, for its support.
    pub request_id: Option<String>,
    /// The endpoint says itself that it only simulates.
    pub simulated: bool,
}

impl Outcome {
    /// Whether this is an answer of a simulated endpoint; for other outcomes ask
    /// [`crate::is_simulated`] of the reply's headers.
    pub fn simulated(&self) -> bool {
        match self {
            Self::Answered(answer) => answer.simulated,
            Self::Throttled { .. }
            | Self::Transient { .. }
            | Self::Rejected { .. }
            | Self::Credential { .. }
            | Self::Misaddressed { .. } => false,
        }
    }
}
