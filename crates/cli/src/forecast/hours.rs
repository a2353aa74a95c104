//! How long a load takes at least: by the limit that binds.

use crate::settings::endpoints::{EndpointSection, PoolSection};
use crate::watch::grouped;

/// A guess of how long a call takes that nobody has seen: until the first token, and from one token to
/// the next. It stands beside every number that it is in.
const FIRST_TOKEN_S: f64 = 1.0;
const TOKENS_PER_S: f64 = 50.0;
/// Calls at once where no concurrency is known: what is begun with.
const CONCURRENCY: u32 = iago_ledger::UNKNOWN_CONCURRENCY;
const HOURS_OF_A_DAY: f64 = 24.0;
const MINUTES_OF_AN_HOUR: f64 = 60.0;
const SECONDS_OF_AN_HOUR: f64 = 3_600.0;

/// What a pool is asked for, or what is expected of it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Load {
    pub(crate) jobs: f64,
    pub(crate) calls: f64,
    /// Tokens.
    pub(crate) input: f64,
    /// Tokens.
    pub(crate) output: f64,
    /// Where it is not known, as far as it is.
    pub(crate) picodollars: f64,
    /// Seconds that calls take, one after another.
    pub(crate) busy_s: f64,
}

/// How long something takes at least, and what it hangs on.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Hours {
    pub(crate) hours: f64,
    /// The limit that binds.
    pub(crate) by: String,
}

/// How long a call takes that may give so many tokens, as far as anybody can tell.
pub(crate) fn latency_guess_s(section: Option<&EndpointSection>, output: f64) -> f64 {
    match section.and_then(|section| section.simulation.as_ref()) {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of a latency")]
        Some(simulation) => simulation.latency_ms as f64 / 1_000.0,
        None => FIRST_TOKEN_S + output / TOKENS_PER_S,
    }
}

/// In words what [`latency_guess_s`] takes a call for.
pub(crate) fn guess_words(section: Option<&EndpointSection>) -> String {
    match section.and_then(|section| section.simulation.as_ref()) {
        Some(simulation) => format!("its latency_ms of {}", simulation.latency_ms),
        None => format!("a guess of {FIRST_TOKEN_S} s and {TOKENS_PER_S} tokens/s a call"),
    }
}

/// How long a load takes within these limits; `latency` says in words where its seconds are from.
pub(crate) fn hours(load: &Load, limits: &PoolSection, latency: &str) -> Hours {
    #[expect(clippy::cast_precision_loss, reason = "hours for people")]
    let by_minute = |name: &str, amount: f64, limit: Option<u64>| {
        limit.map(|limit| Hours {
            hours: amount / limit as f64 / MINUTES_OF_AN_HOUR,
            by: format!("{name} = {}", grouped(limit)),
        })
    };
    let (input, output) = (load.input, load.output);
    let requests = limits.requests_per_minute.map(u64::from);
    let found = [
        by_minute("requests_per_minute", load.calls, requests),
        by_minute("input_tokens_per_minute", input, limits.input_tokens_per_minute),
        by_minute("output_tokens_per_minute", output, limits.output_tokens_per_minute),
        by_minute("tokens_per_minute", input + output, limits.tokens_per_minute),
        by_day_requests(load, limits),
        by_day_dollars(load, limits),
    ];
    let slots = by_slots(load, limits, latency);
    // What is as long as another one is said of the limit, and not of a guess.
    found
        .into_iter()
        .flatten()
        .fold(slots, |most, one| if one.hours >= most.hours { one } else { most })
}

/// The first day's share may go at once.
fn days(amount: f64, a_day: f64) -> f64 {
    (amount / a_day - 1.0).max(0.0) * HOURS_OF_A_DAY
}

#[expect(clippy::cast_precision_loss, reason = "hours for people")]
fn by_day_requests(load: &Load, limits: &PoolSection) -> Option<Hours> {
    let limit = limits.requests_per_day?;
    let by = format!("requests_per_day = {}", grouped(limit));
    Some(Hours { hours: days(load.calls, limit as f64), by })
}

#[expect(clippy::cast_precision_loss, reason = "hours for people")]
fn by_day_dollars(load: &Load, limits: &PoolSection) -> Option<Hours> {
    let limit = limits.usd_per_day?;
    let by = format!("usd_per_day = {limit}");
    Some(Hours { hours: days(load.picodollars, limit.0 as f64), by })
}

fn by_slots(load: &Load, limits: &PoolSection, latency: &str) -> Hours {
    let known = limits.concurrency;
    let slots = known.unwrap_or(CONCURRENCY);
    let learnt = if known.is_none() { " to begin with" } else { "" };
    Hours {
        hours: load.busy_s / f64::from(slots.max(1)) / SECONDS_OF_AN_HOUR,
        by: format!("concurrency = {slots}{learnt}, at {latency}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::decimal::Dollars;

    const LOAD: Load = Load {
        jobs: 6_000.0,
        calls: 6_000.0,
        input: 6e6,
        output: 3e6,
        picodollars: 24e12,
        busy_s: 36_000.0,
    };

    fn binding(limits: &PoolSection) -> (f64, String) {
        let Hours { hours: long, by } = hours(&LOAD, limits, "a guess");
        (long, by)
    }

    #[test]
    fn the_limit_that_takes_longest_is_named() {
        let limits = PoolSection { requests_per_minute: Some(50), ..PoolSection::default() };
        assert_eq!(binding(&limits), (2.0, "requests_per_minute = 50".to_owned()));
        let tokens = PoolSection { output_tokens_per_minute: Some(10_000), ..limits };
        assert_eq!(binding(&tokens), (5.0, "output_tokens_per_minute = 10,000".to_owned()));
        let both = PoolSection { tokens_per_minute: Some(15_000), ..limits };
        assert_eq!(binding(&both), (10.0, "tokens_per_minute = 15,000".to_owned()));
        let day = PoolSection { requests_per_day: Some(2_000), ..limits };
        assert_eq!(binding(&day), (48.0, "requests_per_day = 2,000".to_owned()));
        let money = PoolSection { usd_per_day: Some(Dollars(12_000_000_000_000)), ..limits };
        assert_eq!(binding(&money), (24.0, "usd_per_day = 12".to_owned()));
    }

    #[test]
    fn without_a_limit_it_is_slots_and_a_guess_that_says_so() {
        let (long, by) = binding(&PoolSection { concurrency: Some(10), ..PoolSection::default() });
        assert!((long - 1.0).abs() < 1e-9);
        assert_eq!(by, "concurrency = 10, at a guess");
        let (_, by) = binding(&PoolSection::default());
        assert_eq!(by, "concurrency = 32 to begin with, at a guess");
    }

    #[test]
    fn what_fits_into_a_day_waits_for_none() {
        let limits = PoolSection { requests_per_day: Some(6_000), ..PoolSection::default() };
        assert!(binding(&limits).1.starts_with("concurrency"));
    }
}
