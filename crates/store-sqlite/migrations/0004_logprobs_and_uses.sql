-- Log probabilities of an answer's tokens as the endpoint gave them, as JSON: compressed, like the other
-- texts. NULL: not asked for, or not given.
ALTER TABLE texts ADD COLUMN logprobs BLOB;

-- What pools were used for in the minute before a moment, so that limits by the day outlive whoever
-- keeps to them. Only ever inserted: a use that comes twice counts twice. Of no sweep.
CREATE TABLE uses (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    pool TEXT NOT NULL,
    at_ms INTEGER NOT NULL,
    calls INTEGER NOT NULL,
    cost INTEGER NOT NULL
) STRICT;

-- A restart reads one day of all that was ever noted.
CREATE INDEX uses_by_time ON uses (at_ms);
