//! Sets of jobs as compressed bitmaps, one for each stage and cell.

use iago_sweep::{Coordinate, JobId};
use roaring::RoaringBitmap;

use crate::shape::Shape;

/// A set of jobs of one sweep. Costs about a bit a job where it is dense, two bytes where sparse.
#[derive(Clone, Debug)]
pub struct Grid {
    stages: Vec<StageGrid>,
    prompts: u32,
    repeats: u32,
}

#[derive(Clone, Debug)]
struct StageGrid {
    votes: u32,
    cells: Vec<RoaringBitmap>,
}

/// A stage and cell with more jobs than a bitmap has places.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0} jobs in one stage and cell: at most 4294967295 are possible; split the sweep")]
pub struct GridError(u64);

impl Grid {
    /// The empty set over a shape.
    pub fn new(shape: &Shape) -> Result<Self, GridError> {
        let most = shape.stages.iter().map(|stage| u64::from(stage.votes)).max().unwrap_or(1);
        let jobs = shape.blocks() * most;
        if u32::try_from(jobs).is_err() {
            return Err(GridError(jobs));
        }
        let cells = shape.cell_models.len();
        let stages = shape.stages.iter().map(|stage| StageGrid {
            votes: stage.votes,
            cells: vec![RoaringBitmap::new(); cells],
        });
        Ok(Self { stages: stages.collect(), prompts: shape.prompts, repeats: shape.repeats })
    }

    /// Adds a job; false if it was there, or is not one of this sweep.
    pub fn insert(&mut self, job: JobId) -> bool {
        let at = job.at();
        let Some(place) = self.place(at) else { return false };
        self.cell_mut(at).is_some_and(|cell| cell.insert(place))
    }

    /// Takes a job out; false if it was not there.
    pub fn remove(&mut self, job: JobId) -> bool {
        let at = job.at();
        let Some(place) = self.place(at) else { return false };
        self.cell_mut(at).is_some_and(|cell| cell.remove(place))
    }

    /// Whether a job is in the set.
    pub fn contains(&self, job: JobId) -> bool {
        let at = job.at();
        let cell = self.stages.get(at.stage as usize).and_then(|s| s.cells.get(at.cell as usize));
        matches!((cell, self.place(at)), (Some(cell), Some(place)) if cell.contains(place))
    }

    /// How many jobs of a stage are in the set.
    pub fn count(&self, stage: u32) -> u64 {
        let cells = self.stages.get(stage as usize).map(|stage| stage.cells.as_slice());
        cells.unwrap_or_default().iter().map(RoaringBitmap::len).sum()
    }

    /// Whether nothing is in the set.
    pub fn is_empty(&self) -> bool {
        self.stages.iter().all(|stage| stage.cells.iter().all(RoaringBitmap::is_empty))
    }

    /// The lowest job of a stage in a cell.
    pub(crate) fn first(&self, stage: u32, cell: u32) -> Option<JobId> {
        let grid = self.stages.get(stage as usize)?;
        let place = grid.cells.get(cell as usize)?.min()?;
        self.job(stage, cell, grid.votes, place)
    }

    /// All jobs in the set.
    pub(crate) fn jobs(&self) -> impl Iterator<Item = JobId> {
        let cells = (0..).zip(&self.stages).flat_map(|(stage, grid)| {
            (0..).zip(&grid.cells).map(move |(cell, bits)| (stage, cell, grid.votes, bits))
        });
        cells.flat_map(move |(stage, cell, votes, bits)| {
            bits.iter().filter_map(move |place| self.job(stage, cell, votes, place))
        })
    }

    /// The (stage, cell) pairs with jobs in the set.
    pub(crate) fn occupied(&self) -> Vec<(u32, u32)> {
        let cells = (0..).zip(&self.stages).flat_map(|(stage, grid)| {
            (0..).zip(&grid.cells).map(move |(cell, bits)| (stage, cell, bits))
        });
        let occupied = cells.filter(|(.., bits)| !bits.is_empty());
        occupied.map(|(stage, cell, _)| (stage, cell)).collect()
    }

    /// Moves everything into a set of its own.
    pub(crate) fn take(&mut self) -> Self {
        let stages = self.stages.iter_mut().map(|stage| StageGrid {
            votes: stage.votes,
            cells: stage.cells.iter_mut().map(std::mem::take).collect(),
        });
        Self { stages: stages.collect(), prompts: self.prompts, repeats: self.repeats }
    }

    /// Adds everything in a set over the same shape.
    pub(crate) fn absorb(&mut self, other: Self) {
        for (stage, from) in self.stages.iter_mut().zip(other.stages) {
            for (cell, bits) in stage.cells.iter_mut().zip(from.cells) {
                *cell |= bits;
            }
        }
    }

    fn job(&self, stage: u32, cell: u32, votes: u32, place: u32) -> Option<JobId> {
        let (slot, vote) = (place / votes, place % votes);
        let (repeat, prompt) = (slot / self.prompts, slot % self.prompts);
        JobId::pack(Coordinate { stage, cell, repeat, prompt, vote }).ok()
    }

    fn place(&self, at: Coordinate) -> Option<u32> {
        let votes = self.stages.get(at.stage as usize)?.votes;
        let inside = at.vote < votes && at.prompt < self.prompts && at.repeat < self.repeats;
        inside.then(|| (at.repeat * self.prompts + at.prompt) * votes + at.vote)
    }

    fn cell_mut(&mut self, at: Coordinate) -> Option<&mut RoaringBitmap> {
        self.stages.get_mut(at.stage as usize)?.cells.get_mut(at.cell as usize)
    }
}
