-- What is scheduled and compared, what came of it, and who is told.

-- What a sweep is for. Whoever stored one before had asked for it.
ALTER TABLE sweeps ADD COLUMN kind TEXT NOT NULL DEFAULT 'asked'
    CHECK (kind IN ('asked', 'night', 'anchors'));

-- The audit takes any word from now on, since each version of the program brings some; what one does not
-- know it refuses to read. SQLite cannot drop a CHECK, so the table is made anew.
CREATE TABLE audit_anew (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL,
    sweep INTEGER,
    detail TEXT NOT NULL
) STRICT;

INSERT INTO audit_anew (id, at_ms, who, act, sweep, detail)
SELECT id, at_ms, who, act, sweep, detail FROM audit;

DROP TABLE audit;

ALTER TABLE audit_anew RENAME TO audit;

CREATE TABLE baselines (
    name TEXT NOT NULL PRIMARY KEY,
    sweep INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    set_ms INTEGER NOT NULL,
    set_by TEXT NOT NULL,
    FOREIGN KEY (sweep, revision) REFERENCES revisions (sweep, number)
) STRICT, WITHOUT ROWID;

-- The files of a sweep, under the digest of all of them together; compressed.
CREATE TABLE schedule_files (
    content BLOB NOT NULL CHECK (length(content) = 32),
    path TEXT NOT NULL,
    bytes BLOB NOT NULL,
    PRIMARY KEY (content, path)
) STRICT;

-- In the columns `schedule`, `standing`, `run`, `state`, `verdict`, `recipient` and `body` of the tables
-- that follow is JSON of whoever decides about it, kept byte for byte: `CAST(state AS TEXT) ->> '$.state'`.

-- Every version that a schedule ever had.
CREATE TABLE schedule_versions (
    name TEXT NOT NULL,
    version BLOB NOT NULL CHECK (length(version) = 32),
    schedule BLOB NOT NULL,
    PRIMARY KEY (name, version)
) STRICT;

-- The schedules in force.
CREATE TABLE schedules (
    name TEXT NOT NULL PRIMARY KEY,
    version BLOB NOT NULL,
    standing BLOB NOT NULL,
    FOREIGN KEY (name, version) REFERENCES schedule_versions (name, version)
) STRICT;

-- What became of each due time. The schedule need not be in force any more.
CREATE TABLE runs (
    schedule TEXT NOT NULL,
    due_s INTEGER NOT NULL,
    state BLOB NOT NULL,
    run BLOB NOT NULL,
    is_over INTEGER NOT NULL CHECK (is_over IN (0, 1)),
    -- Once it was begun; with the name of the baseline that it was begun with, if with any.
    sweep INTEGER REFERENCES sweeps (id),
    baseline TEXT,
    PRIMARY KEY (schedule, due_s),
    CHECK (sweep IS NOT NULL OR baseline IS NULL)
) STRICT;

-- All runs stay, and a coordinator asks for the few that are not over.
CREATE INDEX runs_open ON runs (schedule, due_s) WHERE is_over = 0;

CREATE TABLE verdicts (
    schedule TEXT NOT NULL,
    due_s INTEGER NOT NULL,
    verdict BLOB NOT NULL,
    PRIMARY KEY (schedule, due_s),
    FOREIGN KEY (schedule, due_s) REFERENCES runs (schedule, due_s)
) STRICT;

-- What sweeps are compared with. The name is that of the baseline when it was compared; it may stand for
-- another sweep by now, or for none.
CREATE TABLE comparisons (
    sweep INTEGER NOT NULL REFERENCES sweeps (id),
    baseline TEXT NOT NULL,
    of_sweep INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    anchors INTEGER REFERENCES sweeps (id),
    PRIMARY KEY (sweep, baseline)
) STRICT, WITHOUT ROWID;

CREATE INDEX comparisons_by_anchors ON comparisons (anchors) WHERE anchors IS NOT NULL;

-- Messages, in the order they were stored. `outcome` is NULL until they are delivered or given up.
CREATE TABLE notices (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    schedule TEXT NOT NULL,
    due_s INTEGER NOT NULL,
    since_ms INTEGER NOT NULL,
    recipient BLOB NOT NULL,
    body BLOB NOT NULL,
    outcome TEXT CHECK (outcome IN ('delivered', 'given-up')),
    reason TEXT,
    FOREIGN KEY (schedule, due_s) REFERENCES runs (schedule, due_s),
    CHECK ((outcome IS 'given-up') = (reason IS NOT NULL))
) STRICT;

CREATE INDEX notices_open ON notices (number) WHERE outcome IS NULL;

CREATE INDEX notices_by_run ON notices (schedule, due_s);
