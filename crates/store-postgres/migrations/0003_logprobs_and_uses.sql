-- Log probabilities of an answer's tokens as the endpoint gave them, as JSON, escaped as all texts are.
-- NULL: not asked for, or not given. A row without them is no longer than before.
ALTER TABLE texts ADD COLUMN logprobs text COMPRESSION lz4;

-- What pools were used for in the minute before a moment, so that limits by the day outlive whoever
-- keeps to them. Only ever inserted: a use that comes twice counts twice. Of no sweep, and few: not
-- partitioned.
CREATE TABLE uses (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at_ms bigint NOT NULL,
    calls bigint NOT NULL,
    cost bigint NOT NULL,
    pool text COLLATE "C" NOT NULL
);
-- A restart reads one day of all that was ever noted.
CREATE INDEX uses_by_time ON uses (at_ms);

CREATE OR REPLACE VIEW answers AS
SELECT result.sweep, sweeps.name AS sweep_name, stages.name AS stage, cells.model, cells.condition,
    prompts.id AS prompt, repeat_of(result.job) AS repeat, vote_of(result.job) AS vote,
    result.finish, result.parse, result.label, result.abstained,
    texts.raw, texts.reasoning, texts.altered,
    without_sign(result.input) AS input_tokens, without_sign(result.output) AS output_tokens,
    dollars(result.cost) AS dollars, result.latency_ms, result.calls, result.throttles,
    result.echoed_model, result.simulated, result.job, stage_of(result.job) AS stage_number,
    cell_of(result.job) AS cell_number, prompt_of(result.job) AS prompt_number, texts.logprobs
FROM results AS result
JOIN sweeps ON sweeps.id = result.sweep
LEFT JOIN texts ON texts.sweep = result.sweep AND texts.job = result.job
LEFT JOIN stages ON stages.sweep = result.sweep AND stages.number = stage_of(result.job)
LEFT JOIN cells ON cells.sweep = result.sweep AND cells.number = cell_of(result.job)
LEFT JOIN prompts ON prompts.sweep = result.sweep AND prompts.number = prompt_of(result.job);

CREATE VIEW spending AS
SELECT sums.sweep, sweeps.name AS sweep_name, stages.name AS stage,
    CASE WHEN sums.led_to = 'result' THEN 'answers' WHEN sums.led_to = 'failure' THEN 'failures'
        WHEN sums.how = 'abandoned' THEN 'abandoned' ELSE 'late' END AS went_to,
    sum(sums.executions)::bigint AS executions, sum(sums.calls) AS calls,
    coalesce(sum(sums.dollars), 0) AS dollars, sum(sums.unpriced)::bigint AS unpriced,
    sums.stage_number
FROM (
    SELECT sweep, stage_of(job) AS stage_number, led_to,
        CASE WHEN led_to = 'neither' THEN how END AS how, count(*) AS executions,
        sum(calls.calls) AS calls, sum(dollars) AS dollars, count(*) - count(dollars) AS unpriced
    FROM calls GROUP BY 1, 2, 3, 4
) AS sums
JOIN sweeps ON sweeps.id = sums.sweep
LEFT JOIN stages ON stages.sweep = sums.sweep AND stages.number = sums.stage_number
GROUP BY 1, 2, 3, 4, sums.stage_number;
COMMENT ON VIEW spending IS
    'What a sweep''s calls went to, by stage: answers, failures, late (an answer that came twice or too '
    'late, or a lease that was given back) and abandoned (a lost worker''s, at the most that they can '
    'have cost). Where unpriced is not 0, dollars are only a lower bound.';

CREATE VIEW pool_use AS
SELECT pool, time_of(at_ms) AS at, without_sign(calls) AS calls, dollars(cost) AS dollars FROM uses;
COMMENT ON VIEW pool_use IS
    'What was called in each pool within the minute before a moment, over all sweeps, and what it cost as '
    'far as that is known.';

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'iago_reader') THEN
        GRANT SELECT ON uses, spending, pool_use TO iago_reader;
    END IF;
END $$;
