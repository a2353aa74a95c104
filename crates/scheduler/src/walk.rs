//! The walk over jobs that open by themselves: blocks in a seeded order, and inside a block the
//! conditions of a model side by side, in shuffled order.
//!
//! Drift, throttling and outages then hit every condition alike. One walk for each route, so that a
//! blocked pool holds up only those that it is in.

use iago_sweep::{Coordinate, JobId};

use crate::RouteId;
use crate::order::{Block, BlockOrder};
use crate::permutation::scramble;
use crate::shape::Shape;

/// How many positions one frontier fact opens. After a crash, nothing beyond it can be in flight.
pub const FRONTIER_STRETCH: u64 = 4096;

/// A cursor over one route's share of a sweep.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    order: BlockOrder,
    seed: u64,
    /// (stage, cell, model) of each job in a block.
    roots: Vec<(u32, u32, u32)>,
    /// A block, and the roots in the order that they have in it.
    block: Option<(Block, Vec<(u32, u32)>)>,
    position: u64,
    frontier: u64,
    /// Everything before this position is held back.
    held_back: Option<u64>,
    /// On reaching the first position, the walk goes on at the second.
    jump: Option<(u64, u64)>,
    /// The next job to hand out, already stepped over.
    pending: Option<JobId>,
}

impl Walk {
    /// A walk from the start; `frontier` is how far an earlier process may have come.
    pub(crate) fn new(shape: &Shape, route: RouteId, frontier: u64) -> Self {
        let model = |cell: u32| shape.cell_models.get(cell as usize).copied().unwrap_or(0);
        let roots = shape.roots(route).into_iter().map(|(stage, cell)| (stage, cell, model(cell)));
        Self {
            order: BlockOrder::new(shape.seed, shape.prompts, shape.repeats),
            seed: shape.seed,
            roots: roots.collect(),
            block: None,
            position: 0,
            frontier,
            held_back: None,
            jump: None,
            pending: None,
        }
    }

    /// Starts beyond the frontier: what is behind it is held back. Or holds back all of it.
    pub(crate) fn hold_back(&mut self, everything: bool) {
        self.position = if everything { u64::MAX } else { self.frontier };
        self.held_back = Some(self.position);
    }

    /// Goes to what was held back, and later on from where the walk has come to.
    pub(crate) fn go_back(&mut self) {
        let Some(end) = self.held_back.take() else { return };
        let ahead = self.position - u64::from(self.pending.take().is_some());
        self.jump = Some((end, ahead));
        self.position = 0;
    }

    /// Whether a job is left that `ended` does not hold for. Moves past those for which it does.
    pub(crate) fn has_next(&mut self, shape: &Shape, ended: impl Fn(JobId) -> bool) -> bool {
        while self.pending.is_none_or(&ended) {
            self.pending = self.step(shape);
            if self.pending.is_none() {
                return false;
            }
        }
        true
    }

    /// The job that [`Walk::has_next`] found.
    pub(crate) fn peek(&self) -> Option<JobId> {
        self.pending
    }

    /// Hands out the job that [`Walk::has_next`] found, and the frontier that must be committed
    /// before it goes out, if one is due.
    pub(crate) fn take(&mut self) -> Option<(JobId, Option<u64>)> {
        let job = self.pending.take()?;
        if self.position <= self.frontier {
            return Some((job, None));
        }
        self.frontier = self.position.div_ceil(FRONTIER_STRETCH) * FRONTIER_STRETCH;
        Some((job, Some(self.frontier)))
    }

    /// The next job of the walk, ended or not; `None` at the end. Blocks that no cell asks are passed
    /// over: with low caps they are nearly all there are.
    fn step(&mut self, shape: &Shape) -> Option<JobId> {
        let width = self.roots.len() as u64;
        let block = loop {
            if let Some((_, ahead)) = self.jump.take_if(|(end, _)| self.position >= *end) {
                self.position = ahead;
            }
            let at = self.position.checked_div(width)?;
            let block = self.order.at(at)?;
            let is_begun = self.block.as_ref().is_some_and(|(of, _)| *of == block);
            let asks =
                |(_, cell, _): &(u32, u32, u32)| shape.asks(*cell, block.prompt, block.repeat);
            if is_begun || self.roots.iter().any(asks) {
                break block;
            }
            self.position = (at + 1) * width;
        };
        let offset = usize::try_from(self.position % width).ok()?;
        let (stage, cell) = *self.roots_of(block).get(offset)?;
        self.position += 1;
        let Block { prompt, repeat } = block;
        JobId::pack(Coordinate { stage, cell, repeat, prompt, vote: 0 }).ok()
    }

    /// The roots in the order that they have in a block.
    fn roots_of(&mut self, block: Block) -> &[(u32, u32)] {
        if self.block.as_ref().is_none_or(|(of, _)| *of != block) {
            self.block = Some((block, self.shuffle(block)));
        }
        self.block.as_ref().map_or(&[], |(_, roots)| roots)
    }

    fn shuffle(&self, block: Block) -> Vec<(u32, u32)> {
        let block = self.order.number(block);
        let key = |n: u32| scramble(self.seed ^ scramble(block ^ (u64::from(n) << 40)));
        let mut roots = self.roots.clone();
        // Model first: its conditions stay neighbours. Then the condition.
        roots.sort_by_key(|(stage, cell, model)| (key(*model), key(*cell | 1 << 20), *stage));
        roots.into_iter().map(|(stage, cell, _)| (stage, cell)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use iago_sweep::Need;

    use super::*;
    use crate::{Cap, StageShape};

    fn shape(prompts: u32, repeats: u32) -> Shape {
        let stage = StageShape {
            opener: None,
            votes: 1,
            grades: false,
            routes: vec![RouteId(0); 6],
            needs: vec![Need::default(); 6],
            reserve: vec![None; 6],
            reserve_of_call: vec![None; 6],
        };
        Shape {
            seed: 7,
            revision: 0,
            prompts,
            repeats,
            ranks: Vec::new(),
            caps: Vec::new(),
            cell_models: vec![0, 0, 1, 1, 2, 2],
            stages: vec![stage],
            budget: None,
            weight: 1,
        }
    }

    #[test]
    fn a_walk_meets_every_job_once() {
        let shape = shape(7, 3);
        let mut walk = Walk::new(&shape, RouteId(0), 0);
        let jobs: Vec<_> = std::iter::from_fn(|| walk.step(&shape)).collect();
        assert_eq!(jobs.len(), 7 * 3 * 6);
        assert_eq!(jobs.iter().collect::<BTreeSet<_>>().len(), jobs.len());
    }

    #[test]
    fn a_walk_goes_along_the_order_of_blocks() {
        let shape = shape(7, 3);
        let mut walk = Walk::new(&shape, RouteId(0), 0);
        let jobs: Vec<_> = std::iter::from_fn(|| walk.step(&shape)).map(JobId::at).collect();
        let firsts = jobs.chunks(6).map(|jobs| (jobs[0].prompt, jobs[0].repeat));
        let order = BlockOrder::new(shape.seed, shape.prompts, shape.repeats);
        assert!(firsts.eq(order.iter().map(|block| (block.prompt, block.repeat))));
    }

    #[test]
    fn the_conditions_of_a_model_go_out_side_by_side_in_both_orders() {
        let shape = shape(50, 2);
        let mut walk = Walk::new(&shape, RouteId(0), 0);
        let jobs: Vec<_> = std::iter::from_fn(|| walk.step(&shape)).map(JobId::at).collect();
        let mut firsts = BTreeSet::new();
        for block in jobs.chunks(6) {
            assert!(
                block.iter().all(|at| (at.prompt, at.repeat) == (block[0].prompt, block[0].repeat))
            );
            for pair in block.chunks(2) {
                assert_eq!(pair[0].cell / 2, pair[1].cell / 2, "one model's conditions are apart");
                firsts.insert(pair[0].cell % 2);
            }
        }
        assert_eq!(firsts.len(), 2, "neither condition always goes first");
    }

    #[test]
    fn a_frontier_is_due_before_each_new_stretch_and_never_inside_one() {
        let shape = shape(1000, 2);
        let mut walk = Walk::new(&shape, RouteId(0), 0);
        let mut frontiers = Vec::new();
        for handed_out in 0.. {
            if !walk.has_next(&shape, |_| false) {
                break;
            }
            let (_, frontier) = walk.take().unwrap();
            frontiers.extend(frontier.map(|frontier| (handed_out, frontier)));
        }
        assert_eq!(frontiers, [(0, 4096), (4096, 8192), (8192, 12288)]);
    }

    #[test]
    fn what_has_ended_is_passed_over() {
        let shape = shape(10, 1);
        let mut walk = Walk::new(&shape, RouteId(0), 0);
        let even = |job: JobId| job.at().prompt.is_multiple_of(2);
        let mut handed_out = 0;
        while walk.has_next(&shape, even) {
            assert!(!even(walk.take().unwrap().0));
            handed_out += 1;
        }
        assert_eq!(handed_out, 5 * 6);
    }

    fn take_all(shape: &Shape, walk: &mut Walk) -> Vec<JobId> {
        let take = || walk.has_next(shape, |_| false).then(|| walk.take()).flatten();
        std::iter::from_fn(take).map(|(job, _)| job).collect()
    }

    #[test]
    fn what_was_held_back_comes_once_and_before_what_lies_ahead() {
        let shape = shape(1000, 1);
        let whole = take_all(&shape, &mut Walk::new(&shape, RouteId(0), 0));
        let mut walk = Walk::new(&shape, RouteId(0), 4096);
        walk.hold_back(false);
        assert!(walk.has_next(&shape, |_| false));
        assert_eq!(walk.take(), Some((whole[4096], Some(8192))));
        assert!(walk.has_next(&shape, |_| false), "found, but not taken, when the way back opens");
        walk.go_back();
        let rest = take_all(&shape, &mut walk);
        assert_eq!(rest[..4096], whole[..4096]);
        assert_eq!(rest[4096..], whole[4097..]);
    }

    #[test]
    fn a_walk_can_be_held_back_as_a_whole() {
        let shape = shape(10, 1);
        let mut walk = Walk::new(&shape, RouteId(0), 0);
        walk.hold_back(true);
        assert!(!walk.has_next(&shape, |_| false));
        walk.go_back();
        assert_eq!(
            take_all(&shape, &mut walk),
            take_all(&shape, &mut Walk::new(&shape, RouteId(0), 0))
        );
    }

    /// Looking at each of their positions would keep the coordinator's loop busy.
    #[test]
    fn blocks_that_no_cell_asks_are_passed_over_as_a_whole() {
        let cap = Cap { prompts_max: Some(3), repeats_max: Some(1) };
        let capped = |cells: usize| Shape { caps: vec![cap; cells], ..shape(1000, 2) };
        let few = capped(6);
        let looked_at = std::cell::Cell::new(0);
        let beyond = |job: JobId| {
            looked_at.set(looked_at.get() + 1);
            !few.contains(job)
        };
        let mut walk = Walk::new(&few, RouteId(0), 0);
        let whole = take_all(&shape(1000, 2), &mut Walk::new(&few, RouteId(0), 0));
        let mut taken = Vec::new();
        while walk.has_next(&few, beyond) {
            taken.extend(walk.take().map(|(job, _)| job));
        }
        let asked = whole.into_iter().filter(|job| few.contains(*job)).collect::<Vec<_>>();
        assert_eq!((taken, looked_at.get()), (asked, 3 * 6), "in the same order");

        // Where a cell beside them asks for all, nobody is passed over.
        let mut walk = Walk::new(&capped(5), RouteId(0), 0);
        assert_eq!(take_all(&capped(5), &mut walk).len(), 1000 * 2 * 6);
    }
}
