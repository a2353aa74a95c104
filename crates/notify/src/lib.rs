//! Delivers what people are told of a night to their webhooks.
//!
//! Messages stand in the store ([`iago_store::Nights`]), each with an id that nothing else has and the name
//! of its receiver. [`deliver_all`] sends them while this process leads: signed, one at a time to each
//! receiver, again where that may help, and until a day has passed. What is sent was made when the night was
//! judged; nothing here looks into it.
//!
//! The README says what a receiver gets, and how it can tell that it is ours. Addresses and secrets come
//! out of the environment ([`Receivers`]); they are never stored, logged, or part of an error. What a
//! receiver says beside its status is not read.

#![warn(missing_docs)]

mod backoff;
mod deliver;
mod outbox;
mod post;
mod receivers;
mod reply;
mod signature;

pub use deliver::deliver_all;
pub use post::PostError;
pub use receivers::{Receivers, WebhookSettings};
