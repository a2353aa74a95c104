-- A reading, as layout 2 keeps it.
CREATE TABLE readings_from_0 PARTITION OF readings FOR VALUES FROM (0) TO (64);
INSERT INTO readings (sweep, job, opens, decided, abstained, grammar, parse, label)
VALUES (1, 7, 4, 12, false, '\x0707070707070707070707070707070707070707070707070707070707070707', 'ok', 'yes');
