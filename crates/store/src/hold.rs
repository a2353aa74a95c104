//! Who holds the latest term and for how long, for stores that no other process can write to: the
//! time then lives with the open store and ends with it.

use std::time::Duration;

use tokio::time::Instant;

use crate::StoreError;

/// A term that is held from some moment on.
#[derive(Clone, Debug)]
pub struct Hold {
    holder: String,
    since: Instant,
    lasts: Duration,
}

impl Hold {
    /// Holds for `lasts` from now.
    pub fn start(holder: String, lasts: Duration) -> Self {
        Self { holder, since: Instant::now(), lasts }
    }

    /// Nothing, once it has run out.
    ///
    /// [`StoreError::Led`] before.
    pub fn require_over(&self) -> Result<(), StoreError> {
        let left = self.lasts.saturating_sub(self.since.elapsed());
        if left.is_zero() {
            return Ok(());
        }
        Err(StoreError::Led { holder: self.holder.clone(), left })
    }
}
