//! How many jobs a plan can come to.

use iago_grading::{Grader, Said};
use iago_sweep::{Coordinate, Finish, Parse, Plan};

/// How often it is asked at most whether a prompt opens a stage in a cell.
const LOOKS_MAX: usize = 2_000_000;
/// Prompts that stand for all where there are too many.
const SAMPLE: u32 = 2_000;

/// The most jobs that each stage can have in each cell.
pub(crate) struct Census {
    /// By stage, then by cell.
    jobs: Vec<Vec<u64>>,
}

impl Census {
    /// Counts what would be asked if every answer could be read and opened all that hangs on it.
    pub(crate) fn take(plan: &Plan, grader: &Grader) -> Self {
        let mut jobs = Vec::with_capacity(plan.stages.len());
        let sample = sample(plan);
        for stage in (0..).zip(&plan.stages).map(|(stage, _)| stage) {
            let votes = u64::from(plan.votes_of(stage));
            let of_cell =
                |cell| count(plan, grader, stage, cell, &jobs, &sample).saturating_mul(votes);
            let row: Vec<u64> = (0..).zip(&plan.cells).map(|(cell, _)| of_cell(cell)).collect();
            jobs.push(row);
        }
        Self { jobs }
    }

    /// The jobs of a stage in a cell.
    pub(crate) fn of(&self, stage: u32, cell: u32) -> u64 {
        let row = self.jobs.get(stage as usize);
        row.and_then(|row| row.get(cell as usize)).copied().unwrap_or(0)
    }

    /// The jobs of a stage in all cells.
    pub(crate) fn of_stage(&self, stage: u32) -> u64 {
        self.jobs.get(stage as usize).map_or(0, |row| row.iter().sum())
    }

    /// All jobs.
    pub(crate) fn total(&self) -> u64 {
        self.jobs.iter().flatten().sum()
    }
}

/// Transcripts of a cell that have this stage, by the counts of the stages before it.
fn count(
    plan: &Plan,
    grader: &Grader,
    stage: u32,
    cell: u32,
    before: &[Vec<u64>],
    sample: &[u32],
) -> u64 {
    let all = transcripts_of(plan, cell);
    let Some(opener) = plan.opener_of(stage) else { return all };
    let votes = u64::from(plan.votes_of(opener)).max(1);
    let opened = before.get(opener as usize).and_then(|row| row.get(cell as usize));
    let most = opened.copied().unwrap_or(all) / votes;
    // What hangs on a label cannot be told before there are any: all of it may open.
    if plan.parent_of(stage) != Some(opener) {
        return most;
    }
    let (asked, of) = opens(grader, stage, opener, cell, sample);
    most.saturating_mul(asked).checked_div(of).unwrap_or(0)
}

/// How many transcripts a cell has.
pub(crate) fn transcripts_of(plan: &Plan, cell: u32) -> u64 {
    let Some(cell) = plan.cells.get(cell as usize) else { return 0 };
    let prompts = plan.prompts.len() as u64;
    let prompts = cell.prompts_max.map_or(prompts, |most| prompts.min(most.into()));
    u64::from(cell.repeats_max.map_or(plan.repeats, |most| most.min(plan.repeats))) * prompts
}

/// For how many prompts of the sample a readable answer opens a stage.
fn opens(grader: &Grader, stage: u32, opener: u32, cell: u32, sample: &[u32]) -> (u64, u64) {
    let said = Said { finish: Finish::Stop, parse: Parse::Ok, label: None };
    let of = sample.len() as u64;
    let asked = sample.iter().filter(|&&prompt| {
        let at = Coordinate { stage: opener, cell, prompt, ..Coordinate::default() };
        grader.opens(at, &said).opens.checked_shr(stage).is_some_and(|bits| bits & 1 == 1)
    });
    (asked.count() as u64, of)
}

/// Numbers of prompts: all, or those of the lowest ranks, which no order of the file can bias.
pub(super) fn sample(plan: &Plan) -> Vec<u32> {
    let every = (0..).zip(&plan.prompts).map(|(number, _)| number);
    if plan.prompts.len().saturating_mul(plan.cells.len()) <= LOOKS_MAX {
        return every.collect();
    }
    every.zip(plan.ranks()).filter(|(_, rank)| *rank < SAMPLE).map(|(number, _)| number).collect()
}
