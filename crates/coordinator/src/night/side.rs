//! One sweep with everything that is folded from its facts.

use iago_nightly::Habits;
use iago_report::Material;
use iago_store::{Store, SweepHead, Totals};
use iago_sweep::{Coordinate, Money, Plan, ResultFact, StageKind, SweepId};
use jiff::Timestamp;

use crate::report::{PresentError, fold_material};
use crate::standing::{find_head, stored_plan};

/// One sweep with everything that is folded from its facts.
pub(super) struct Side {
    pub(super) head: SweepHead,
    /// As it is stored.
    pub(super) plan: Plan,
    /// The plan's jobs; its measures may be those of another plan.
    pub(super) material: Material,
    pub(super) habits: Habits,
    pub(super) totals: Totals,
}

/// When a sweep was submitted.
pub(crate) fn began(head: &SweepHead) -> Timestamp {
    Timestamp::from_millisecond(head.created_ms).unwrap_or_default()
}

impl Side {
    /// A sweep as it stands.
    pub(super) async fn latest<S: Store>(store: &S, sweep: SweepId) -> Result<Self, PresentError> {
        let head = find_head(store, sweep).await?;
        let plan = stored_plan(store, sweep, head.revision).await?;
        Self::fold(store, head, plan.clone(), &plan).await
    }

    /// A sweep under one of its plans, `counted` by one that has its jobs and perhaps other measures.
    pub(super) async fn fold<S: Store>(
        store: &S,
        head: SweepHead,
        plan: Plan,
        counted: &Plan,
    ) -> Result<Self, PresentError> {
        let mut meter = Meter::of(&plan);
        let folded = fold_material(store, head.id, counted, |fact| meter.take(fact)).await?;
        let totals = store.totals(head.id).await?;
        let habits = meter.tell(&folded.material);
        Ok(Self { head, plan, material: folded.material, habits, totals })
    }

    /// The cell of a model and a condition.
    pub(super) fn cell(&self, model: &str, condition: &str) -> Option<usize> {
        let mut cells = self.plan.cells.iter();
        cells.position(|cell| cell.model == model && cell.condition == condition)
    }

    /// The prompt with this id.
    pub(super) fn prompt(&self, id: &str) -> Option<usize> {
        self.plan.prompts.iter().position(|prompt| prompt.id == id)
    }
}

/// What the calls of a sweep were like, of those that a plan of it asks for.
struct Meter<'p> {
    plan: &'p Plan,
    ranks: Vec<u32>,
    /// Answers of models under test.
    answers: u64,
    latency_ms: u64,
    output: u64,
    cost: Money,
    /// The price of some answer is not known.
    unpriced: bool,
}

impl<'p> Meter<'p> {
    fn of(plan: &'p Plan) -> Self {
        let (ranks, cost) = (plan.ranks(), Money::ZERO);
        Self { plan, ranks, answers: 0, latency_ms: 0, output: 0, cost, unpriced: false }
    }

    fn take(&mut self, fact: &ResultFact) {
        let at = fact.job.at();
        if !self.asks(at) {
            return;
        }
        self.cost += fact.cost.unwrap_or_default();
        self.unpriced |= fact.cost.is_none();
        let stage = self.plan.stages.get(at.stage as usize).map(|stage| &stage.kind);
        if matches!(stage, Some(StageKind::Generate { helper: None, .. })) {
            self.answers += 1;
            self.latency_ms = self.latency_ms.saturating_add(fact.latency_ms.into());
            self.output = self.output.saturating_add(fact.usage.output);
        }
    }

    fn asks(&self, at: Coordinate) -> bool {
        let cell = self.plan.cells.get(at.cell as usize);
        let rank = self.ranks.get(at.prompt as usize);
        let is_asked = cell.zip(rank).is_some_and(|(cell, rank)| cell.asks(*rank, at.repeat));
        is_asked && at.repeat < self.plan.repeats && (at.stage as usize) < self.plan.stages.len()
    }

    #[expect(clippy::cast_precision_loss, reason = "averages, for people to look at")]
    fn tell(&self, material: &Material) -> Habits {
        let mean = |sum: u64| (self.answers > 0).then(|| sum as f64 / self.answers as f64);
        let mut habits = Habits {
            latency: mean(self.latency_ms).map(|milliseconds| milliseconds / 1e3),
            output_tokens: mean(self.output),
            cost: (!self.unpriced && self.answers > 0).then(|| self.cost.dollars()),
            ..Habits::default()
        };
        for place in material.places() {
            let fate = material.fate(place);
            habits.transcripts += 1;
            habits.refused += u64::from(fate.refused);
            if let Some(class) = fate.failed {
                *habits.failed.entry(class.to_string()).or_default() += 1;
            }
        }
        habits
    }
}
