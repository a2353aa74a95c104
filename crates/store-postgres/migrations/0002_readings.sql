-- What stored texts came to when they were read anew, under other grammars than at first. Facts like
-- the others: only ever inserted, and partitioned as they are. By grammar first, since they are read
-- a grammar at a time. Partitions are made when they are needed.
CREATE TABLE readings (
    sweep bigint NOT NULL,
    job bigint NOT NULL CHECK (job >= 0),
    opens bigint NOT NULL,
    decided bigint NOT NULL,
    abstained boolean NOT NULL,
    grammar bytea NOT NULL CHECK (octet_length(grammar) = 32),
    parse text NOT NULL
        CHECK (parse IN ('ok', 'missing', 'unclosed', 'empty', 'truncated', 'refused')),
    label text,
    PRIMARY KEY (sweep, grammar, job),
    CHECK (NOT abstained OR label IS NULL)
) PARTITION BY RANGE (sweep);

CREATE VIEW read_anew AS
SELECT reading.sweep, sweeps.name AS sweep_name, stages.name AS stage, cells.model, cells.condition,
    prompts.id AS prompt, repeat_of(reading.job) AS repeat, vote_of(reading.job) AS vote,
    encode(reading.grammar, 'hex') AS grammar, reading.parse, reading.label, reading.abstained,
    result.parse AS parse_at_first, result.label AS label_at_first,
    result.abstained AS abstained_at_first, result.simulated, reading.job
FROM readings AS reading
JOIN sweeps ON sweeps.id = reading.sweep
LEFT JOIN results AS result ON result.sweep = reading.sweep AND result.job = reading.job
LEFT JOIN stages ON stages.sweep = reading.sweep AND stages.number = stage_of(reading.job)
LEFT JOIN cells ON cells.sweep = reading.sweep AND cells.number = cell_of(reading.job)
LEFT JOIN prompts ON prompts.sweep = reading.sweep AND prompts.number = prompt_of(reading.job);
COMMENT ON VIEW read_anew IS
    'What stored answers came to under other grammars, beside what they came to at first. A job has a '
    'row for each grammar; which one counts is said by the latest plan of its sweep.';
COMMENT ON VIEW labels IS
    'What judges said, a row for each vote, as it was read at first; see read_anew for later '
    'grammars. An abstention has no label: it is unknown, and never a no.';

-- What a failure cost: of several turns, some may have been answered. NULL: not known. What was stored
-- before counted as nothing, and goes on to; so does what an earlier program still stores.
ALTER TABLE failures ADD COLUMN cost bigint DEFAULT 0;

CREATE OR REPLACE VIEW calls AS
SELECT execution.sweep, stages.name AS stage, cells.model, cells.condition, execution.led_to,
    execution.how, execution.calls, execution.throttles, execution.dollars, execution.job,
    execution.term, execution.attempt
FROM (
    SELECT sweep, job, term, attempt, 'result' AS led_to, finish AS how, calls, throttles,
        dollars(cost) AS dollars
    FROM results
    UNION ALL
    SELECT sweep, job, term, attempt, 'failure', class, calls, throttles, dollars(cost)
    FROM failures
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

CREATE OR REPLACE VIEW sweep_progress AS
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
        count(*) FILTER (WHERE calls.dollars IS NULL) AS unpriced
    FROM calls WHERE calls.sweep = sweeps.id) AS spent;

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'iago_reader') THEN
        GRANT SELECT ON readings, read_anew TO iago_reader;
    END IF;
END $$;
