-- Sweeps, their revisions, the facts about their jobs, and who may do what.
--
-- Facts are only ever inserted, and nothing that changes often is written: a reader that holds its
-- snapshot for hours costs nothing. Numbers of 64 bits without a sign are kept as the signed number
-- with the same bits; those of 32 bits as they are. Texts of people and models are escaped: NUL,
-- which Postgres cannot hold, is U+2400, and a U+2400 or U+2410 of the text has a U+2410 before it.
-- Names that are keys compare by their bytes, so that no update of the system's languages spoils an
-- index.

CREATE SCHEMA iago;

-- A row for each step that was taken; the highest is the version.
CREATE TABLE layout (
    version integer PRIMARY KEY,
    taken timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE sweeps (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL,
    created_ms bigint NOT NULL,
    state text NOT NULL DEFAULT 'running'
        CHECK (state IN ('running', 'paused', 'done', 'cancelled')),
    reason text,
    -- The retry round that counts. Failures of earlier rounds close no job any more.
    round bigint NOT NULL DEFAULT 0,
    CHECK ((state = 'paused') = (reason IS NOT NULL))
);

-- Plans, each once however many revisions share it.
CREATE TABLE blobs (
    digest bytea PRIMARY KEY CHECK (octet_length(digest) = 32),
    content bytea COMPRESSION lz4 NOT NULL
);

CREATE TABLE revisions (
    sweep bigint NOT NULL REFERENCES sweeps (id),
    number bigint NOT NULL CHECK (number >= 0),
    plan bytea NOT NULL REFERENCES blobs (digest),
    ask bytea NOT NULL CHECK (octet_length(ask) = 32),
    analysis bytea NOT NULL CHECK (octet_length(analysis) = 32),
    note text NOT NULL,
    PRIMARY KEY (sweep, number)
);

-- What the coordinates in a job's number are called. Nothing but people reads these.
CREATE TABLE stages (
    sweep bigint NOT NULL REFERENCES sweeps (id),
    number integer NOT NULL,
    name text NOT NULL,
    PRIMARY KEY (sweep, number)
);
CREATE TABLE cells (
    sweep bigint NOT NULL REFERENCES sweeps (id),
    number integer NOT NULL,
    model text NOT NULL,
    condition text NOT NULL,
    PRIMARY KEY (sweep, number)
);
CREATE TABLE prompts (
    sweep bigint NOT NULL REFERENCES sweeps (id),
    number integer NOT NULL,
    id text NOT NULL,
    PRIMARY KEY (sweep, number)
);

-- The four tables of facts are partitioned by ranges of sweeps. They have no foreign keys: a check
-- for each row would cost as much as the row, and whoever appends has looked at the sweep.

-- Narrow on purpose: a restart reads all of it. Columns of one width first, so that it finds them
-- without a look at the others.
CREATE TABLE results (
    sweep bigint NOT NULL,
    job bigint NOT NULL CHECK (job >= 0),
    opens bigint NOT NULL,
    decided bigint NOT NULL,
    term bigint NOT NULL,
    attempt bigint NOT NULL,
    calls bigint NOT NULL,
    throttles bigint NOT NULL,
    latency_ms bigint NOT NULL,
    input bigint NOT NULL,
    cached_input bigint NOT NULL,
    cache_write bigint NOT NULL,
    output bigint NOT NULL,
    reasoning bigint NOT NULL,
    cost bigint,
    abstained boolean NOT NULL,
    simulated boolean NOT NULL,
    finish text NOT NULL CHECK (finish IN ('stop', 'length', 'refusal', 'filter', 'empty')),
    parse text NOT NULL
        CHECK (parse IN ('ok', 'missing', 'unclosed', 'empty', 'truncated', 'refused')),
    request bytea NOT NULL CHECK (octet_length(request) = 32),
    label text,
    echoed_model text,
    PRIMARY KEY (sweep, job),
    CHECK (NOT abstained OR label IS NULL)
) PARTITION BY RANGE (sweep);

CREATE TABLE texts (
    sweep bigint NOT NULL,
    job bigint NOT NULL,
    altered boolean NOT NULL,
    raw text COMPRESSION lz4 NOT NULL,
    reasoning text COMPRESSION lz4,
    PRIMARY KEY (sweep, job)
) PARTITION BY RANGE (sweep);

CREATE TABLE failures (
    sweep bigint NOT NULL,
    job bigint NOT NULL CHECK (job >= 0),
    round bigint NOT NULL,
    term bigint NOT NULL,
    attempt bigint NOT NULL,
    calls bigint NOT NULL,
    throttles bigint NOT NULL,
    status integer,
    simulated boolean NOT NULL,
    class text NOT NULL CHECK (class IN ('rejected', 'exhausted', 'quarantined')),
    message text COMPRESSION lz4 NOT NULL,
    PRIMARY KEY (sweep, job, round)
) PARTITION BY RANGE (sweep);

CREATE TABLE attempts (
    sweep bigint NOT NULL,
    job bigint NOT NULL CHECK (job >= 0),
    term bigint NOT NULL,
    attempt bigint NOT NULL,
    calls bigint NOT NULL,
    cost bigint,
    cause text COLLATE "C" NOT NULL CHECK (cause IN ('duplicate', 'abandoned', 'released')),
    request bytea CHECK (octet_length(request) = 32),
    PRIMARY KEY (sweep, job, term, attempt, cause)
) PARTITION BY RANGE (sweep);

-- Moves once in some thousand jobs, so a row that is updated does no harm.
CREATE TABLE frontier (
    sweep bigint NOT NULL REFERENCES sweeps (id),
    revision bigint NOT NULL,
    pool text COLLATE "C" NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (sweep, revision, pool)
);

-- One row: the latest term. Whoever holds an earlier one is deposed. It is updated every few seconds
-- and read by every append: room on its page keeps all of its versions there, and no index but the
-- key lets each update clear away the earlier ones.
CREATE TABLE leadership (
    single boolean PRIMARY KEY DEFAULT true CHECK (single),
    term bigint NOT NULL CHECK (term > 0),
    holder text NOT NULL,
    expires timestamptz NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 200);

CREATE TABLE tokens (
    name text COLLATE "C" PRIMARY KEY,
    scope text NOT NULL CHECK (scope IN ('worker', 'operator', 'reader')),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32),
    created_ms bigint NOT NULL,
    expires_ms bigint,
    revoked_ms bigint
);

CREATE TABLE audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms bigint NOT NULL,
    who text NOT NULL,
    act text NOT NULL,
    sweep bigint,
    detail text NOT NULL
);
