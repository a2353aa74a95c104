-- What is scheduled and compared, what came of it, and who is told. These rows are few, and each is
-- updated a handful of times.

-- What a sweep is for. Whoever stored one before had asked for it; so has whoever stores one with an earlier
-- program.
ALTER TABLE sweeps ADD COLUMN kind text NOT NULL DEFAULT 'asked'
    CHECK (kind IN ('asked', 'night', 'anchors'));

CREATE TABLE baselines (
    name text COLLATE "C" PRIMARY KEY,
    sweep bigint NOT NULL,
    revision bigint NOT NULL,
    set_ms bigint NOT NULL,
    set_by text NOT NULL,
    FOREIGN KEY (sweep, revision) REFERENCES revisions (sweep, number)
);

-- The files of a sweep, under the digest of all of them together.
CREATE TABLE schedule_files (
    content bytea NOT NULL CHECK (octet_length(content) = 32),
    path text COLLATE "C" NOT NULL,
    bytes bytea COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (content, path)
);

-- In the columns `schedule`, `standing`, `run`, `state`, `verdict`, `recipient` and `body` of the tables
-- that follow is JSON of whoever decides about it, kept byte for byte. The views show what people ask for.

-- Every version that a schedule ever had.
CREATE TABLE schedule_versions (
    name text COLLATE "C" NOT NULL,
    version bytea NOT NULL CHECK (octet_length(version) = 32),
    schedule bytea COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (name, version)
);

-- The schedules in force.
CREATE TABLE schedules (
    name text COLLATE "C" PRIMARY KEY,
    version bytea NOT NULL,
    standing bytea COMPRESSION lz4 NOT NULL,
    FOREIGN KEY (name, version) REFERENCES schedule_versions (name, version)
);

-- What became of each due time. The schedule need not be in force any more.
CREATE TABLE runs (
    schedule text COLLATE "C" NOT NULL,
    due_s bigint NOT NULL,
    -- Once it was begun; with the name of the baseline that it was begun with, if with any.
    sweep bigint REFERENCES sweeps (id),
    is_over boolean NOT NULL,
    baseline text COLLATE "C",
    state bytea NOT NULL,
    run bytea COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (schedule, due_s),
    CHECK (sweep IS NOT NULL OR baseline IS NULL)
);
-- All runs stay, and a coordinator asks for the few that are not over.
CREATE INDEX runs_open ON runs (schedule, due_s) WHERE NOT is_over;

CREATE TABLE verdicts (
    schedule text COLLATE "C" NOT NULL,
    due_s bigint NOT NULL,
    verdict bytea COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (schedule, due_s),
    FOREIGN KEY (schedule, due_s) REFERENCES runs (schedule, due_s)
);

-- What sweeps are compared with. The name is that of the baseline when it was compared; it may stand for
-- another sweep by now, or for none.
CREATE TABLE comparisons (
    sweep bigint NOT NULL REFERENCES sweeps (id),
    of_sweep bigint NOT NULL,
    revision bigint NOT NULL,
    anchors bigint REFERENCES sweeps (id),
    baseline text COLLATE "C" NOT NULL,
    PRIMARY KEY (sweep, baseline)
);
CREATE INDEX comparisons_by_anchors ON comparisons (anchors) WHERE anchors IS NOT NULL;

-- Messages, in the order they were stored. `outcome` is NULL until they are delivered or given up.
CREATE TABLE notices (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    due_s bigint NOT NULL,
    since_ms bigint NOT NULL,
    id text COLLATE "C" NOT NULL UNIQUE,
    schedule text COLLATE "C" NOT NULL,
    recipient bytea NOT NULL,
    body bytea COMPRESSION lz4 NOT NULL,
    outcome text CHECK (outcome IN ('delivered', 'given-up')),
    reason text,
    FOREIGN KEY (schedule, due_s) REFERENCES runs (schedule, due_s),
    CHECK ((outcome IS NOT DISTINCT FROM 'given-up') = (reason IS NOT NULL))
);
CREATE INDEX notices_open ON notices (number) WHERE outcome IS NULL;
CREATE INDEX notices_by_run ON notices (schedule, due_s);

CREATE OR REPLACE VIEW sweep_progress AS
SELECT sweeps.id AS sweep, sweeps.name, sweeps.state, sweeps.reason,
    time_of(sweeps.created_ms) AS created, latest.number AS revision, latest.note,
    answered.answers, failed.failures, spent.calls, spent.dollars, spent.unpriced,
    answered.simulated, sweeps.kind
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

-- By their text and not as JSON: a NUL in some name, which JSON may hold and Postgres not, would spoil the
-- whole answer.
CREATE FUNCTION word_in(json bytea, key text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN substring(convert_from(json, 'UTF8') FROM '"' || key || '":"([^"\\]*)"');

CREATE VIEW nights AS
SELECT runs.schedule, to_timestamp(runs.due_s) AS due, word_in(runs.state, 'state') AS state,
    word_in(verdicts.verdict, 'word') AS word, runs.sweep, runs.baseline, runs.is_over,
    convert_from(runs.run, 'UTF8')::json AS run, convert_from(verdicts.verdict, 'UTF8')::json AS verdict
FROM runs LEFT JOIN verdicts USING (schedule, due_s);
COMMENT ON VIEW nights IS
    'What became of each due time of each schedule, and the word of its verdict. One without a word has '
    'none yet, or did not run: see state.';

CREATE VIEW messages AS
SELECT notices.id, notices.schedule, to_timestamp(notices.due_s) AS due,
    time_of(notices.since_ms) AS since, notices.outcome, notices.reason
FROM notices;
COMMENT ON VIEW messages IS
    'Who was to be told of a night, and what became of the message. One without an outcome is still to '
    'be delivered.';

-- Where messages go is nobody's business who reads.
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'iago_reader') THEN
        GRANT SELECT ON nights, messages, baselines, comparisons, runs, verdicts TO iago_reader;
    END IF;
END $$;
