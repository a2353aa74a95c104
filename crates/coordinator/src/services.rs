//! The two gRPC services: thin doors to the loop.

pub(crate) mod jobs;
pub(crate) mod workers;
