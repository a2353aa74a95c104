//! The gRPC services: thin doors to the loop and to what is stored.

mod gather;
pub(crate) mod jobs;
pub(crate) mod nights;
mod pages;
pub(crate) mod status;
pub(crate) mod workers;
