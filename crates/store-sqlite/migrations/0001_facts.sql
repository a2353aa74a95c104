-- Sweeps, their revisions, and the facts about their jobs.
--
-- Facts are only ever inserted. Numbers of 64 bits without a sign are kept as the signed number with
-- the same bits. Texts of people and models are escaped (no NUL) or compressed (lz4).

CREATE TABLE sweeps (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'running' CHECK (state IN ('running', 'paused', 'done')),
    reason TEXT,
    CHECK ((state = 'paused') = (reason IS NOT NULL))
) STRICT;

-- Plans, each once however many revisions share it.
CREATE TABLE blobs (
    digest BLOB NOT NULL PRIMARY KEY CHECK (length(digest) = 32),
    content BLOB NOT NULL
) STRICT;

CREATE TABLE revisions (
    sweep INTEGER NOT NULL REFERENCES sweeps (id),
    number INTEGER NOT NULL CHECK (number >= 0),
    plan BLOB NOT NULL REFERENCES blobs (digest),
    ask BLOB NOT NULL CHECK (length(ask) = 32),
    analysis BLOB NOT NULL CHECK (length(analysis) = 32),
    note TEXT NOT NULL,
    PRIMARY KEY (sweep, number)
) STRICT, WITHOUT ROWID;

-- Narrow on purpose: a restart reads all of it.
CREATE TABLE results (
    sweep INTEGER NOT NULL REFERENCES sweeps (id),
    job INTEGER NOT NULL CHECK (job >= 0),
    term INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    finish TEXT NOT NULL CHECK (finish IN ('stop', 'length', 'refusal', 'filter', 'empty')),
    parse TEXT NOT NULL
        CHECK (parse IN ('ok', 'missing', 'unclosed', 'empty', 'truncated', 'refused')),
    label TEXT,
    abstained INTEGER NOT NULL CHECK (abstained IN (0, 1)),
    opens INTEGER NOT NULL,
    decided INTEGER NOT NULL,
    input INTEGER NOT NULL,
    cached_input INTEGER NOT NULL,
    cache_write INTEGER NOT NULL,
    output INTEGER NOT NULL,
    reasoning INTEGER NOT NULL,
    cost INTEGER,
    latency_ms INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    throttles INTEGER NOT NULL,
    echoed_model TEXT,
    request BLOB NOT NULL CHECK (length(request) = 32),
    simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    PRIMARY KEY (sweep, job),
    CHECK (abstained = 0 OR label IS NULL)
) STRICT, WITHOUT ROWID;

-- Apart from results, and with row ids: large rows in a clustered key would slow every walk of it.
CREATE TABLE texts (
    sweep INTEGER NOT NULL,
    job INTEGER NOT NULL,
    raw BLOB NOT NULL,
    reasoning BLOB,
    altered INTEGER NOT NULL CHECK (altered IN (0, 1)),
    PRIMARY KEY (sweep, job),
    FOREIGN KEY (sweep, job) REFERENCES results (sweep, job)
) STRICT;

CREATE TABLE failures (
    sweep INTEGER NOT NULL REFERENCES sweeps (id),
    job INTEGER NOT NULL CHECK (job >= 0),
    round INTEGER NOT NULL,
    term INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    class TEXT NOT NULL CHECK (class IN ('rejected', 'exhausted', 'quarantined')),
    status INTEGER,
    message TEXT NOT NULL,
    calls INTEGER NOT NULL,
    throttles INTEGER NOT NULL,
    simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    PRIMARY KEY (sweep, job, round)
) STRICT, WITHOUT ROWID;

CREATE TABLE attempts (
    sweep INTEGER NOT NULL REFERENCES sweeps (id),
    job INTEGER NOT NULL CHECK (job >= 0),
    term INTEGER NOT NULL,
    attempt INTEGER NOT NULL,
    cause TEXT NOT NULL CHECK (cause IN ('duplicate', 'abandoned', 'released')),
    calls INTEGER NOT NULL,
    cost INTEGER,
    request BLOB CHECK (length(request) = 32),
    PRIMARY KEY (sweep, job, term, attempt, cause)
) STRICT, WITHOUT ROWID;

CREATE TABLE frontier (
    sweep INTEGER NOT NULL REFERENCES sweeps (id),
    revision INTEGER NOT NULL,
    pool TEXT NOT NULL,
    position INTEGER NOT NULL,
    PRIMARY KEY (sweep, revision, pool)
) STRICT, WITHOUT ROWID;

-- One row: the latest term. Whoever holds an earlier one is deposed.
CREATE TABLE leadership (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    term INTEGER NOT NULL,
    holder TEXT NOT NULL
) STRICT;
