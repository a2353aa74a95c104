//! Stored results as they count: each with what its text was read as since, where that is another
//! thing than at first.

use iago_store::{Store, StoreError};
use iago_sweep::{Coordinate, Digest, JobId, Plan, ReadingFact, ResultFact, SweepId};

/// Results or readings in one page.
const PAGE: usize = 10_000;

/// The grammar by which the stored texts of a stage are read anew; `None` where what was read at
/// first counts.
pub(crate) fn grammar_now(plan: &Plan, stage: u32) -> Option<Digest> {
    let of = plan.stages.get(stage as usize)?;
    plan.reread.contains(&of.name).then(|| plan.grammar_of(stage))
}

/// The stages whose stored texts are read anew, in order.
pub(crate) fn reread_stages(plan: &Plan) -> Vec<u32> {
    let stages = (0..).zip(&plan.stages);
    stages.filter(|(_, of)| plan.reread.contains(&of.name)).map(|(stage, _)| stage).collect()
}

/// A walk over the results of one stage, page by page.
pub(crate) struct StagePages {
    stage: u32,
    grammar: Option<Digest>,
    /// The job after which the next page begins; `None` at the end.
    after: Option<i64>,
}

impl StagePages {
    pub(crate) fn new(plan: &Plan, stage: u32) -> Self {
        let first = Coordinate { stage, ..Coordinate::default() };
        Self { stage, grammar: grammar_now(plan, stage), after: before(first) }
    }

    /// The next results, each with its reading by the plan's grammar, if there is one; `None` at the
    /// end.
    pub(crate) async fn next<S: Store>(
        &mut self,
        store: &S,
        sweep: SweepId,
    ) -> Result<Option<Vec<(ResultFact, Option<ReadingFact>)>>, StoreError> {
        let Some(after) = self.after.take() else { return Ok(None) };
        let mut results = store.results(sweep, Some(after), PAGE).await?;
        let is_full = results.len() == PAGE;
        results.retain(|fact| fact.job.at().stage == self.stage);
        if is_full && results.len() == PAGE {
            self.after = results.last().map(|fact| fact.job.number());
        }
        let readings = match self.grammar {
            // There are no more readings of these jobs than there are jobs.
            Some(grammar) => store.readings(sweep, grammar, Some(after), results.len()).await?,
            None => Vec::new(),
        };
        let mut readings = readings.into_iter().peekable();
        let with_reading = |fact: ResultFact| {
            while readings.next_if(|reading| reading.job < fact.job).is_some() {}
            let reading = readings.next_if(|reading| reading.job == fact.job);
            (fact, reading)
        };
        Ok(Some(results.into_iter().map(with_reading).collect()))
    }
}

/// Hands on the readings of a stage by the plan's grammar: of one cell, or of all.
pub(crate) async fn each_reading<S: Store>(
    store: &S,
    sweep: SweepId,
    plan: &Plan,
    (stage, cell): (u32, Option<u32>),
    mut each: impl FnMut(ReadingFact),
) -> Result<(), StoreError> {
    let Some(grammar) = grammar_now(plan, stage) else { return Ok(()) };
    let first = Coordinate { stage, cell: cell.unwrap_or(0), ..Coordinate::default() };
    let is_in = |job: JobId| {
        let at = job.at();
        at.stage == stage && cell.is_none_or(|cell| cell == at.cell)
    };
    let mut after = before(first);
    loop {
        let page = store.readings(sweep, grammar, after, PAGE).await?;
        let last = page.last().map(|reading| reading.job).filter(|_| page.len() == PAGE);
        page.into_iter().filter(|reading| is_in(reading.job)).for_each(&mut each);
        let Some(last) = last.filter(|last| is_in(*last)) else { return Ok(()) };
        after = Some(last.number());
    }
}

/// The number before all jobs of this place and the ones behind it.
fn before(first: Coordinate) -> Option<i64> {
    // A plan that was compiled has no more stages and cells than fit.
    JobId::pack(first).ok().map(|job| job.number() - 1)
}
