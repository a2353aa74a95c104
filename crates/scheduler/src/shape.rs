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
    /// For each cell, the number of its model: the conditions of a model go out side by side.
    pub cell_models: Vec<u32>,
    /// The stages.
    pub stages: Vec<StageShape>,
    /// No job is handed out that could take the spend beyond this.
    pub budget: Option<Money>,
}

/// A stage's geometry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StageShape {
    /// The stage that it grades; `None` for one that opens by itself.
    pub parent: Option<u32>,
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

    /// Whether a job is one of this sweep: frames and stores can name any number.
    pub(crate) fn contains(&self, job: JobId) -> bool {
        let at = job.at();
        let in_stage = |of: &StageShape| at.vote < of.votes && (at.cell as usize) < of.pools.len();
        at.prompt < self.prompts
            && at.repeat < self.repeats
            && self.stages.get(at.stage as usize).is_some_and(in_stage)
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
            if shape.parent.is_none() {
                roots.extend(cells.map(|(cell, _)| (stage, cell)));
            }
        }
        roots
    }
}
