//! Sums over a sweep, by one statement, so that they are of one instant.

use iago_store::{Part, Spent, StoreError, Sums};
use iago_sweep::{AttemptCause, Money, Usage};
use serde_json::Value;
use sqlx::sqlite::SqliteRow;

use crate::column::Stored;

/// A row for each stage, one for failures, and one for each cause of attempts, with its sums as a JSON
/// object.
///
/// A stage's jobs stand side by side in the key, so that each of the 64 that there can be is one
/// range: to group by stage would sort the whole table first, which takes half as long again.
///
/// Sums of 64-bit columns are taken by halves: SQLite's `sum` fails when it overflows, and one
/// endpoint that reports absurd usage would make a sweep unreadable.
pub(crate) const TOTALS: &str = "WITH RECURSIVE stages (stage) AS (
    SELECT 0 UNION ALL SELECT stage + 1 FROM stages WHERE stage < 63
)
SELECT 'result' AS part, stage, (SELECT json_object(
        'executions', count(*),
        'calls', sum(calls),
        'throttles', sum(throttles),
        'simulated', sum(simulated),
        'unpriced', count(*) - count(cost),
        'cost', json_array(sum(cost >> 32), sum(cost & 0xffffffff)),
        'input', json_array(sum(input >> 32 & 0xffffffff), sum(input & 0xffffffff)),
        'cached_input',
            json_array(sum(cached_input >> 32 & 0xffffffff), sum(cached_input & 0xffffffff)),
        'cache_write',
            json_array(sum(cache_write >> 32 & 0xffffffff), sum(cache_write & 0xffffffff)),
        'output', json_array(sum(output >> 32 & 0xffffffff), sum(output & 0xffffffff)),
        'reasoning', json_array(sum(reasoning >> 32 & 0xffffffff), sum(reasoning & 0xffffffff)))
    FROM results WHERE sweep = ?1
        AND job BETWEEN stage << 57 AND (stage << 57) + 0x1ffffffffffffff) AS sums
FROM stages
UNION ALL
SELECT 'failure', NULL, json_object(
    'executions', count(*),
    'calls', sum(calls),
    'throttles', sum(throttles),
    'unpriced', count(*) - count(cost),
    'cost', json_array(sum(cost >> 32), sum(cost & 0xffffffff)))
FROM failures WHERE sweep = ?1
UNION ALL
SELECT cause, NULL, json_object(
    'executions', count(*),
    'calls', sum(calls),
    'unpriced', count(*) - count(cost),
    'cost', json_array(sum(cost >> 32), sum(cost & 0xffffffff)))
FROM attempts AS this WHERE sweep = ?1 AND NOT (cause = 'abandoned' AND (
    EXISTS (SELECT 1 FROM results AS exact WHERE exact.sweep = ?1 AND exact.job = this.job
        AND exact.term = this.term AND exact.attempt = this.attempt)
    OR EXISTS (SELECT 1 FROM failures AS exact WHERE exact.sweep = ?1 AND exact.job = this.job
        AND exact.term = this.term AND exact.attempt = this.attempt)
    OR EXISTS (SELECT 1 FROM attempts AS exact WHERE exact.sweep = ?1 AND exact.job = this.job
        AND exact.term = this.term AND exact.attempt = this.attempt
        AND exact.cause <> 'abandoned')))
GROUP BY cause";

/// One part of a sweep's sums.
pub(crate) fn part(row: &SqliteRow) -> Result<(Part, Sums), StoreError> {
    let stored = Stored { table: "totals", row };
    let part = match stored.value::<String>("part")?.as_str() {
        "result" => Part::Stage(stored.number("stage")?),
        "failure" => Part::Failures,
        _ => Part::Attempts(stored.word::<AttemptCause>("part")?),
    };
    let sums: Value = serde_json::from_str(&stored.value::<String>("sums")?)
        .map_err(|error| stored.damage("sums", error))?;
    Ok((part, sums_of(&sums)))
}

/// What is not summed up is 0: throttles of attempts, tokens of failures, and the sum over nothing.
fn sums_of(sums: &Value) -> Sums {
    let count = |key: &str| without_sign(sums[key].as_i64().unwrap_or(0).into());
    let tokens = |key: &str| without_sign(halves(&sums[key]));
    Sums {
        spent: Spent {
            executions: count("executions"),
            calls: count("calls"),
            cost: Money(i64::try_from(halves(&sums["cost"])).unwrap_or(i64::MAX)),
            unpriced: count("unpriced"),
        },
        throttles: count("throttles"),
        usage: Usage {
            input: tokens("input"),
            cached_input: tokens("cached_input"),
            cache_write: tokens("cache_write"),
            output: tokens("output"),
            reasoning: tokens("reasoning"),
        },
        simulated: count("simulated"),
    }
}

fn halves(sums: &Value) -> i128 {
    let half = |at: usize| i128::from(sums[at].as_i64().unwrap_or(0));
    (half(0) << 32) + half(1)
}

fn without_sign(sum: i128) -> u64 {
    u64::try_from(sum).unwrap_or(u64::MAX)
}
