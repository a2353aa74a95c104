//! Who may knock: tokens by their hashes, and a record of every act of authority.

use std::future::Future;
use std::time::Duration;

use iago_sweep::{Digest, SweepId, words};

use crate::StoreError;

words! {
    /// What a token opens.
    Scope, "scope", {
        /// Take jobs and deliver their results.
        Worker = "worker",
        /// Submit sweeps and decide about them; whatever a reader may, too.
        Operator = "operator",
        /// Look, and change nothing.
        Reader = "reader",
    }
}

words! {
    /// Something that somebody with authority did.
    Act, "act", {
        /// Handed in a sweep.
        Submit = "submit",
        /// Extended a sweep.
        Extend = "extend",
        /// Asked for a sweep to pause.
        Pause = "pause",
        /// Let a sweep go on.
        Resume = "resume",
        /// Gave a sweep up.
        Cancel = "cancel",
        /// Opened the next retry round of a sweep.
        Retry = "retry",
        /// Granted a token.
        Grant = "grant",
        /// Revoked a token.
        Revoke = "revoke",
        /// Took leadership.
        Lead = "lead",
        /// Gave leadership up.
        Resign = "resign",
        /// Asked for all work to end.
        Drain = "drain",
        /// Added or replaced a schedule.
        Schedule = "schedule",
        /// Removed a schedule.
        Unschedule = "unschedule",
        /// Asked for a schedule to pause.
        PauseSchedule = "pause-schedule",
        /// Let a schedule go on.
        ResumeSchedule = "resume-schedule",
        /// Asked for a run of a schedule at once.
        RunNow = "run-now",
        /// Set a baseline.
        Pin = "pin",
        /// Removed a baseline.
        Unpin = "unpin",
    }
}

/// A token to be granted. Its text is shown once and never stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewToken {
    /// What people call it; no other token may ever have had this name.
    pub name: String,
    /// What it opens.
    pub scope: Scope,
    /// The hash of its text.
    pub hash: Digest,
    /// How long it is good for; none: until it is revoked.
    pub lives: Option<Duration>,
}

/// A token as it is kept. All times are by the store's clock, in milliseconds since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    /// What people call it.
    pub name: String,
    /// What it opens.
    pub scope: Scope,
    /// The hash of its text.
    pub hash: Digest,
    /// When it was granted.
    pub created_ms: i64,
    /// When it stops being good, if ever.
    pub expires_ms: Option<i64>,
    /// When it was revoked first, if it was.
    pub revoked_ms: Option<i64>,
    /// How long it is good from the moment of reading.
    pub left: Left,
}

/// How long a token is good, from the moment it was read: a duration, so that whoever asks needs no
/// clock that agrees with the store's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Until somebody revokes it.
    Unlimited,
    /// This long.
    For(Duration),
    /// Not any more: it has expired or was revoked.
    Nothing,
}

impl Left {
    /// What is left at `now_ms`, in milliseconds by the clock of the other two. The moment of
    /// expiry itself is too late.
    pub fn at(now_ms: i64, expires_ms: Option<i64>, revoked_ms: Option<i64>) -> Self {
        match (expires_ms, revoked_ms) {
            (_, Some(_)) => Self::Nothing,
            (None, None) => Self::Unlimited,
            (Some(expires_ms), None) => match u64::try_from(expires_ms.saturating_sub(now_ms)) {
                Ok(0) | Err(_) => Self::Nothing,
                Ok(left_ms) => Self::For(Duration::from_millis(left_ms)),
            },
        }
    }
}

/// An act of authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Audited {
    /// When it was noted, in milliseconds since 1970, by the store's clock.
    pub at_ms: i64,
    /// Who did it: the name of a token, or of a process.
    pub who: String,
    /// What they did.
    pub act: Act,
    /// To which sweep, if it was about one.
    pub sweep: Option<SweepId>,
    /// What else there is to say.
    pub detail: String,
}

/// Tokens and the audit. Whatever a verb returns from survives a crash; one that fails has written
/// nothing. No term is asked for: tokens are granted while nobody leads.
pub trait Access: Send + Sync + 'static {
    /// Keeps a new token. [`StoreError::Taken`] if any token has its name, also one that has
    /// expired or was revoked: the audit speaks of tokens by name.
    fn grant(&self, token: NewToken) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Every token that was ever granted, by name.
    fn tokens(&self) -> impl Future<Output = Result<Vec<Token>, StoreError>> + Send;

    /// Makes a token good for nothing, for good. One that is revoked already stays as it is.
    /// [`StoreError::NoToken`] if none has this name.
    fn revoke(&self, name: &str) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Records an act. Who asked and for what is kept as given: the sweep need not exist.
    fn note(
        &self,
        who: &str,
        act: Act,
        sweep: Option<SweepId>,
        detail: &str,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// The latest acts, the newest first, at most `limit` of them.
    fn audit(&self, limit: usize) -> impl Future<Output = Result<Vec<Audited>, StoreError>> + Send;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_back() {
        for scope in Scope::ALL {
            assert_eq!(scope.word().parse(), Ok(*scope));
        }
        for act in Act::ALL {
            assert_eq!(act.word().parse(), Ok(*act));
        }
        let unknown = "Worker".parse::<Scope>().unwrap_err();
        assert_eq!(unknown.to_string(), "`Worker` is not a known scope");
    }

    #[test]
    fn the_moment_of_expiry_is_too_late() {
        assert_eq!(Left::at(1_000, Some(1_001), None), Left::For(Duration::from_millis(1)));
        assert_eq!(Left::at(1_000, Some(1_000), None), Left::Nothing);
        assert_eq!(Left::at(1_000, Some(i64::MIN), None), Left::Nothing);
        assert_eq!(Left::at(i64::MIN, Some(i64::MAX), Some(0)), Left::Nothing);
        assert_eq!(Left::at(1_000, None, None), Left::Unlimited);
        assert_eq!(Left::at(1_000, None, Some(2_000)), Left::Nothing);
    }
}
