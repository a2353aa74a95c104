//! Sums over a sweep, by one statement, so that they are of one instant.

use iago_store::{StoreError, Totals};
use iago_sweep::{Money, Usage};
use sqlx::sqlite::SqliteRow;

use crate::column::Stored;

/// Sums of 64-bit columns are taken by halves: SQLite's `sum` fails when it overflows, and one
/// endpoint that reports absurd usage would make a sweep unreadable.
pub(crate) const TOTALS: &str = "SELECT * FROM (
    SELECT count(*) AS results,
        coalesce(sum(calls), 0) AS calls_results,
        coalesce(sum(throttles), 0) AS throttles_results,
        count(*) - count(cost) AS unpriced_results,
        coalesce(sum(cost >> 32), 0) AS cost_results_high,
        coalesce(sum(cost & 0xffffffff), 0) AS cost_results_low,
        coalesce(sum(input >> 32 & 0xffffffff), 0) AS input_high,
        coalesce(sum(input & 0xffffffff), 0) AS input_low,
        coalesce(sum(cached_input >> 32 & 0xffffffff), 0) AS cached_input_high,
        coalesce(sum(cached_input & 0xffffffff), 0) AS cached_input_low,
        coalesce(sum(cache_write >> 32 & 0xffffffff), 0) AS cache_write_high,
        coalesce(sum(cache_write & 0xffffffff), 0) AS cache_write_low,
        coalesce(sum(output >> 32 & 0xffffffff), 0) AS output_high,
        coalesce(sum(output & 0xffffffff), 0) AS output_low,
        coalesce(sum(reasoning >> 32 & 0xffffffff), 0) AS reasoning_high,
        coalesce(sum(reasoning & 0xffffffff), 0) AS reasoning_low
    FROM results WHERE sweep = ?1
), (
    SELECT count(*) AS failures,
        coalesce(sum(calls), 0) AS calls_failures,
        coalesce(sum(throttles), 0) AS throttles_failures,
        count(*) - count(cost) AS unpriced_failures,
        coalesce(sum(cost >> 32), 0) AS cost_failures_high,
        coalesce(sum(cost & 0xffffffff), 0) AS cost_failures_low
    FROM failures WHERE sweep = ?1
), (
    SELECT count(*) AS attempts,
        coalesce(sum(calls), 0) AS calls_attempts,
        count(*) - count(cost) AS unpriced_attempts,
        coalesce(sum(cost >> 32), 0) AS cost_attempts_high,
        coalesce(sum(cost & 0xffffffff), 0) AS cost_attempts_low
    FROM attempts AS this WHERE sweep = ?1 AND NOT (cause = 'abandoned' AND (
        EXISTS (SELECT 1 FROM results AS exact WHERE exact.sweep = ?1 AND exact.job = this.job
            AND exact.term = this.term AND exact.attempt = this.attempt)
        OR EXISTS (SELECT 1 FROM failures AS exact WHERE exact.sweep = ?1 AND exact.job = this.job
            AND exact.term = this.term AND exact.attempt = this.attempt)
        OR EXISTS (SELECT 1 FROM attempts AS exact WHERE exact.sweep = ?1 AND exact.job = this.job
            AND exact.term = this.term AND exact.attempt = this.attempt
            AND exact.cause <> 'abandoned')))
)";

pub(crate) fn totals(row: &SqliteRow) -> Result<Totals, StoreError> {
    let stored = Stored { table: "totals", row };
    let whole = |high, low| halves(&stored, high, low);
    let cost = whole("cost_results_high", "cost_results_low")?
        + whole("cost_failures_high", "cost_failures_low")?
        + whole("cost_attempts_high", "cost_attempts_low")?;
    Ok(Totals {
        results: stored.number("results")?,
        failures: stored.number("failures")?,
        attempts: stored.number("attempts")?,
        calls_results: stored.number("calls_results")?,
        calls_failures: stored.number("calls_failures")?,
        calls_attempts: stored.number("calls_attempts")?,
        throttles: stored.number::<u64>("throttles_results")?
            + stored.number::<u64>("throttles_failures")?,
        cost: Money(i64::try_from(cost).unwrap_or(i64::MAX)),
        unpriced: stored.number::<u64>("unpriced_results")?
            + stored.number::<u64>("unpriced_failures")?
            + stored.number::<u64>("unpriced_attempts")?,
        usage: Usage {
            input: tokens(whole("input_high", "input_low")?),
            cached_input: tokens(whole("cached_input_high", "cached_input_low")?),
            cache_write: tokens(whole("cache_write_high", "cache_write_low")?),
            output: tokens(whole("output_high", "output_low")?),
            reasoning: tokens(whole("reasoning_high", "reasoning_low")?),
        },
    })
}

fn halves(stored: &Stored<'_>, high: &'static str, low: &'static str) -> Result<i128, StoreError> {
    Ok((i128::from(stored.value::<i64>(high)?) << 32) + i128::from(stored.value::<i64>(low)?))
}

fn tokens(sum: i128) -> u64 {
    u64::try_from(sum).unwrap_or(u64::MAX)
}
