//! OpenAI-compatible chat.

mod reply;
mod request;
mod stream;

pub(crate) use reply::{read, usage};
pub(crate) use request::write;
pub(crate) use stream::assemble;
