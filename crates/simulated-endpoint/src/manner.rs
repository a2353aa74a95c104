//! How a call wants its answer, apart from what it asks.

use crate::conversation::Conversation;
use crate::prefix::Prefix;

/// A request, read.
#[derive(Debug)]
pub(crate) struct Asked {
    pub(crate) conversation: Conversation,
    pub(crate) manner: Manner,
}

/// How an answer is wanted. The default is one plain body.
#[derive(Debug, Default)]
pub(crate) struct Manner {
    /// As a stream of events.
    pub(crate) streams: bool,
    /// With its usage at the end of a stream, where that is a question.
    pub(crate) tells_usage: bool,
    /// The most output tokens that the call allows itself.
    pub(crate) max_output: Option<u64>,
    /// With reasoning before it.
    pub(crate) reasons: bool,
    /// With so many alternatives for each token.
    pub(crate) logprobs: Option<u32>,
    /// The marked beginnings of the request, as they grow.
    pub(crate) prefixes: Vec<Prefix>,
}
