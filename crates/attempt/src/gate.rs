//! When a pool may be called: closed while its endpoint wants to be left alone or cannot be
//! reached, blocked when only a person can help.

use std::time::Duration;

/// Calls in a row without any response before the endpoint counts as out of reach.
pub const UNREACHABLE_MAX: u32 = 10;

/// Throttled calls in a row before the endpoint counts as congested, where it does not say how long
/// to wait: a single 529 among answers says nothing about the next call.
pub const THROTTLED_MAX: u32 = 3;

/// The first pause, where the endpoint does not say how long; doubled for each further one.
const PAUSE_FIRST: Duration = Duration::from_secs(1);

/// The longest pause of our own.
const PAUSE_MAX: Duration = Duration::from_secs(60);

/// A pool's gate. All times are on the caller's one clock, from any start.
#[derive(Clone, Debug, Default)]
pub struct Gate {
    closed_until: Duration,
    why: &'static str,
    blocked: Option<String>,
    pauses: u32,
    silent_calls: u32,
    throttled_calls: u32,
    has_answered: bool,
}

/// What a gate says to somebody who wants to call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Opening {
    /// Go.
    Open,
    /// Not for this long.
    In(Duration),
    /// Not until a person acts.
    Blocked(String),
}

impl Gate {
    /// Whether a call may start.
    pub fn opening(&self, now: Duration) -> Opening {
        match &self.blocked {
            Some(why) => Opening::Blocked(why.clone()),
            None if self.closed_until > now => Opening::In(self.closed_until - now),
            None => Opening::Open,
        }
    }

    /// What the pool waits for, in words.
    pub fn waits_for(&self, now: Duration) -> Option<String> {
        match self.opening(now) {
            Opening::Open => None,
            Opening::Blocked(why) => Some(why),
            Opening::In(rest) => Some(format!("{}, {:.0} s", self.why, rest.as_secs_f64().ceil())),
        }
    }

    /// A call that started at `started` was throttled. One congestion closes the gate once: calls
    /// that were already under way when it closed say nothing new, unless they ask for longer.
    pub fn throttled(&mut self, started: Duration, now: Duration, retry_after: Option<Duration>) {
        self.silent_calls = 0;
        self.throttled_calls += 1;
        let congested = self.throttled_calls >= THROTTLED_MAX && started >= self.closed_until;
        let pause = match retry_after {
            Some(asked) => asked,
            None if congested => self.next_pause(),
            None => return,
        };
        self.close(now + pause, "the endpoint, which throttled");
    }

    /// A call ended with a response of any kind but a throttle.
    pub fn responded(&mut self) {
        self.silent_calls = 0;
        self.throttled_calls = 0;
        self.pauses = 0;
    }

    /// A call ended with an answer.
    pub fn answered(&mut self) {
        self.responded();
        self.has_answered = true;
    }

    /// Whether any call did: then the address is right, whatever stands there for a moment.
    pub fn has_answered(&self) -> bool {
        self.has_answered
    }

    /// A call that started at `started` ended without any response. True if the endpoint counts as
    /// out of reach by now.
    pub fn unreachable(&mut self, started: Duration, now: Duration) -> bool {
        self.silent_calls += 1;
        if self.silent_calls < UNREACHABLE_MAX {
            return false;
        }
        if started >= self.closed_until {
            let pause = self.next_pause();
            self.close(now + pause, "the endpoint, which is out of reach");
        }
        true
    }

    /// Only a person can help.
    pub fn block(&mut self, why: String) {
        self.blocked = Some(why);
    }

    /// A person has acted, or says so. Pauses stay: the endpoint asked for those.
    pub fn unblock(&mut self) {
        self.blocked = None;
    }

    fn close(&mut self, until: Duration, why: &'static str) {
        if until > self.closed_until {
            self.closed_until = until;
            self.why = why;
        }
    }

    fn next_pause(&mut self) -> Duration {
        let pause = PAUSE_FIRST.saturating_mul(1 << self.pauses.min(10)).min(PAUSE_MAX);
        self.pauses += 1;
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn s(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn fifty_throttled_calls_of_one_congestion_close_the_gate_once() {
        let mut gate = Gate::default();
        for _ in 0..50 {
            gate.throttled(s(9), s(10), None);
        }
        assert_eq!(gate.opening(s(10)), Opening::In(s(1)));
        assert_eq!(gate.opening(s(11)), Opening::Open);
    }

    #[test]
    fn a_second_congestion_closes_it_for_longer_until_an_answer_comes() {
        let mut gate = Gate::default();
        let congest = |gate: &mut Gate, at| (0..5).for_each(|_| gate.throttled(at, at, None));
        congest(&mut gate, s(0));
        congest(&mut gate, s(1));
        assert_eq!(gate.opening(s(1)), Opening::In(s(2)));
        gate.responded();
        congest(&mut gate, s(5));
        assert_eq!(gate.opening(s(5)), Opening::In(s(1)));
    }

    #[test]
    fn a_single_throttle_among_answers_closes_nothing() {
        let mut gate = Gate::default();
        for at in 0..100 {
            gate.throttled(s(at), s(at), None);
            assert_eq!(gate.opening(s(at)), Opening::Open);
            gate.responded();
        }
    }

    #[test]
    fn what_the_endpoint_asks_for_is_obeyed_and_never_shortened() {
        let mut gate = Gate::default();
        gate.throttled(s(0), s(0), Some(s(30)));
        gate.throttled(s(0), s(1), Some(s(2)));
        assert_eq!(gate.opening(s(1)), Opening::In(s(29)));
        assert_eq!(gate.waits_for(s(1)).as_deref(), Some("the endpoint, which throttled, 29 s"));
    }

    #[test]
    fn silence_closes_the_gate_after_a_bound_and_an_answer_opens_it() {
        let mut gate = Gate::default();
        let reached = (1..UNREACHABLE_MAX).all(|_| !gate.unreachable(s(0), s(0)));
        assert!(reached && gate.unreachable(s(0), s(0)));
        assert_eq!(gate.opening(s(0)), Opening::In(s(1)));
        gate.responded();
        assert!(!gate.unreachable(s(2), s(2)));
    }

    #[test]
    fn only_an_answer_tells_that_the_address_is_right() {
        let mut gate = Gate::default();
        gate.responded();
        assert!(!gate.has_answered());
        gate.answered();
        gate.throttled(s(0), s(0), None);
        assert!(gate.has_answered());
    }

    #[test]
    fn a_blocked_pool_stays_blocked() {
        let mut gate = Gate::default();
        gate.block("401: no such key".to_owned());
        gate.responded();
        assert_eq!(gate.opening(s(1000)), Opening::Blocked("401: no such key".to_owned()));
    }

    #[test]
    fn what_lifts_a_block_leaves_a_pause_as_it_is() {
        let mut gate = Gate::default();
        gate.throttled(s(0), s(0), Some(s(30)));
        gate.block("401: no such key".to_owned());
        gate.unblock();
        assert_eq!(gate.opening(s(10)), Opening::In(s(20)));
    }
}
