//! The geometry of a sweep: all that the scheduler needs to know of a plan.

use iago_sweep::{JobId, Money};

use crate::PoolId;

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
    /// For each cell, the pool that its jobs draw from.
    pub pools: Vec<PoolId>,
    /// For each cell, the most that one job can cost; `None` where no price is known.
    pub reserve: Vec<Option<Money>>,
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
        let in_stage = |of: &StageShape| at.vote < of.votes && (at.cell as usize) < of.pools.len();
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

    /// The most that any job can cost, as far as prices are known.
    pub(crate) fn dearest(&self) -> Money {
        let reserves = self.stages.iter().flat_map(|stage| &stage.reserve);
        reserves.flatten().copied().max().unwrap_or_default()
    }

    /// The (stage, cell) pairs that open by themselves in a pool.
    pub(crate) fn roots(&self, pool: PoolId) -> Vec<(u32, u32)> {
        let mut roots = Vec::new();
        for (stage, shape) in (0..).zip(&self.stages) {
            let cells = (0..).zip(&shape.pools).filter(|(_, of)| **of == pool);
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
