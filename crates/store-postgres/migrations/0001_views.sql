-- For people who ask in SQL: what the tables say, with names and words. They may be asked at any time;
-- a sweep at work does not wait for whoever reads.

-- The layout of a job's number, which never changes.
CREATE FUNCTION stage_of(job bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (job >> 57)::integer;
CREATE FUNCTION cell_of(job bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (job >> 40 & 131071)::integer;
CREATE FUNCTION repeat_of(job bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (job >> 28 & 4095)::integer;
CREATE FUNCTION prompt_of(job bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (job >> 6 & 4194303)::integer;
CREATE FUNCTION vote_of(job bigint) RETURNS integer LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (job & 63)::integer;

CREATE FUNCTION without_sign(bits bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN CASE WHEN bits < 0 THEN bits + 18446744073709551616 ELSE bits END;
CREATE FUNCTION dollars(picodollars bigint) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN picodollars * 0.000000000001;
CREATE FUNCTION time_of(ms bigint) RETURNS timestamptz LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN to_timestamp(ms / 1000.0);

CREATE VIEW answers AS
SELECT result.sweep, sweeps.name AS sweep_name, stages.name AS stage, cells.model, cells.condition,
    prompts.id AS prompt, repeat_of(result.job) AS repeat, vote_of(result.job) AS vote,
    result.finish, result.parse, result.label, result.abstained,
    texts.raw, texts.reasoning, texts.altered,
    without_sign(result.input) AS input_tokens, without_sign(result.output) AS output_tokens,
    dollars(result.cost) AS dollars, result.latency_ms, result.calls, result.throttles,
    result.echoed_model, result.simulated, result.job, stage_of(result.job) AS stage_number,
    cell_of(result.job) AS cell_number, prompt_of(result.job) AS prompt_number
FROM results AS result
JOIN sweeps ON sweeps.id = result.sweep
LEFT JOIN texts ON texts.sweep = result.sweep AND texts.job = result.job
LEFT JOIN stages ON stages.sweep = result.sweep AND stages.number = stage_of(result.job)
LEFT JOIN cells ON cells.sweep = result.sweep AND cells.number = cell_of(result.job)
LEFT JOIN prompts ON prompts.sweep = result.sweep AND prompts.number = prompt_of(result.job);
COMMENT ON VIEW answers IS
    'Every answer, of models and of judges, with its raw text. Refusals are answers: see finish. A NUL '
    'in a text is shown as U+2400. Name a sweep, or all of them are read.';

CREATE VIEW labels AS
SELECT sweep, sweep_name, stage, model, condition, prompt, repeat, vote, label, abstained, simulated,
    job
FROM answers WHERE label IS NOT NULL OR abstained;
COMMENT ON VIEW labels IS
    'What judges said, a row for each vote. An abstention has no label: it is unknown, and never a no.';

CREATE VIEW failed AS
SELECT failure.sweep, sweeps.name AS sweep_name, stages.name AS stage, cells.model, cells.condition,
    prompts.id AS prompt, repeat_of(failure.job) AS repeat, vote_of(failure.job) AS vote,
    failure.round, failure.class, failure.status, failure.message, failure.calls,
    failure.throttles, failure.simulated,
    EXISTS (SELECT FROM results WHERE results.sweep = failure.sweep AND results.job = failure.job)
        AS answered_since,
    failure.job
FROM failures AS failure
JOIN sweeps ON sweeps.id = failure.sweep
LEFT JOIN stages ON stages.sweep = failure.sweep AND stages.number = stage_of(failure.job)
LEFT JOIN cells ON cells.sweep = failure.sweep AND cells.number = cell_of(failure.job)
LEFT JOIN prompts ON prompts.sweep = failure.sweep AND prompts.number = prompt_of(failure.job);
COMMENT ON VIEW failed IS
    'Every failure, a row for each job and retry round. Jobs that have an answer by now are marked.';

CREATE VIEW calls AS
SELECT execution.sweep, stages.name AS stage, cells.model, cells.condition, execution.led_to,
    execution.how, execution.calls, execution.throttles, execution.dollars, execution.job,
    execution.term, execution.attempt
FROM (
    SELECT sweep, job, term, attempt, 'result' AS led_to, finish AS how, calls, throttles,
        dollars(cost) AS dollars
    FROM results
    UNION ALL
    SELECT sweep, job, term, attempt, 'failure', class, calls, throttles, NULL FROM failures
    UNION ALL
    SELECT sweep, job, term, attempt, 'neither', cause, calls, NULL, dollars(cost)
    FROM attempts AS this WHERE NOT (cause = 'abandoned' AND (
        EXISTS (SELECT FROM results AS exact WHERE (exact.sweep, exact.job) = (this.sweep, this.job)
            AND (exact.term, exact.attempt) = (this.term, this.attempt))
        OR EXISTS (SELECT FROM failures AS exact
            WHERE (exact.sweep, exact.job) = (this.sweep, this.job)
            AND (exact.term, exact.attempt) = (this.term, this.attempt))
        OR EXISTS (SELECT FROM attempts AS exact
            WHERE (exact.sweep, exact.job) = (this.sweep, this.job)
            AND (exact.term, exact.attempt) = (this.term, this.attempt)
            AND exact.cause <> 'abandoned')))
) AS execution
LEFT JOIN stages ON stages.sweep = execution.sweep AND stages.number = stage_of(execution.job)
LEFT JOIN cells ON cells.sweep = execution.sweep AND cells.number = cell_of(execution.job);
COMMENT ON VIEW calls IS
    'Every execution of a job that is accounted for: the sum of calls is what endpoints saw, less what '
    'is in flight. An estimate of which exact numbers have arrived is left out. Dollars are unknown '
    'where no price is known.';

CREATE VIEW cell_progress AS
SELECT sums.sweep, stages.name AS stage, cells.model, cells.condition, sums.answers, sums.refusals,
    sums.filtered, sums.cut, sums.empty, sums.unreadable, sums.abstentions, sums.input_tokens,
    sums.output_tokens, sums.dollars, sums.unpriced, sums.mean_latency_ms, sums.simulated,
    sums.stage_number, sums.cell_number
FROM (
    SELECT sweep, stage_of(job) AS stage_number, cell_of(job) AS cell_number, count(*) AS answers,
        count(*) FILTER (WHERE finish = 'refusal') AS refusals,
        count(*) FILTER (WHERE finish = 'filter') AS filtered,
        count(*) FILTER (WHERE finish = 'length') AS cut,
        count(*) FILTER (WHERE finish = 'empty') AS empty,
        count(*) FILTER (WHERE parse <> 'ok') AS unreadable,
        count(*) FILTER (WHERE abstained) AS abstentions,
        sum(without_sign(input)) AS input_tokens, sum(without_sign(output)) AS output_tokens,
        coalesce(sum(dollars(cost)), 0) AS dollars, count(*) - count(cost) AS unpriced,
        avg(latency_ms) AS mean_latency_ms, bool_or(simulated) AS simulated
    FROM results GROUP BY sweep, stage_of(job), cell_of(job)
) AS sums
LEFT JOIN stages ON stages.sweep = sums.sweep AND stages.number = sums.stage_number
LEFT JOIN cells ON cells.sweep = sums.sweep AND cells.number = sums.cell_number;
COMMENT ON VIEW cell_progress IS
    'What came of each stage in each cell so far. These are counts of answers, not estimates: while a '
    'sweep is at work, quick answers are over-represented, and refusals are quick.';

CREATE VIEW sweep_progress AS
SELECT sweeps.id AS sweep, sweeps.name, sweeps.state, sweeps.reason,
    time_of(sweeps.created_ms) AS created, latest.number AS revision, latest.note,
    answered.answers, failed.failures, spent.calls, spent.dollars, spent.unpriced,
    answered.simulated
FROM sweeps
CROSS JOIN LATERAL (SELECT number, note FROM revisions WHERE sweep = sweeps.id
    ORDER BY number DESC LIMIT 1) AS latest
CROSS JOIN LATERAL (SELECT count(*) AS answers, coalesce(bool_or(simulated), false) AS simulated
    FROM results WHERE sweep = sweeps.id) AS answered
CROSS JOIN LATERAL (SELECT count(*) AS failures FROM failures WHERE sweep = sweeps.id) AS failed
CROSS JOIN LATERAL (SELECT coalesce(sum(calls.calls), 0) AS calls,
        coalesce(sum(calls.dollars), 0) AS dollars,
        count(*) FILTER (WHERE calls.dollars IS NULL AND led_to <> 'failure') AS unpriced
    FROM calls WHERE calls.sweep = sweeps.id) AS spent;
COMMENT ON VIEW sweep_progress IS
    'Every sweep, its state, and the sums of what was done. Where unpriced is not 0, dollars are only a '
    'lower bound.';

-- Whoever is to read joins this role: GRANT iago_reader TO somebody. It belongs to the whole cluster,
-- so another database may have made it, at this very moment even. Where it may not be made, an
-- administrator makes it before the first start, or grants the same by hand later.
DO $$ BEGIN
    CREATE ROLE iago_reader NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation OR insufficient_privilege THEN NULL;
END $$;

-- No texts of plans, no tokens, no audit.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'iago_reader') THEN
        GRANT USAGE ON SCHEMA iago TO iago_reader;
        GRANT SELECT ON answers, labels, failed, calls, cell_progress, sweep_progress,
            sweeps, stages, cells, prompts, results, texts, failures, attempts, frontier
            TO iago_reader;
    END IF;
END $$;
