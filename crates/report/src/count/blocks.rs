//! Which blocks, that is (prompt, repeat)s of a model, a report counts.
//!
//! Before a sweep's end, those that are complete are not like the rest: what is quick to answer, as refusals are, comes
//! in first. So a report follows the order in which work is handed out, which the seed decides and no answer, and counts
//! up to the first block that is open. What is left of the bias is the one block that it stops at, which is more likely
//! a slow one, whatever the sweep's size.
//!
//! The order is the one that the plan at hand has. A sweep that was extended was handed out in another one before, which
//! a plan does not tell; what was complete by then is counted as far as it comes first in the present order. That order
//! is as deaf to what was answered, so that this costs numbers and never truth.

use iago_grading::{StageState, Transcript};
use iago_scheduler::BlockOrder;
use iago_sweep::Plan;

use crate::material::Material;
use crate::report::{Interim, InterimModel};

/// Which blocks a report counts.
pub(crate) struct Blocks {
    /// For each model, how each (prompt, repeat) stands over the cells that ask it.
    blocks: Vec<Vec<Block>>,
    /// For each cell, its model.
    model_of: Vec<usize>,
    interim: bool,
}

/// How one (prompt, repeat) of a model stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// No cell asks it.
    Unasked,
    /// Every cell that asks it has an end.
    Closed,
    /// Some cell has none yet.
    Open,
    /// Every cell that asks it has an end, and a block before it is open.
    Ahead,
}

impl Blocks {
    /// A report is interim if the caller knows of open jobs, or if any transcript has no end yet: a sweep that was
    /// cancelled has the same bias towards what is quick to answer.
    pub(crate) fn find(material: &Material, open: u64) -> Self {
        let plan = material.plan();
        let position = |name: &str| plan.models.iter().position(|model| model.name == name);
        let model_of: Vec<usize> =
            plan.cells.iter().map(|cell| position(&cell.model).unwrap_or(0)).collect();
        let repeats = plan.repeats as usize;
        let mut blocks =
            vec![vec![Block::Unasked; plan.prompts.len() * repeats]; plan.models.len()];
        for (cell, &model) in model_of.iter().enumerate() {
            let Some(blocks) = blocks.get_mut(model) else { continue };
            for (number, block) in blocks.iter_mut().enumerate() {
                let (prompt, repeat) = (number / repeats, number % repeats);
                if material.asks(cell, prompt, repeat) {
                    block.add(is_closed(&material.transcript(cell, prompt, repeat)));
                }
            }
        }
        let has_open = blocks.iter().flatten().any(|block| *block == Block::Open);
        if has_open {
            blocks.iter_mut().for_each(|blocks| cut_at_first_open(plan, blocks));
        }
        Self { blocks, model_of, interim: open > 0 || has_open }
    }

    pub(crate) fn interim(&self, material: &Material, open: u64) -> Option<Interim> {
        let count = |blocks: &[Block], is: fn(Block) -> bool| {
            blocks.iter().filter(|block| is(**block)).count() as u64
        };
        let models =
            material.plan().models.iter().zip(&self.blocks).map(|(model, blocks)| InterimModel {
                model: model.name.clone(),
                blocks: count(blocks, |block| block == Block::Closed),
                of: count(blocks, |block| block != Block::Unasked),
            });
        self.interim.then(|| Interim { open, models: models.collect() })
    }

    /// The (prompt, repeat)s of a cell that are counted.
    pub(crate) fn list<'a>(
        &'a self,
        material: &'a Material,
        cell: usize,
    ) -> impl Iterator<Item = (usize, usize)> + 'a {
        let plan = material.plan();
        let repeats = plan.repeats as usize;
        let blocks = (0..plan.prompts.len() * repeats).filter(move |&block| self.has(cell, block));
        let places = blocks.map(move |block| (block / repeats, block % repeats));
        places.filter(move |&(prompt, repeat)| material.asks(cell, prompt, repeat))
    }

    fn has(&self, cell: usize, block: usize) -> bool {
        self.blocks.get(self.model_of[cell]).is_some_and(|blocks| blocks[block] == Block::Closed)
    }
}

impl Block {
    fn add(&mut self, is_closed: bool) {
        *self = if is_closed && *self != Self::Open { Self::Closed } else { Self::Open };
    }
}

/// Whether every job that a transcript can have has ended. A failure is an end.
fn is_closed(transcript: &Transcript) -> bool {
    transcript.stages.iter().all(|state| *state != StageState::Pending)
}

/// Keeps of a model's closed blocks those that come before all open ones in the order of work.
fn cut_at_first_open(plan: &Plan, blocks: &mut [Block]) {
    let prompts = u32::try_from(plan.prompts.len()).unwrap_or(u32::MAX);
    let order = BlockOrder::new(plan.seed, prompts, plan.repeats);
    let number =
        |at: iago_scheduler::Block| at.prompt as usize * plan.repeats as usize + at.repeat as usize;
    let in_order = order.iter().map(number).skip_while(|at| blocks.get(*at) != Some(&Block::Open));
    for at in in_order.collect::<Vec<_>>() {
        if let Some(block) = blocks.get_mut(at).filter(|block| **block == Block::Closed) {
            *block = Block::Ahead;
        }
    }
}
