-- A use, as layout 3 keeps it.
INSERT INTO uses (at_ms, calls, cost, pool) VALUES (1790000000123, -1, 7, E'a\u2400pool');
