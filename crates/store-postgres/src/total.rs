//! Sums over a sweep, by one statement, so that they are of one instant.

use iago_store::{StoreError, Totals};
use iago_sweep::{Money, Usage};
use sqlx::postgres::PgRow;

use crate::column::Stored;

/// Sums are `numeric`, which no endpoint's absurd number can overflow, and come as text: the driver
/// has no such type. A token count that is negative stands for one of more than 63 bits.
pub(crate) const TOTALS: &str = "SELECT * FROM (
    SELECT count(*) AS results,
        coalesce(sum(calls), 0)::text AS calls_results,
        coalesce(sum(throttles), 0)::text AS throttles_results,
        count(*) - count(cost) AS unpriced_results,
        coalesce(sum(cost), 0)::text AS cost_results,
        (coalesce(sum(input), 0)
            + count(*) FILTER (WHERE input < 0) * 18446744073709551616)::text AS input,
        (coalesce(sum(cached_input), 0)
            + count(*) FILTER (WHERE cached_input < 0) * 18446744073709551616)::text AS cached_input,
        (coalesce(sum(cache_write), 0)
            + count(*) FILTER (WHERE cache_write < 0) * 18446744073709551616)::text AS cache_write,
        (coalesce(sum(output), 0)
            + count(*) FILTER (WHERE output < 0) * 18446744073709551616)::text AS output,
        (coalesce(sum(reasoning), 0)
            + count(*) FILTER (WHERE reasoning < 0) * 18446744073709551616)::text AS reasoning
    FROM results WHERE sweep = $1
) AS of_results, (
    SELECT count(*) AS failures,
        coalesce(sum(calls), 0)::text AS calls_failures,
        coalesce(sum(throttles), 0)::text AS throttles_failures,
        count(*) - count(cost) AS unpriced_failures,
        coalesce(sum(cost), 0)::text AS cost_failures
    FROM failures WHERE sweep = $1
) AS of_failures, (
    SELECT count(*) AS attempts,
        coalesce(sum(calls), 0)::text AS calls_attempts,
        count(*) - count(cost) AS unpriced_attempts,
        coalesce(sum(cost), 0)::text AS cost_attempts
    FROM attempts AS this WHERE sweep = $1 AND NOT (cause = 'abandoned' AND (
        EXISTS (SELECT FROM results AS exact WHERE exact.sweep = $1 AND exact.job = this.job
            AND exact.term = this.term AND exact.attempt = this.attempt)
        OR EXISTS (SELECT FROM failures AS exact WHERE exact.sweep = $1 AND exact.job = this.job
            AND exact.term = this.term AND exact.attempt = this.attempt)
        OR EXISTS (SELECT FROM attempts AS exact WHERE exact.sweep = $1 AND exact.job = this.job
            AND exact.term = this.term AND exact.attempt = this.attempt
            AND exact.cause <> 'abandoned')))
) AS of_attempts";

pub(crate) fn totals(row: &PgRow) -> Result<Totals, StoreError> {
    let stored = Stored { table: "totals", row };
    let sum = |column| stored.word::<i128>(column);
    let count = |column| Ok::<_, StoreError>(without_sign(sum(column)?));
    let cost = sum("cost_results")?
        .saturating_add(sum("cost_failures")?)
        .saturating_add(sum("cost_attempts")?);
    Ok(Totals {
        results: stored.number("results")?,
        failures: stored.number("failures")?,
        attempts: stored.number("attempts")?,
        calls_results: count("calls_results")?,
        calls_failures: count("calls_failures")?,
        calls_attempts: count("calls_attempts")?,
        throttles: count("throttles_results")?.saturating_add(count("throttles_failures")?),
        cost: Money(i64::try_from(cost).unwrap_or(i64::MAX)),
        unpriced: stored.number::<u64>("unpriced_results")?
            + stored.number::<u64>("unpriced_failures")?
            + stored.number::<u64>("unpriced_attempts")?,
        usage: Usage {
            input: count("input")?,
            cached_input: count("cached_input")?,
            cache_write: count("cache_write")?,
            output: count("output")?,
            reasoning: count("reasoning")?,
        },
    })
}

fn without_sign(sum: i128) -> u64 {
    u64::try_from(sum).unwrap_or(u64::MAX)
}
