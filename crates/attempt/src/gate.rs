//! When a pool may be called: closed while its endpoint wants to be left alone or cannot be
//! reached, blocked when only a person can help.

use std::collections::BTreeSet;
use std::time::Duration;

/// Calls in a row without any response before the endpoint counts as out of reach.
pub const UNREACHABLE_MAX: u32 = 10;

/// Throttled calls in a row before the endpoint counts as congested, where it does not say how long
/// to wait: a single 529 among answers says nothing about the next call.
pub const THROTTLED_MAX: u32 = 3;

/// Pauses in a row in which something else than the endpoint replies at its address before a person
/// is asked: they sum up to half an hour, in which what is being replaced comes back.
pub const ASTRAY_MAX: u32 = 35;

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
    answered_at: Option<Duration>,
    /// No more of them than models are asked for.
    answered_models: BTreeSet<String>,
    /// Pauses since the last answer for what is not the endpoint.
    astray: u32,
}

/// What to make of a reply that is none of the endpoint's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Astray {
    /// Nothing at the address ever answered: it is wrong.
    Never,
    /// The address is right, and this will pass.
    Passing {
        /// Others were answered just before: it may be this job's fault all the same.
        counts: bool,
    },
    /// It has lasted for too long to be waited for.
    Lasting,
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

    /// A call ended with an answer of this model.
    pub fn answered(&mut self, model: &str, now: Duration) {
        self.responded();
        self.answered_at = Some(now);
        self.astray = 0;
        if !self.answered_models.contains(model) {
            self.answered_models.insert(model.to_owned());
        }
    }

    /// Whether any call did: then the address is right, whatever stands there for a moment.
    pub fn has_answered(&self) -> bool {
        self.answered_at.is_some()
    }

    /// Whether one of this model did: then it is there, whatever is said of it for a moment.
    pub fn has_answered_for(&self, model: &str) -> bool {
        self.answered_models.contains(model)
    }

    /// A call that started at `started` ended with a reply that is none of the endpoint's: an ingress
    /// whose backend restarts, a page for the time of maintenance. Where it was answered before, that
    /// is waited out; calls that were under way when the gate closed say nothing new.
    pub fn astray(&mut self, started: Duration, now: Duration) -> Astray {
        self.responded();
        let Some(answered_at) = self.answered_at else { return Astray::Never };
        if answered_at > started {
            return Astray::Passing { counts: true };
        }
        if started >= self.closed_until {
            if self.astray >= ASTRAY_MAX {
                return Astray::Lasting;
            }
            self.close(
                now + pause(self.astray),
                "the endpoint, in whose place something else replies",
            );
            self.astray += 1;
        }
        Astray::Passing { counts: self.astray <= 1 }
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

    /// A person has acted, or says so. Pauses stay: the endpoint asked for those. What it was waited
    /// out for may last as long once more.
    pub fn unblock(&mut self) {
        self.blocked = None;
        self.astray = 0;
    }

    fn close(&mut self, until: Duration, why: &'static str) {
        if until > self.closed_until {
            self.closed_until = until;
            self.why = why;
        }
    }

    fn next_pause(&mut self) -> Duration {
        let pause = pause(self.pauses);
        self.pauses += 1;
        pause
    }
}

/// The nth pause in a row, from 0.
fn pause(nth: u32) -> Duration {
    PAUSE_FIRST.saturating_mul(1 << nth.min(10)).min(PAUSE_MAX)
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
        gate.answered("one", s(0));
        gate.throttled(s(0), s(0), None);
        assert!(gate.has_answered());
        assert!(gate.has_answered_for("one") && !gate.has_answered_for("another"));
    }

    #[test]
    fn what_replies_where_nothing_was_ever_answered_is_no_passing_trouble() {
        let mut gate = Gate::default();
        assert_eq!(gate.astray(s(0), s(0)), Astray::Never);
        assert_eq!(gate.opening(s(0)), Opening::Open);
    }

    #[test]
    fn what_replies_in_place_of_an_endpoint_closes_its_gate_for_longer_and_longer() {
        let mut gate = Gate::default();
        gate.answered("one", s(1));
        assert_eq!(gate.astray(s(2), s(3)), Astray::Passing { counts: true });
        assert_eq!(gate.opening(s(3)), Opening::In(s(1)));
        let words = "the endpoint, in whose place something else replies, 1 s";
        assert_eq!(gate.waits_for(s(3)).as_deref(), Some(words));
        assert_eq!(gate.astray(s(4), s(5)), Astray::Passing { counts: false });
        assert_eq!(gate.opening(s(5)), Opening::In(s(2)));
        // It was under way when the gate closed.
        assert_eq!(gate.astray(s(6), s(6)), Astray::Passing { counts: false });
        assert_eq!(gate.opening(s(6)), Opening::In(s(1)));
        gate.answered("one", s(8));
        assert_eq!(gate.astray(s(9), s(9)), Astray::Passing { counts: true });
        assert_eq!(gate.opening(s(9)), Opening::In(s(1)));
    }

    #[test]
    fn others_that_were_answered_meanwhile_leave_the_gate_open() {
        let mut gate = Gate::default();
        gate.answered("one", s(5));
        assert_eq!(gate.astray(s(4), s(6)), Astray::Passing { counts: true });
        assert_eq!(gate.opening(s(6)), Opening::Open);
    }

    /// Calls as soon as the gate opens until a person is asked; gives when that is.
    fn stray_until_lasting(gate: &mut Gate, mut now: Duration) -> Duration {
        loop {
            match (gate.astray(now, now), gate.opening(now)) {
                (Astray::Lasting, _) => return now,
                (Astray::Passing { .. }, Opening::In(rest)) => now += rest,
                (astray, opening) => panic!("{astray:?}, {opening:?}"),
            }
        }
    }

    #[test]
    fn what_has_replied_for_half_an_hour_needs_a_person_who_gives_it_as_long_again() {
        let mut gate = Gate::default();
        gate.answered("one", s(0));
        let first = stray_until_lasting(&mut gate, s(1));
        assert!((s(1800)..s(1900)).contains(&first), "{first:?}");
        gate.block("nothing speaks".to_owned());
        gate.unblock();
        let again = stray_until_lasting(&mut gate, first) - first;
        assert!((s(1800)..s(1900)).contains(&again), "{again:?}");
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
