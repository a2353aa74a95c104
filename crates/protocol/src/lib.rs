//! The wire protocol: generated types, and the one place where they meet the nouns of iago.
//!
//! Wire types never travel inward: frames become [`FromWorker`] and [`FromCoordinator`] here, with
//! every number and word checked, and [`Assembler`] puts frames together that came in parts.

mod calls;
mod convert;
mod frames;
mod parts;

/// The generated types and services.
#[expect(clippy::allow_attributes, clippy::allow_attributes_without_reason, reason = "generated")]
#[allow(unreachable_pub, unused_qualifications, clippy::all, clippy::doc_markdown)]
pub mod wire {
    tonic::include_proto!("iago.v1");
}

pub use calls::{Ask, Call};
pub use convert::WireError;
pub use frames::{
    Assignment, Delivery, FromCoordinator, FromWorker, Heartbeat, Held, Inventory, Lease, Outcome,
    Slice,
};
pub use parts::{Assembler, FRAME_BYTES_MAX, MESSAGE_BYTES_MAX, Wire, encode, split};

/// The version of the protocol that this build speaks.
pub const PROTOCOL_VERSION: u32 = 4;
