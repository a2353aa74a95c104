//! What a store's trouble is to whoever asked for something: worth another try, or not.

use iago_store::StoreError;
use tonic::Status;

use crate::standing::StandingError;

/// A store's error in the terms of the wire.
#[expect(clippy::needless_pass_by_value, reason = "shaped for map_err")]
pub(crate) fn of_store(error: StoreError) -> Status {
    let words = error.to_string();
    match error {
        StoreError::Missing { .. }
        | StoreError::NoToken { .. }
        | StoreError::NoBaseline { .. }
        | StoreError::NoRun { .. } => Status::not_found(words),
        StoreError::Corrupt { .. } | StoreError::Newer { .. } => Status::data_loss(words),
        StoreError::Taken { .. } | StoreError::BaselineTaken { .. } => {
            Status::already_exists(words)
        }
        StoreError::Conflict { .. } => Status::failed_precondition(words),
        StoreError::TooMany { .. } => Status::invalid_argument(words),
        StoreError::Unavailable { .. }
        | StoreError::Full { .. }
        | StoreError::Deposed { .. }
        | StoreError::Led { .. }
        | StoreError::Locked { .. }
        | StoreError::Refused { .. }
        | StoreError::Unusable { .. } => Status::unavailable(words),
    }
}

/// The same where a stored plan was to be read as well.
pub(crate) fn of_standing(error: StandingError) -> Status {
    match error {
        StandingError::Store(error) => of_store(error),
        StandingError::Plan { .. } => Status::data_loss(error.to_string()),
    }
}
