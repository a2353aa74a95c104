//! What a whole sweep would take, by what a part of it took: with the error that so few prompts leave.
//!
//! What is asked of a pool is summed up by prompt, each cell weighed by how much of it was seen. The
//! prompts of a pilot are taken for a sample of all: the spread between them gives the error.

use std::collections::{BTreeMap, BTreeSet};

use iago_statistics::{CONFIDENCE, t_quantile};
use iago_sweep::{FailureFact, Finish, JobId, Plan, ResultFact};

use crate::endpoints;
use crate::forecast::cost::{PoolKind, limits_of};
use crate::forecast::hours::{Hours, Load, hours};
use crate::settings::endpoints::Settings;

/// What was seen of a sweep.
pub(crate) struct Seen<'a> {
    /// The whole sweep, with the numbers of the part.
    pub(crate) whole: &'a Plan,
    pub(crate) results: &'a [ResultFact],
    pub(crate) failures: &'a [FailureFact],
}

/// What the whole would take.
pub(crate) struct Projection {
    /// Prompts that were seen, and of how many.
    pub(crate) prompts: (u64, u64),
    /// Jobs that were answered, and jobs that failed: what those would have taken is not in it.
    pub(crate) answered: u64,
    pub(crate) failed: u64,
    pub(crate) pools: Vec<PoolProjection>,
    pub(crate) cells: Vec<CellSeen>,
}

/// What it would take of one pool.
pub(crate) struct PoolProjection {
    pub(crate) name: String,
    pub(crate) kind: PoolKind,
    pub(crate) expected: Load,
    /// Half of an interval of 95%, each; `None` with fewer than two prompts.
    pub(crate) error: Option<Load>,
    /// Some of it has a cost that nobody knows.
    pub(crate) unpriced: bool,
    pub(crate) hours: Option<Hours>,
}

/// What jobs of one stage and cell took.
#[derive(Clone)]
pub(crate) struct CellSeen {
    pub(crate) stage: String,
    pub(crate) model: String,
    pub(crate) condition: String,
    pub(crate) jobs: u64,
    /// Of them.
    pub(crate) failed: u64,
    pub(crate) refusals: u64,
    pub(crate) took: Load,
}

/// Projects from what was seen; `None` where nothing was.
pub(crate) fn project(seen: &Seen<'_>, settings: &Settings) -> Option<Projection> {
    let (executions, scales) = (executions(seen), scales(seen));
    let prompts: BTreeSet<u32> = executions.iter().map(|one| one.prompt).collect();
    if prompts.is_empty() {
        return None;
    }
    let all = seen.whole.prompts.len() as u64;
    let mut pools: BTreeMap<String, Sums> = BTreeMap::new();
    let mut cells: BTreeMap<(u32, u32), CellSeen> = BTreeMap::new();
    let told = endpoints::told(settings);
    for one in &executions {
        let scale = scales.get(&one.cell).copied().unwrap_or(1.0);
        for name in told.route(seen.whole, one.stage, one.cell).unwrap_or_default() {
            let sums = pools.entry(name).or_default();
            add(sums.by_prompt.entry(one.prompt).or_default(), &one.took, scale);
            sums.unpriced |= one.unpriced;
        }
        if let Some(cell) = cells.get_mut(&(one.stage, one.cell)) {
            cell.add(one);
        } else if let Some(mut cell) = CellSeen::begin(seen.whole, one) {
            cell.add(one);
            cells.insert((one.stage, one.cell), cell);
        }
    }
    let pools = pools.into_iter();
    let pools = pools.map(|(name, sums)| sums.project(name, prompts.len() as u64, all, settings));
    Some(Projection {
        prompts: (prompts.len() as u64, all),
        answered: seen.results.len() as u64,
        failed: executions.iter().filter(|one| one.failed).count() as u64,
        pools: pools.collect(),
        cells: cells.into_values().collect(),
    })
}

/// One execution of a job that ended.
struct Execution {
    stage: u32,
    cell: u32,
    prompt: u32,
    took: Load,
    refused: bool,
    /// It is the end of a job that has no answer.
    failed: bool,
    unpriced: bool,
}

/// A job counts once, however often it was asked again.
fn executions(seen: &Seen<'_>) -> Vec<Execution> {
    let mut counted: BTreeSet<JobId> = seen.results.iter().map(|result| result.job).collect();
    let results = seen.results.iter().map(|result| {
        let at = result.job.at();
        let calls = f64::from(result.calls);
        let took = Load {
            jobs: 1.0,
            calls,
            input: float(result.usage.input),
            output: float(result.usage.output),
            picodollars: float(result.cost.unwrap_or_default().0.unsigned_abs()),
            busy_s: f64::from(result.latency_ms) / 1_000.0 * calls,
        };
        let refused = matches!(result.finish, Finish::Refusal | Finish::Filter);
        let unpriced = result.cost.is_none();
        let (stage, cell, prompt) = (at.stage, at.cell, at.prompt);
        Execution { stage, cell, prompt, took, refused, failed: false, unpriced }
    });
    let failures = seen.failures.iter().map(|failure| {
        let (at, failed) = (failure.job.at(), counted.insert(failure.job));
        let took = Load {
            jobs: f64::from(u8::from(failed)),
            calls: f64::from(failure.calls),
            picodollars: float(failure.cost.unwrap_or_default().0.unsigned_abs()),
            ..Load::default()
        };
        let unpriced = failure.cost.is_none();
        let (stage, cell, prompt) = (at.stage, at.cell, at.prompt);
        Execution { stage, cell, prompt, took, refused: false, failed, unpriced }
    });
    results.chain(failures).collect()
}

/// How many transcripts of each cell there are for one that was seen.
fn scales(seen: &Seen<'_>) -> BTreeMap<u32, f64> {
    let mut transcripts: BTreeMap<u32, BTreeSet<(u32, u32)>> = BTreeMap::new();
    let results = seen.results.iter().map(|result| result.job);
    for job in results.chain(seen.failures.iter().map(|failure| failure.job)) {
        let at = job.at();
        transcripts.entry(at.cell).or_default().insert((at.prompt, at.repeat));
    }
    let scale = |(cell, begun): (u32, BTreeSet<_>)| {
        let (prompts, repeats) = seen.whole.size_of(seen.whole.cells.get(cell as usize)?);
        let all = f64::from(prompts) * f64::from(repeats);
        Some((cell, all / float(begun.len() as u64)))
    };
    transcripts.into_iter().filter_map(scale).collect()
}

/// What was asked of a pool, by prompt.
#[derive(Default)]
struct Sums {
    by_prompt: BTreeMap<u32, Load>,
    unpriced: bool,
}

impl Sums {
    fn project(self, name: String, seen: u64, all: u64, settings: &Settings) -> PoolProjection {
        let each: Vec<&Load> = self.by_prompt.values().collect();
        let over = |of: fn(&Load) -> f64| -> Vec<f64> {
            // A prompt that asks nothing of this pool is one of them.
            let nothing = usize::try_from(seen).unwrap_or(usize::MAX).saturating_sub(each.len());
            each.iter().map(|load| of(load)).chain(std::iter::repeat_n(0.0, nothing)).collect()
        };
        let expected = every(|of| over(of).iter().sum());
        let error = (seen > 1).then(|| every(|of| half_width(&over(of), seen, all)));
        let kind = PoolKind::of(&name, settings);
        let limits = limits_of(settings, &name);
        let by = "what calls took";
        let hours = (kind != PoolKind::Local).then(|| hours(&expected, &limits, by));
        PoolProjection { name, kind, expected, error, unpriced: self.unpriced, hours }
    }
}

/// Each quantity of a load.
fn every(quantity: impl Fn(fn(&Load) -> f64) -> f64) -> Load {
    Load {
        jobs: quantity(|load| load.jobs),
        calls: quantity(|load| load.calls),
        input: quantity(|load| load.input),
        output: quantity(|load| load.output),
        picodollars: quantity(|load| load.picodollars),
        busy_s: quantity(|load| load.busy_s),
    }
}

/// Of the interval of a total, from parts that are drawn from a finite number without putting back:
/// `t · s · √n · √(1 − n/N)`.
fn half_width(parts: &[f64], seen: u64, all: u64) -> f64 {
    let n = float(seen);
    let mean = parts.iter().sum::<f64>() / n;
    let variance = parts.iter().map(|part| (part - mean).powi(2)).sum::<f64>() / (n - 1.0);
    let unseen = (1.0 - n / float(all.max(1))).max(0.0);
    t_quantile((1.0 + CONFIDENCE) / 2.0, n - 1.0) * (variance * n * unseen).sqrt()
}

fn add(sum: &mut Load, more: &Load, scale: f64) {
    sum.jobs += scale * more.jobs;
    sum.calls += scale * more.calls;
    sum.input += scale * more.input;
    sum.output += scale * more.output;
    sum.picodollars += scale * more.picodollars;
    sum.busy_s += scale * more.busy_s;
}

impl CellSeen {
    fn begin(plan: &Plan, one: &Execution) -> Option<Self> {
        let cell = plan.cells.get(one.cell as usize)?;
        Some(Self {
            stage: plan.stages.get(one.stage as usize)?.name.clone(),
            model: cell.model.clone(),
            condition: cell.condition.clone(),
            jobs: 0,
            failed: 0,
            refusals: 0,
            took: Load::default(),
        })
    }

    /// With what another one took.
    pub(super) fn with(&mut self, other: &Self) {
        self.jobs += other.jobs;
        self.failed += other.failed;
        self.refusals += other.refusals;
        add(&mut self.took, &other.took, 1.0);
    }

    fn add(&mut self, one: &Execution) {
        self.jobs += u64::from(one.took.jobs > 0.0);
        self.failed += u64::from(one.failed);
        self.refusals += u64::from(one.refused);
        add(&mut self.took, &one.took, 1.0);
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts for people")]
fn float(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use iago_sweep::{
        Cell, Condition, Coordinate, Digest, FailureClass, Model, Money, Parse, Prompt, Stage,
        StageKind, Usage,
    };

    use super::*;

    fn plan(prompts: usize) -> Plan {
        let kind = StageKind::Generate {
            follows: None,
            helper: None,
            messages: Vec::new(),
            fields: Vec::new(),
            again: None,
        };
        Plan {
            repeats: 2,
            prompts: vec![Prompt::default(); prompts],
            conditions: vec![Condition { name: "only".to_owned(), levels: BTreeMap::new() }],
            models: vec![Model {
                name: "m".to_owned(),
                endpoint: "simulated".to_owned(),
                ..Model::default()
            }],
            cells: vec![Cell {
                model: "m".to_owned(),
                condition: "only".to_owned(),
                ..Cell::default()
            }],
            stages: vec![Stage { name: "reply".to_owned(), kind }],
            ..Plan::default()
        }
    }

    fn result(prompt: u32, repeat: u32, output: u64, finish: Finish) -> ResultFact {
        let at = Coordinate { prompt, repeat, ..Coordinate::default() };
        ResultFact {
            job: JobId::pack(at).unwrap(),
            term: 1,
            attempt: 1,
            finish,
            parse: Parse::Ok,
            label: None,
            opens: 0,
            decided: 0,
            usage: Usage { input: 100, output, ..Usage::default() },
            cost: Some(Money(1_000)),
            latency_ms: 500,
            calls: 1,
            throttles: 0,
            echoed_model: None,
            request: Digest::of(""),
            simulated: true,
        }
    }

    fn project_of(results: &[ResultFact], prompts: usize) -> Option<Projection> {
        let whole = plan(prompts);
        let settings = Settings::load(None).unwrap();
        project(&Seen { whole: &whole, results, failures: &[] }, &settings)
    }

    #[test]
    fn a_part_is_taken_for_a_sample_of_the_whole() {
        let results: Vec<_> = (0..10)
            .flat_map(|prompt| [0, 1].map(|repeat| result(prompt, repeat, 20, Finish::Stop)))
            .collect();
        let projection = project_of(&results, 100).unwrap();
        assert_eq!(projection.prompts, (10, 100));
        let pool = &projection.pools[0];
        let Load { jobs, calls, input, output, picodollars, busy_s } = pool.expected;
        assert_eq!((jobs, calls, input, output), (200.0, 200.0, 20_000.0, 4_000.0));
        assert_eq!((picodollars, busy_s), (200_000.0, 100.0));
        let error = pool.error.unwrap();
        assert!(error.output.abs() < 1e-6, "all prompts are alike");
    }

    #[test]
    fn prompts_that_differ_leave_an_error_and_a_whole_that_was_seen_leaves_none() {
        let results: Vec<_> = (0..4)
            .flat_map(|prompt| {
                [0, 1].map(|repeat| result(prompt, repeat, 10 * u64::from(prompt), Finish::Stop))
            })
            .collect();
        let error = |prompts| project_of(&results, prompts).unwrap().pools[0].error.unwrap().output;
        // By prompt 0, 20, 40 and 60 tokens, of 40 prompts each for ten: spread 258.2; t of 3 is 3.182.
        assert!((error(40) - 3.182_446 * 258.198_9 * 2.0 * 0.9_f64.sqrt()).abs() < 0.1);
        assert!(error(4).abs() < 1e-9);
        let one = project_of(&results[..2], 40).unwrap();
        assert!(one.pools[0].error.is_none(), "one prompt says nothing of the others");
        assert!(project_of(&[], 40).is_none());
    }

    #[test]
    fn refusals_are_counted_by_stage_and_cell() {
        let results = [result(0, 0, 5, Finish::Refusal), result(0, 1, 15, Finish::Stop)];
        let cells = project_of(&results, 1).unwrap().cells;
        assert_eq!((cells[0].jobs, cells[0].refusals), (2, 1));
        assert_eq!(cells[0].took.output, 20.0);
    }
    #[test]
    fn a_job_that_was_asked_again_is_one_and_one_that_failed_is_no_answer() {
        let failure = |prompt: u32, round: u32| FailureFact {
            job: JobId::pack(Coordinate { prompt, ..Coordinate::default() }).unwrap(),
            term: 1,
            attempt: 1,
            round,
            class: FailureClass::Rejected,
            status: Some(400),
            message: String::new(),
            cost: Some(Money(7)),
            calls: 1,
            throttles: 0,
            simulated: true,
        };
        let failures = [failure(0, 0), failure(1, 0), failure(1, 1)];
        let project_with = |results: &[ResultFact]| {
            let settings = Settings::load(None).unwrap();
            let whole = plan(2);
            project(&Seen { whole: &whole, results, failures: &failures }, &settings).unwrap()
        };
        let some = project_with(&[result(0, 0, 5, Finish::Stop)]);
        assert_eq!((some.answered, some.failed), (1, 1));
        assert_eq!((some.cells[0].jobs, some.cells[0].failed), (2, 1));
        let none = project_with(&[]);
        assert_eq!((none.answered, none.failed), (0, 2));
    }
}
