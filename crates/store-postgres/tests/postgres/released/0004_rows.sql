-- A baseline, and a night of a schedule with its message, as layout 4 keeps them.
INSERT INTO sweeps (name, created_ms, kind) VALUES ('tonight', 1790000000124, 'night');
INSERT INTO revisions (sweep, number, plan, ask, analysis, note)
SELECT 2, 0, plan, ask, analysis, note FROM revisions WHERE sweep = 1;
INSERT INTO baselines (name, sweep, revision, set_ms, set_by) VALUES ('main', 1, 0, 41, 'somebody');
INSERT INTO schedule_files (content, path, bytes)
VALUES ('\x0707070707070707070707070707070707070707070707070707070707070707', E'a\u2400path', '\x00');
INSERT INTO schedule_versions (name, version, schedule)
VALUES ('nightly', '\x0707070707070707070707070707070707070707070707070707070707070707', '{"a":"version"}');
INSERT INTO schedules (name, version, standing)
VALUES ('nightly', '\x0707070707070707070707070707070707070707070707070707070707070707', '{"a":"standing"}');
INSERT INTO runs (schedule, due_s, sweep, is_over, baseline, state, run)
VALUES ('nightly', 1790000000, 2, false, 'main', '{"state":"running"}', '{"a":"run"}');
INSERT INTO verdicts (schedule, due_s, verdict) VALUES ('nightly', 1790000000, '{"word":"pass"}');
INSERT INTO comparisons (sweep, of_sweep, revision, anchors, baseline) VALUES (2, 1, 0, NULL, 'main');
INSERT INTO notices (due_s, since_ms, id, schedule, recipient, body, outcome, reason)
VALUES (1790000000, 42, 'one', 'nightly', '{"a":"url"}', '{"a":"body"}', 'given-up', '410');
