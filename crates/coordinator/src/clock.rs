//! The wall clock, read in one place.

use jiff::Timestamp;
use tokio::time::Instant;

/// What tells the time of day. Nothing but days and due times goes by it: how long something takes is
/// the monotonic clock's matter.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// The machine's.
    #[default]
    Machine,
    /// One that was set to a moment at an instant, and goes as fast as the runtime's own time: where that
    /// is paused, so is this.
    Set(Timestamp, Instant),
}

impl Clock {
    /// A clock that shows this moment now.
    pub fn set(shown: Timestamp) -> Self {
        Self::Set(shown, Instant::now())
    }

    pub(crate) fn now(self) -> Timestamp {
        match self {
            Self::Machine => read_machine(),
            Self::Set(shown, at) => {
                let gone = Instant::now().duration_since(at);
                shown.checked_add(gone).unwrap_or(Timestamp::MAX)
            }
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "a shell, and the only wall clock that it reads")]
fn read_machine() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let since = since.unwrap_or_default();
    Timestamp::UNIX_EPOCH.checked_add(since).unwrap_or(Timestamp::MAX)
}
