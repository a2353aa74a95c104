-- One sweep with one fact of each kind, as layout 1 keeps them.
CREATE TABLE results_from_0 PARTITION OF results FOR VALUES FROM (0) TO (64);
CREATE TABLE texts_from_0 PARTITION OF texts FOR VALUES FROM (0) TO (64);
CREATE TABLE failures_from_0 PARTITION OF failures FOR VALUES FROM (0) TO (64);
CREATE TABLE attempts_from_0 PARTITION OF attempts FOR VALUES FROM (0) TO (64);
INSERT INTO sweeps (name, created_ms) VALUES ('a sweep', 1790000000123);
INSERT INTO blobs (digest, content) VALUES ('\x6e46dd10defc9b56c29a6ec56b508c21f54c08192194e4df25bf36f0c9c3c279', '{}');
INSERT INTO revisions (sweep, number, plan, ask, analysis, note)
VALUES (1, 0, '\x6e46dd10defc9b56c29a6ec56b508c21f54c08192194e4df25bf36f0c9c3c279', '\x692fda30457fd13fec8621c13734d795dcea6b4633428166fb08252534dfc618', '\xd2e6d5f594877e4a68b43a55e23017d638bd1c7d6ccff77e5583c4310987ade9', 'submitted');
INSERT INTO stages (sweep, number, name) VALUES (1, 0, 'ask');
INSERT INTO cells (sweep, number, model, condition) VALUES (1, 0, 'a-model', 'only');
INSERT INTO prompts (sweep, number, id) VALUES (1, 0, 'p-0');
INSERT INTO results (sweep, job, opens, decided, term, attempt, calls, throttles, latency_ms, input,
    cached_input, cache_write, output, reasoning, cost, abstained, simulated, finish, parse, request)
VALUES (1, 7, 2, 6, 1, 1, 1, 0, 900, 500, 0, 0, 40, 0, 7000000000, false, true, 'stop', 'ok',
    '\x0be9c598ae63835518e7fb422dc3027f452d75f3dbdb94c90d843298b1180ad9');
INSERT INTO texts (sweep, job, altered, raw) VALUES (1, 7, false, E'a\u2400nul');
INSERT INTO failures (sweep, job, round, term, attempt, calls, throttles, status, simulated, class,
    message)
VALUES (1, 8, 0, 1, 1, 10, 1, 503, true, 'exhausted', 'overloaded');
INSERT INTO attempts (sweep, job, term, attempt, calls, cost, cause)
VALUES (1, 9, 1, 1, 100, NULL, 'released');
INSERT INTO frontier (sweep, revision, pool, position) VALUES (1, 0, 'pool', 4096);
INSERT INTO leadership (term, holder, expires) VALUES (1, 'an earlier one', '-infinity');
