//! Sums over a sweep, by one statement, so that they are of one instant.

use iago_store::{Part, Spent, StoreError, Sums};
use iago_sweep::{AttemptCause, Money, Usage};
use sqlx::postgres::PgRow;

use crate::column::Stored;

/// A row for each stage with results, one for failures, and one for each cause of attempts.
///
/// Sums are `numeric`, which no endpoint's absurd number can overflow, and come as text: the driver
/// has no such type. A token count that is negative stands for one of more than 63 bits.
pub(crate) const TOTALS: &str = "SELECT 'result' AS part, stage_of(job)::bigint AS stage,
    count(*) AS executions,
    sum(calls)::text AS calls,
    sum(throttles)::text AS throttles,
    count(*) - count(cost) AS unpriced,
    coalesce(sum(cost), 0)::text AS cost,
    (sum(input) + count(*) FILTER (WHERE input < 0) * 18446744073709551616)::text AS input,
    (sum(cached_input)
        + count(*) FILTER (WHERE cached_input < 0) * 18446744073709551616)::text AS cached_input,
    (sum(cache_write)
        + count(*) FILTER (WHERE cache_write < 0) * 18446744073709551616)::text AS cache_write,
    (sum(output) + count(*) FILTER (WHERE output < 0) * 18446744073709551616)::text AS output,
    (sum(reasoning) + count(*) FILTER (WHERE reasoning < 0) * 18446744073709551616)::text AS reasoning,
    count(*) FILTER (WHERE simulated) AS simulated
FROM results WHERE sweep = $1 GROUP BY stage_of(job)
UNION ALL
SELECT 'failure', NULL, count(*), coalesce(sum(calls), 0)::text, coalesce(sum(throttles), 0)::text,
    count(*) - count(cost), coalesce(sum(cost), 0)::text, '0', '0', '0', '0', '0', 0
FROM failures WHERE sweep = $1
UNION ALL
SELECT cause, NULL, count(*), sum(calls)::text, '0',
    count(*) - count(cost), coalesce(sum(cost), 0)::text, '0', '0', '0', '0', '0', 0
FROM attempts AS this WHERE sweep = $1 AND NOT (cause = 'abandoned' AND (
    EXISTS (SELECT FROM results AS exact WHERE exact.sweep = $1 AND exact.job = this.job
        AND exact.term = this.term AND exact.attempt = this.attempt)
    OR EXISTS (SELECT FROM failures AS exact WHERE exact.sweep = $1 AND exact.job = this.job
        AND exact.term = this.term AND exact.attempt = this.attempt)
    OR EXISTS (SELECT FROM attempts AS exact WHERE exact.sweep = $1 AND exact.job = this.job
        AND exact.term = this.term AND exact.attempt = this.attempt
        AND exact.cause <> 'abandoned')))
GROUP BY cause";

/// One part of a sweep's sums.
pub(crate) fn part(row: &PgRow) -> Result<(Part, Sums), StoreError> {
    let stored = Stored { table: "totals", row };
    let part = match stored.value::<String>("part")?.as_str() {
        "result" => Part::Stage(stored.number("stage")?),
        "failure" => Part::Failures,
        _ => Part::Attempts(stored.word::<AttemptCause>("part")?),
    };
    Ok((part, sums(&stored)?))
}

fn sums(stored: &Stored<'_>) -> Result<Sums, StoreError> {
    let count = |column| {
        let sum: i128 = stored.word(column)?;
        Ok::<_, StoreError>(u64::try_from(sum).unwrap_or(u64::MAX))
    };
    let cost = i64::try_from(stored.word::<i128>("cost")?).unwrap_or(i64::MAX);
    Ok(Sums {
        spent: Spent {
            executions: stored.number("executions")?,
            calls: count("calls")?,
            cost: Money(cost),
            unpriced: stored.number("unpriced")?,
        },
        throttles: count("throttles")?,
        usage: Usage {
            input: count("input")?,
            cached_input: count("cached_input")?,
            cache_write: count("cache_write")?,
            output: count("output")?,
            reasoning: count("reasoning")?,
        },
        simulated: stored.number("simulated")?,
    })
}
