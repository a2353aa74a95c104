//! What is not judged again, copied from the baseline into the sweep of its anchors.
//!
//! A copy cost nothing and called nobody, and keeps whatever was said and read. It keeps the execution that
//! it is of as well, so that copying twice stores nothing twice. What the baseline has no answer for fails,
//! so that no model under test is ever asked; only judges are left.

use std::collections::{BTreeSet, HashMap, HashSet};

use iago_grading::{Grader, Said};
use iago_store::{READ_MAX, Store, StoreError};
use iago_sweep::{
    Coordinate, Fact, FailureClass, FailureFact, JobId, Money, Plan, ReadingFact, ResultFact,
    StageKind, SweepId, Text, Usage,
};

use crate::readings::{StagePages, reread_stages};
use crate::standing::{StandingError, find_head, stored_plan};

/// Rows in one page.
const PAGE: usize = 10_000;

/// Failures that are stored at once.
const FAILURES_MAX: usize = 1_000;

/// What is said of a job that the baseline has no answer for.
const NO_ANSWER: &str = "the baseline has no answer here, and none is asked for again";

/// Copies what is not judged again into the sweep of anchors, which has this `plan`. May be called again at
/// any time: what is there already is left alone. To be called before the sweep is loaded, also when it is
/// tried again: a later round has failures of its own.
pub(crate) async fn copy_answers<S: Store>(
    store: &S,
    term: u64,
    baseline: (SweepId, u32),
    anchors: SweepId,
    plan: &Plan,
) -> Result<(), StoreError> {
    let then = stored_plan(store, baseline.0, baseline.1).await.map_err(unreadable)?;
    let Ok(grader) = Grader::new(plan) else {
        // Whoever made the plan has seen that it compiles; a later iago may read it in another way.
        let reason = "its judges do not compile any more".to_owned();
        return Err(StoreError::Corrupt { at: format!("the plan of {anchors}"), reason });
    };
    let head = find_head(store, anchors).await?;
    let copying = Copying {
        store,
        term,
        from: baseline.0,
        to: anchors,
        plan,
        grader,
        ranks: plan.ranks(),
        answered: jobs_of(store, baseline.0, &then).await?,
        there: jobs_of(store, anchors, plan).await?,
        round: head.round,
        then: &then,
    };
    copying.copy().await?;
    copying.fail_the_rest().await
}

/// Results with their texts. What has none is an answer that nobody can read: it fails, so that it is never
/// asked for.
pub(super) fn with_texts(
    facts: &[ResultFact],
    texts: Vec<(JobId, Text)>,
    fail: impl Fn(JobId) -> Fact,
) -> Vec<Fact> {
    let mut texts: HashMap<JobId, Text> = texts.into_iter().collect();
    let copied = facts.iter().map(|fact| match texts.remove(&fact.job) {
        Some(text) => Fact::Result(Box::new(fact.clone()), text),
        None => fail(fact.job),
    });
    copied.collect()
}

fn unreadable(error: StandingError) -> StoreError {
    match error {
        StandingError::Store(error) => error,
        StandingError::Plan { sweep, source } => {
            StoreError::Corrupt { at: format!("the plan of {sweep}"), reason: source.to_string() }
        }
    }
}

/// Every job that has a result, with the stages that it is known not to open, one bit each.
type Jobs = HashMap<JobId, u64>;

async fn jobs_of<S: Store>(store: &S, sweep: SweepId, plan: &Plan) -> Result<Jobs, StoreError> {
    // What a text was first read as says nothing of these.
    let reread = reread_stages(plan);
    let (mut jobs, mut after) = (Jobs::new(), None);
    loop {
        let page = store.recover(sweep, after, PAGE).await?;
        jobs.extend(page.iter().map(|fact| {
            let is_known = !reread.contains(&fact.job.at().stage);
            (fact.job, if is_known { fact.decided & !fact.opens } else { 0 })
        }));
        after = page.last().map(|fact| fact.job.number());
        if page.len() < PAGE {
            return Ok(jobs);
        }
    }
}

struct Copying<'a, S> {
    store: &'a S,
    term: u64,
    from: SweepId,
    to: SweepId,
    /// Of the baseline.
    then: &'a Plan,
    /// Of the anchors, with the same numbers.
    plan: &'a Plan,
    grader: Grader,
    ranks: Vec<u32>,
    /// The jobs with a result in the baseline.
    answered: Jobs,
    /// Those with one in the sweep of anchors.
    there: Jobs,
    /// The retry round of the sweep of anchors.
    round: u32,
}

impl<S: Store> Copying<'_, S> {
    /// Copies the answers of every stage that does not judge, as they are read by the baseline's plan.
    async fn copy(&self) -> Result<(), StoreError> {
        for stage in self.copied_stages() {
            let mut pages = StagePages::new(self.then, stage);
            while let Some(page) = pages.next(self.store, self.from).await? {
                let wanted = page.into_iter().filter(|(fact, _)| {
                    self.asks(fact.job.at()) && !self.there.contains_key(&fact.job)
                });
                let wanted: Vec<_> = wanted.map(|(fact, of)| self.copy_of(fact, of)).collect();
                for some in wanted.chunks(READ_MAX) {
                    self.store_with_texts(some).await?;
                }
            }
        }
        Ok(())
    }

    async fn store_with_texts(&self, facts: &[ResultFact]) -> Result<(), StoreError> {
        let jobs: Vec<JobId> = facts.iter().map(|fact| fact.job).collect();
        let texts = self.store.read(self.from, &jobs).await?;
        let copied = with_texts(facts, texts, |job| self.failure(job));
        self.store.append(self.to, self.term, copied).await.map(drop)
    }

    /// A result that nobody was asked for, with the judges that it opens now.
    fn copy_of(&self, fact: ResultFact, reading: Option<ReadingFact>) -> ResultFact {
        let fact = match reading {
            Some(of) => ResultFact {
                parse: of.parse,
                label: of.label,
                opens: of.opens,
                decided: of.decided,
                ..fact
            },
            None => fact,
        };
        let (opens, decided) = self.opening(&fact);
        ResultFact {
            opens,
            decided,
            usage: Usage::default(),
            cost: Some(Money::ZERO),
            latency_ms: 0,
            calls: 0,
            throttles: 0,
            ..fact
        }
    }

    /// What a copied result opens. What does not judge stays as it was decided; a judge is opened as
    /// tonight's plan says, where the baseline has something to compare its word with.
    fn opening(&self, fact: &ResultFact) -> (u64, u64) {
        let at = fact.job.at();
        let said = Said { finish: fact.finish, parse: fact.parse, label: fact.label.as_ref() };
        let now = self.grader.opens(at, &said).opens;
        let (mut opens, mut decided) = (0, 0);
        for (number, stage) in (0u32..).zip(&self.plan.stages) {
            let bit = 1 << number;
            let is_judge = matches!(stage.kind, StageKind::Judge { .. });
            let is_open = match is_judge {
                true => now & bit != 0 && self.was_asked(Coordinate { stage: number, ..at }),
                false if fact.decided & bit != 0 => fact.opens & bit != 0,
                false => now & bit != 0,
            };
            decided |= bit;
            opens |= if is_open { bit } else { 0 };
        }
        (opens, decided)
    }

    /// Whether the baseline has any vote of a transcript in this stage.
    fn was_asked(&self, at: Coordinate) -> bool {
        let votes = 0..self.then.votes_of(at.stage);
        let mut jobs = votes.filter_map(|vote| JobId::pack(Coordinate { vote, ..at }).ok());
        jobs.any(|job| self.answered.contains_key(&job))
    }

    /// Closes whatever does not judge, could be open, and has no answer.
    async fn fail_the_rest(&self) -> Result<(), StoreError> {
        let failures = self.store.failures(self.to).await?;
        let of_round = failures.iter().filter(|failure| failure.round == self.round);
        let closed: HashSet<JobId> = of_round.map(|failure| failure.job).collect();
        let lacking = self.copied_stages().flat_map(|stage| self.jobs_in(stage));
        let lacking = lacking.filter(|job| !self.answered.contains_key(job));
        let open: BTreeSet<JobId> =
            lacking.filter(|job| !self.there.contains_key(job) && !closed.contains(job)).collect();
        let failures: Vec<Fact> = open.into_iter().map(|job| self.failure(job)).collect();
        for some in failures.chunks(FAILURES_MAX) {
            self.store.append(self.to, self.term, some.to_vec()).await?;
        }
        Ok(())
    }

    fn failure(&self, job: JobId) -> Fact {
        Fact::Failure(FailureFact {
            job,
            round: self.round,
            // No coordinator ever has this term: it is nobody's execution, one for each round.
            term: 0,
            attempt: self.round.saturating_add(1),
            class: FailureClass::Rejected,
            status: None,
            message: NO_ANSWER.to_owned(),
            calls: 0,
            throttles: 0,
            cost: Some(Money::ZERO),
            simulated: false,
        })
    }

    /// The stages whose answers are copied.
    fn copied_stages(&self) -> impl Iterator<Item = u32> {
        let stages = (0..).zip(&self.plan.stages);
        let copied = stages.filter(|(_, of)| !matches!(of.kind, StageKind::Judge { .. }));
        copied.map(|(stage, _)| stage).collect::<Vec<_>>().into_iter()
    }

    /// The jobs of a stage that could be opened: all of one at the beginning, or after a judge; else those
    /// whose opener has an answer that did not shut them.
    fn jobs_in(&self, stage: u32) -> Vec<JobId> {
        let plan = self.plan;
        let opener = plan.opener_of(stage).filter(|opener| {
            let of = plan.stages.get(*opener as usize).map(|of| &of.kind);
            !matches!(of, Some(StageKind::Judge { .. }))
        });
        let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let cells = 0..number(plan.cells.len());
        let places = cells.flat_map(|cell| {
            let prompts = 0..number(plan.prompts.len());
            prompts
                .flat_map(move |prompt| (0..plan.repeats).map(move |repeat| (cell, prompt, repeat)))
        });
        let at = |(cell, prompt, repeat)| Coordinate { stage, cell, repeat, prompt, vote: 0 };
        let is_opened = |at: &Coordinate| {
            opener.is_none_or(|opener| {
                let opener = JobId::pack(Coordinate { stage: opener, ..*at }).ok();
                let shut = opener.and_then(|job| self.answered.get(&job));
                shut.is_some_and(|shut| shut >> stage & 1 == 0)
            })
        };
        let asked = places.map(at).filter(|at| self.asks(*at) && is_opened(at));
        asked.filter_map(|at| JobId::pack(at).ok()).collect()
    }

    fn asks(&self, at: Coordinate) -> bool {
        let cell = self.plan.cells.get(at.cell as usize);
        let rank = self.ranks.get(at.prompt as usize);
        let is_asked = cell.zip(rank).is_some_and(|(cell, rank)| cell.asks(*rank, at.repeat));
        is_asked && at.repeat < self.plan.repeats
    }
}
