//! One execution of a job under one lease: calls until there is an answer or no hope of one.

use std::time::Duration;

use iago_sweep::FailureClass;

/// Calls that may end in passing trouble before an attempt is given up.
pub const CALLS_MAX: u32 = 8;

/// Passing troubles that are the same to the letter before an attempt is given up: an endpoint
/// that answers the same 500 five times in a row is not having a bad moment.
pub const IDENTICAL_MAX: u32 = 5;

/// Throttled calls before an attempt is given up. A throttle is no failure of the attempt, and its
/// pool waits as told; this only bounds an endpoint that throttles for ever.
pub const THROTTLES_MAX: u32 = 200;

/// Replies that were none of the endpoint's, each just after it had answered others, before an
/// attempt is given up: what a firewall says of this one request never passes. A replica that
/// restarts beside others is met by far fewer calls in a row.
pub const STRAYS_MAX: u32 = 20;

/// How a call ended, as far as the attempt cares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With an answer, be it a refusal.
    Answered,
    /// The endpoint wants fewer calls.
    Throttled,
    /// Before the endpoint could see it: no connection was made. It is no HTTP exchange, and the
    /// endpoint's own log will not have it.
    Unsent {
        /// What the transport says.
        trouble: Trouble,
        /// False while the whole pool is known to be out of reach: it is not this job's fault.
        counts: bool,
    },
    /// With trouble that may pass.
    Transient {
        /// What it was.
        trouble: Trouble,
        /// How long the endpoint asks to wait.
        retry_after: Option<Duration>,
    },
    /// With a reply of something else that stands in the endpoint's place for a while.
    Astray {
        /// False while the endpoint answers nobody: it is not this job's fault.
        counts: bool,
    },
    /// The endpoint will never answer this request.
    Rejected,
    /// The endpoint does not accept the credential, or its money has run out.
    Credential,
    /// Nothing at its address can answer.
    Misaddressed,
}

/// A passing trouble: two are the same if both parts are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// The HTTP status; `None` where no response came.
    pub status: Option<u16>,
    /// The provider's or the transport's words.
    pub message: String,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Deliver the answer.
    Deliver,
    /// Call again with the identical request, after the nth backoff and no sooner than `at_least`.
    CallAgain {
        /// Which backoff of this attempt, from 0; `None` where only the pool's gate is to be waited for.
        backoff: Option<u32>,
        /// What the endpoint asked for.
        at_least: Option<Duration>,
    },
    /// Deliver a failure.
    Fail(FailureClass),
    /// Give the job back: nothing is wrong with it.
    Release,
}

/// The machine.
#[derive(Clone, Debug, Default)]
pub struct Attempt {
    calls: u32,
    throttles: u32,
    strays: u32,
    transients: u32,
    last: Option<Trouble>,
    identical: u32,
}

impl Attempt {
    /// HTTP exchanges so far.
    pub fn calls(&self) -> u32 {
        self.calls
    }

    /// How many of them were throttled.
    pub fn throttles(&self) -> u32 {
        self.throttles
    }

    /// Counts a call that ended, and decides.
    pub fn ended(&mut self, ended: Ended) -> Next {
        if !matches!(ended, Ended::Unsent { .. }) {
            self.calls += 1;
        }
        match ended {
            Ended::Answered => Next::Deliver,
            Ended::Rejected => Next::Fail(FailureClass::Rejected),
            Ended::Credential | Ended::Misaddressed => Next::Release,
            Ended::Throttled => self.throttled(),
            Ended::Astray { counts: true } => self.strayed(),
            Ended::Astray { counts: false } | Ended::Unsent { counts: false, .. } => {
                Next::CallAgain { backoff: None, at_least: None }
            }
            Ended::Unsent { trouble, counts: true } => self.troubled(trouble, None),
            Ended::Transient { trouble, retry_after } => self.troubled(trouble, retry_after),
        }
    }

    fn throttled(&mut self) -> Next {
        self.throttles += 1;
        if self.throttles >= THROTTLES_MAX {
            return Next::Fail(FailureClass::Exhausted);
        }
        Next::CallAgain { backoff: Some(self.throttles - 1), at_least: None }
    }

    fn strayed(&mut self) -> Next {
        self.strays += 1;
        if self.strays >= STRAYS_MAX {
            return Next::Fail(FailureClass::Exhausted);
        }
        Next::CallAgain { backoff: Some(self.strays - 1), at_least: None }
    }

    fn troubled(&mut self, trouble: Trouble, at_least: Option<Duration>) -> Next {
        let backoff = Some(self.transients);
        self.transients += 1;
        self.identical = if self.last.as_ref() == Some(&trouble) { self.identical + 1 } else { 1 };
        self.last = Some(trouble);
        if self.transients >= CALLS_MAX || self.identical >= IDENTICAL_MAX {
            return Next::Fail(FailureClass::Exhausted);
        }
        Next::CallAgain { backoff, at_least }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trouble(status: u16, words: &str) -> Ended {
        let trouble = Trouble { status: Some(status), message: words.to_owned() };
        Ended::Transient { trouble, retry_after: None }
    }

    #[test]
    fn troubles_are_endured_up_to_a_bound() {
        let mut attempt = Attempt::default();
        for n in 0..CALLS_MAX - 1 {
            let next = attempt.ended(trouble(500, &format!("trouble {n}")));
            assert_eq!(next, Next::CallAgain { backoff: Some(n), at_least: None });
        }
        assert_eq!(attempt.ended(trouble(502, "")), Next::Fail(FailureClass::Exhausted));
        assert_eq!(attempt.calls(), CALLS_MAX);
    }

    #[test]
    fn the_same_trouble_again_and_again_ends_sooner() {
        let mut attempt = Attempt::default();
        for _ in 1..IDENTICAL_MAX {
            assert!(matches!(attempt.ended(trouble(500, "broken")), Next::CallAgain { .. }));
        }
        assert_eq!(attempt.ended(trouble(500, "broken")), Next::Fail(FailureClass::Exhausted));
    }

    #[test]
    fn a_throttle_is_a_call_and_no_failure() {
        let mut attempt = Attempt::default();
        for nth in 0..CALLS_MAX * 3 {
            let next = attempt.ended(Ended::Throttled);
            assert_eq!(next, Next::CallAgain { backoff: Some(nth), at_least: None });
        }
        assert_eq!(attempt.ended(Ended::Answered), Next::Deliver);
        assert_eq!((attempt.calls(), attempt.throttles()), (CALLS_MAX * 3 + 1, CALLS_MAX * 3));
    }

    #[test]
    fn an_endpoint_that_throttles_for_ever_is_given_up() {
        let mut attempt = Attempt::default();
        let ends = (1..=THROTTLES_MAX).map(|_| attempt.ended(Ended::Throttled)).last();
        assert_eq!(ends, Some(Next::Fail(FailureClass::Exhausted)));
    }

    #[test]
    fn an_outage_of_the_pool_is_not_the_jobs_fault() {
        let mut attempt = Attempt::default();
        let outage = Trouble { status: None, message: "connection refused".into() };
        for _ in 0..100 {
            let ended = Ended::Unsent { trouble: outage.clone(), counts: false };
            assert!(matches!(attempt.ended(ended), Next::CallAgain { backoff: None, .. }));
        }
        assert_eq!(attempt.calls(), 0, "the endpoint saw none of them");
    }

    #[test]
    fn what_replies_in_place_of_an_endpoint_costs_no_job_while_nobody_is_answered() {
        let mut attempt = Attempt::default();
        for _ in 0..100 {
            let next = attempt.ended(Ended::Astray { counts: false });
            assert_eq!(next, Next::CallAgain { backoff: None, at_least: None });
        }
        assert_eq!(attempt.ended(Ended::Answered), Next::Deliver);
        assert_eq!(attempt.calls(), 101);
    }

    #[test]
    fn a_job_that_something_else_replies_to_while_others_are_answered_is_given_up() {
        let mut attempt = Attempt::default();
        for nth in 0..STRAYS_MAX - 1 {
            let next = attempt.ended(Ended::Astray { counts: true });
            assert_eq!(next, Next::CallAgain { backoff: Some(nth), at_least: None });
        }
        let next = attempt.ended(Ended::Astray { counts: true });
        assert_eq!(next, Next::Fail(FailureClass::Exhausted));
    }

    #[test]
    fn rejections_are_told_from_what_only_a_person_can_mend() {
        assert_eq!(Attempt::default().ended(Ended::Rejected), Next::Fail(FailureClass::Rejected));
        for ended in [Ended::Credential, Ended::Misaddressed] {
            assert_eq!(Attempt::default().ended(ended), Next::Release);
        }
    }
}
