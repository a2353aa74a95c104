//! A call as it comes in, before anything is decided about it.

use crate::conversation::{Conversation, Unreadable};
use crate::decide::Call;
use crate::key::JobKey;
use crate::manner::{Asked, Manner};
use crate::reply::{Failure, FailureKind};

/// The vendor's limit on the size of a request.
const BODY_BYTES_MAX: usize = 32 * 1024 * 1024;

/// A call, read as far as it can be.
#[derive(Debug)]
pub(crate) struct Incoming<'a> {
    pub(crate) call: &'a Call<'a>,
    pub(crate) key: JobKey,
    pub(crate) asked: Result<Conversation, Failure>,
    /// How it wants its answer; plainly if it could not be read.
    pub(crate) manner: Manner,
}

impl<'a> Incoming<'a> {
    pub(crate) fn read(call: &'a Call<'a>) -> Self {
        let (asked, manner) = match read(call) {
            Ok(Asked { conversation, manner }) => (Ok(conversation), manner),
            Err(failure) => (Err(failure), Manner::default()),
        };
        Self { call, key: JobKey::new(call.key, call.body), asked, manner }
    }

    /// The requested one; empty where the request could not be read.
    pub(crate) fn model(&self) -> &str {
        self.asked.as_ref().map_or("", |asked| asked.model.as_str())
    }
}

fn read(call: &Call<'_>) -> Result<Asked, Failure> {
    if call.body.len() > BODY_BYTES_MAX {
        return Err(FailureKind::TooLarge.with("the request is larger than 32 MiB"));
    }
    let read = call.protocol.read(call.version, call.body);
    read.map_err(|Unreadable(why)| FailureKind::Invalid.with(why))
}
