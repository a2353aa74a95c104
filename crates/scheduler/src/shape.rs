//! The geometry of a sweep: all that the scheduler needs to know of a plan.

use std::collections::BTreeSet;

use iago_sweep::{JobId, Money, Need};

use crate::RouteId;

/// A plan without its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Seeds the order of work.
    pub seed: u64,
    /// Which revision of the plan this is; frontiers are kept apart by it.
    pub revision: u32,
    /// Number of prompts.
    pub prompts: u32,
    /// Number of repeats.
    pub repeats: u32,
    /// For each prompt, its place in the order in which cells with a cap take theirs; its own number
    /// for a prompt beyond the end.
    pub ranks: Vec<u32>,
    /// For each cell, the number of its model: the conditions of a model go out side by side.
    pub cell_models: Vec<u32>,
    /// For each cell, how much of the sweep it asks; all of it for a cell beyond the end.
    pub caps: Vec<Cap>,
    /// The stages.
    pub stages: Vec<StageShape>,
    /// No job is handed out that could take the spend beyond this.
    pub budget: Option<Money>,
    /// Its part of a route, beside other sweeps that want jobs there: twice the weight gets twice the
    /// tokens. Usually 1, and zero counts as that.
    pub weight: u32,
}

/// How much of a sweep a cell asks. What lies beyond is no job of the sweep, and still has its place
/// in the order of work: a cap that is raised moves nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cap {
    /// Only prompts of ranks below this.
    pub prompts_max: Option<u32>,
    /// Only repeats below this.
    pub repeats_max: Option<u32>,
}

/// A stage's geometry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageShape {
    /// The stage whose results open it; `None` for one that opens by itself.
    pub opener: Option<u32>,
    /// Jobs for each (cell, prompt, repeat).
    pub votes: u32,
    /// Its jobs ask a judge or a helper, and not a model under test: what they cost is shown apart.
    pub grades: bool,
    /// For each cell, the pools that each of its jobs draws from.
    pub routes: Vec<RouteId>,
    /// For each cell, the tokens that a job is expected to take, as long as no answer tells better;
    /// none where no model is asked.
    pub needs: Vec<Need>,
    /// For each cell, the most that one job can cost; `None` where no price is known.
    pub reserve: Vec<Option<Money>>,
    /// For each cell, the most that one call of a job can cost; `None` where no price is known.
    pub reserve_of_call: Vec<Option<Money>>,
}

impl Shape {
    /// How many blocks, that is (prompt, repeat) pairs, there are.
    pub(crate) fn blocks(&self) -> u64 {
        u64::from(self.prompts) * u64::from(self.repeats)
    }

    /// How many transcripts there are, that is (cell, prompt, repeat) triples that are asked.
    pub(crate) fn transcripts(&self) -> u64 {
        let cells = 0..self.cell_models.len();
        cells.map(|cell| self.cap(cell).of(self.prompts, self.repeats)).sum()
    }

    /// Whether a job is one of this sweep: frames, stores and walks can name any number.
    pub(crate) fn contains(&self, job: JobId) -> bool {
        let at = job.at();
        let in_stage = |of: &StageShape| at.vote < of.votes && (at.cell as usize) < of.routes.len();
        at.prompt < self.prompts
            && at.repeat < self.repeats
            && self.stages.get(at.stage as usize).is_some_and(in_stage)
            && self.asks(at.cell, at.prompt, at.repeat)
    }

    /// Whether a cell's cap lets a prompt be asked for the nth time, from 0.
    pub(crate) fn asks(&self, cell: u32, prompt: u32, repeat: u32) -> bool {
        let rank = || self.ranks.get(prompt as usize).copied().unwrap_or(prompt);
        self.cap(cell as usize).asks(rank, repeat)
    }

    fn cap(&self, cell: usize) -> Cap {
        self.caps.get(cell).copied().unwrap_or_default()
    }

    /// The most that a job can cost, where a price is known.
    pub(crate) fn reserve(&self, job: JobId) -> Option<Money> {
        let at = job.at();
        *self.stages.get(at.stage as usize)?.reserve.get(at.cell as usize)?
    }

    /// The most that so many calls of a job can cost, as far as prices are known.
    pub(crate) fn reserve_of_calls(&self, job: JobId, calls: u32) -> Money {
        Money(self.reserve_of_call(job).unwrap_or_default().0.saturating_mul(calls.into()))
    }

    /// The most that one call of a job can cost, where a price is known.
    pub(crate) fn reserve_of_call(&self, job: JobId) -> Option<Money> {
        let at = job.at();
        *self.stages.get(at.stage as usize)?.reserve_of_call.get(at.cell as usize)?
    }

    /// The most that any job can cost, as far as prices are known.
    pub(crate) fn dearest(&self) -> Money {
        let reserves = self.stages.iter().flat_map(|stage| &stage.reserve);
        reserves.flatten().copied().max().unwrap_or_default()
    }

    /// The route of a job.
    pub(crate) fn route(&self, job: JobId) -> Option<RouteId> {
        let at = job.at();
        self.stages.get(at.stage as usize)?.routes.get(at.cell as usize).copied()
    }

    /// All routes of its jobs.
    pub(crate) fn routes(&self) -> BTreeSet<RouteId> {
        self.stages.iter().flat_map(|stage| &stage.routes).copied().collect()
    }

    /// What a job is expected to take before any answer has told.
    pub(crate) fn need(&self, job: JobId) -> Need {
        let at = job.at();
        let needs = self.stages.get(at.stage as usize).map(|stage| &stage.needs);
        needs.and_then(|needs| needs.get(at.cell as usize)).copied().unwrap_or_default()
    }

    /// The (stage, cell) pairs that open by themselves on a route.
    pub(crate) fn roots(&self, route: RouteId) -> Vec<(u32, u32)> {
        let mut roots = Vec::new();
        for (stage, shape) in (0..).zip(&self.stages) {
            let cells = (0..).zip(&shape.routes).filter(|(_, of)| **of == route);
            if shape.opener.is_none() {
                roots.extend(cells.map(|(cell, _)| (stage, cell)));
            }
        }
        roots
    }
}

impl Cap {
    /// Whether a prompt of this rank is asked for the nth time, from 0.
    fn asks(self, rank: impl FnOnce() -> u32, repeat: u32) -> bool {
        self.repeats_max.is_none_or(|most| repeat < most)
            && self.prompts_max.is_none_or(|most| rank() < most)
    }

    /// How many (prompt, repeat) pairs it lets through.
    fn of(self, prompts: u32, repeats: u32) -> u64 {
        let within =
            |most: Option<u32>, all: u32| u64::from(most.map_or(all, |most| most.min(all)));
        within(self.prompts_max, prompts) * within(self.repeats_max, repeats)
    }
}
