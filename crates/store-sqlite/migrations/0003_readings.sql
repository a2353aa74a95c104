-- What stored texts came to when they were read anew, under other grammars than at first. Facts like
-- the others: only ever inserted. By grammar first, since they are read a grammar at a time.
CREATE TABLE readings (
    sweep INTEGER NOT NULL REFERENCES sweeps (id),
    job INTEGER NOT NULL CHECK (job >= 0),
    grammar BLOB NOT NULL CHECK (length(grammar) = 32),
    parse TEXT NOT NULL
        CHECK (parse IN ('ok', 'missing', 'unclosed', 'empty', 'truncated', 'refused')),
    label TEXT,
    abstained INTEGER NOT NULL CHECK (abstained IN (0, 1)),
    opens INTEGER NOT NULL,
    decided INTEGER NOT NULL,
    PRIMARY KEY (sweep, grammar, job),
    CHECK (abstained = 0 OR label IS NULL)
) STRICT, WITHOUT ROWID;

-- What a failure cost: of several turns, some may have been answered. NULL: not known. What was stored
-- before counted as nothing, and goes on to.
ALTER TABLE failures ADD COLUMN cost INTEGER DEFAULT 0;
