//! The cases: which limit, told or not, how many workers, and what must come of it.

use std::time::Duration;

use iago_simulated_endpoint::{Limit, LimitKind, RetryAfter, Tells};

/// A burst that a vendor's bucket may have.
const BUCKET: LimitKind = LimitKind::TokenBucket { burst_seconds: 1.0 };
/// In calls a minute, where a case is about nothing else.
const LIMIT: u32 = 600;
/// How many workers there can be.
const WORKERS: [u32; 3] = [1, 4, 16];
/// The first minute is for finding out, or for what was used before.
const FIRST: Duration = Duration::from_secs(60);
/// After a change, the window of before has to pass.
const OLD_WINDOW: Duration = Duration::from_secs(60);
/// How long so few calls are counted at least that whole ones make a difference.
const ROTATING: Duration = Duration::from_secs(300);
/// How long finding out what has changed may take.
const FINDING: Duration = Duration::from_secs(30);

/// One case.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) what: What,
    pub(super) workers: u32,
    pub(super) kind: LimitKind,
    /// What is counted.
    pub(super) from: Duration,
    pub(super) until: Duration,
}

/// What a case is about.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum What {
    /// The configuration says it.
    Known,
    /// Fewer calls a minute than there are workers.
    Rotating,
    /// Nobody says it, and replies do not either.
    Unknown,
    /// The same, and it becomes so many times as large in the middle.
    Changed(f64),
    /// The configuration says how many tokens.
    Tokens,
    /// Two endpoints of very different limits in one sweep.
    TwoPools,
    /// Two equal sweeps, one endpoint.
    TwoSweeps,
    /// Beside an endpoint that admits next to nothing.
    BesideBlocked,
}

impl Case {
    pub(super) fn name(&self) -> String {
        let kind = match self.kind {
            LimitKind::SlidingMinute => "sliding",
            LimitKind::TokenBucket { .. } => "bucket",
        };
        let what = match self.what {
            What::Known => "known".to_owned(),
            What::Rotating => "known, fewer than workers".to_owned(),
            What::Unknown => "unknown".to_owned(),
            What::Changed(factor) => format!("unknown, then x {factor}"),
            What::Tokens => "input tokens, known".to_owned(),
            What::TwoPools => "two pools".to_owned(),
            What::TwoSweeps => "two equal sweeps".to_owned(),
            What::BesideBlocked => "beside a blocked pool".to_owned(),
        };
        format!("{what}, {kind}")
    }

    /// What the endpoint admits at first.
    pub(super) fn limit(&self) -> Limit {
        let known = |requests| Limit { kind: self.kind, ..Limit::requests(requests) };
        let untold = Tells { headers: false, retry_after: RetryAfter::Seconds };
        match self.what {
            What::Rotating => known(12),
            What::Unknown | What::Changed(_) => Limit { tells: untold, ..known(LIMIT) },
            What::Tokens => Limit {
                requests_per_minute: None,
                input_tokens_per_minute: Some(60_000),
                ..known(LIMIT)
            },
            What::TwoPools => known(6_000),
            What::Known | What::TwoSweeps | What::BesideBlocked => known(LIMIT),
        }
    }

    /// What the other endpoint admits, where there is one.
    pub(super) fn other(&self) -> Option<Limit> {
        let limit = |requests| Limit { kind: self.kind, ..Limit::requests(requests) };
        match self.what {
            What::TwoPools => Some(limit(60)),
            What::BesideBlocked => Some(limit(1)),
            What::Known
            | What::Rotating
            | What::Unknown
            | What::Changed(_)
            | What::Tokens
            | What::TwoSweeps => None,
        }
    }

    /// When the limit changes, and to what.
    pub(super) fn change(&self) -> Option<(Duration, Limit)> {
        let What::Changed(factor) = self.what else { return None };
        let at = self.from.checked_sub(OLD_WINDOW + FINDING)?;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a limit")]
        let requests = (f64::from(LIMIT) * factor) as u32;
        let limit = self.limit();
        Some((at, Limit { requests_per_minute: Some(requests), ..limit }))
    }

    /// The least share of the limit that is to be used, and the most throttled calls.
    pub(super) fn bounds(&self) -> (f64, Option<f64>) {
        match self.what {
            What::Unknown | What::Changed(_) => (0.90, None),
            What::Tokens => (0.95, Some(0.001)),
            What::Known
            | What::Rotating
            | What::TwoPools
            | What::TwoSweeps
            | What::BesideBlocked => (0.98, Some(0.001)),
        }
    }
}

/// All of them; each counts for so many seconds.
pub(super) fn cases(seconds: u64) -> Vec<Case> {
    let counted = Duration::from_secs(seconds);
    let case = |what, workers, kind| {
        let (from, counted) = match what {
            What::Changed(_) => (FIRST + FIRST + OLD_WINDOW + FINDING, counted),
            // A call every five seconds: one more or less is to be no percent.
            What::Rotating => (FIRST, counted.max(ROTATING)),
            What::Known
            | What::Unknown
            | What::Tokens
            | What::TwoPools
            | What::TwoSweeps
            | What::BesideBlocked => (FIRST, counted),
        };
        Case { what, workers, kind, from, until: from + counted }
    };
    let kinds = [LimitKind::SlidingMinute, BUCKET];
    let mut cases = Vec::new();
    for kind in kinds {
        cases.extend(WORKERS.map(|workers| case(What::Known, workers, kind)));
        cases.push(case(What::Rotating, 16, kind));
        cases.extend(WORKERS.map(|workers| case(What::Unknown, workers, kind)));
        cases.extend([0.5, 2.0].map(|factor| case(What::Changed(factor), 4, kind)));
        for what in [What::Tokens, What::TwoPools, What::TwoSweeps, What::BesideBlocked] {
            cases.push(case(what, 4, kind));
        }
    }
    cases
}
