-- Sweeps that were given up or are tried again; who may knock, and who did what.

-- SQLite cannot widen a CHECK, so the table is made anew. Foreign keys are not looked at meanwhile.
CREATE TABLE sweeps_anew (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    created_ms INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'running'
        CHECK (state IN ('running', 'paused', 'done', 'cancelled')),
    reason TEXT,
    -- The retry round that counts. Failures of earlier rounds close no job any more.
    round INTEGER NOT NULL DEFAULT 0,
    CHECK ((state = 'paused') = (reason IS NOT NULL))
) STRICT;

-- Until now a round was begun by its first failure.
INSERT INTO sweeps_anew (id, name, created_ms, state, reason, round)
SELECT id, name, created_ms, state, reason,
    (SELECT coalesce(max(round), 0) FROM failures WHERE sweep = id)
FROM sweeps;

DROP TABLE sweeps;

ALTER TABLE sweeps_anew RENAME TO sweeps;

-- Hashes only: what a token says is shown once, to whoever it was made for. Rows stay for good, since
-- the audit speaks of tokens by name.
CREATE TABLE tokens (
    name TEXT NOT NULL PRIMARY KEY,
    scope TEXT NOT NULL CHECK (scope IN ('worker', 'operator', 'reader')),
    hash BLOB NOT NULL CHECK (length(hash) = 32),
    created_ms INTEGER NOT NULL,
    expires_ms INTEGER,
    revoked_ms INTEGER
) STRICT, WITHOUT ROWID;

-- Without a reference to sweeps: what somebody asked for in vain is told, too.
CREATE TABLE audit (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at_ms INTEGER NOT NULL,
    who TEXT NOT NULL,
    act TEXT NOT NULL CHECK (act IN ('submit', 'extend', 'pause', 'resume', 'cancel', 'retry',
        'grant', 'revoke', 'lead', 'resign', 'drain')),
    sweep INTEGER,
    detail TEXT NOT NULL
) STRICT;
