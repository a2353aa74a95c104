//! Transcripts to counts, by cell and prompt.

use std::collections::BTreeMap;

use iago_grading::{Class, Decision, DropReason, StageState, Transcript};
use iago_statistics::Missing;

use crate::counted::Counted;
use crate::material::Material;
use crate::report::{Interim, InterimModel};

/// What was counted in one cell.
#[derive(Clone, Debug, Default)]
pub(crate) struct CellCounts {
    pub(crate) transcripts: u64,
    pub(crate) drops: BTreeMap<DropReason, u64>,
    pub(crate) unknown: u64,
    /// For each outcome, what each prompt counts.
    pub(crate) outcomes: Vec<Vec<Missing>>,
    /// For each measure, what each prompt counts.
    pub(crate) measures: Vec<Counted>,
    /// For each stage, how its judge or its score fared.
    pub(crate) judges: Vec<JudgeCounts>,
}

/// How a judge or a score fared in one cell, in transcripts.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct JudgeCounts {
    pub(crate) asked: u64,
    pub(crate) abstained: u64,
    pub(crate) failed: u64,
}

/// Which blocks a report counts.
pub(crate) struct Blocks {
    /// For each model, how each (prompt, repeat) stands over the cells that ask it.
    blocks: Vec<Vec<Block>>,
    /// For each cell, its model.
    model_of: Vec<usize>,
    interim: bool,
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
        let interim = open > 0 || blocks.iter().flatten().any(|block| *block == Block::Open);
        Self { blocks, model_of, interim }
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

/// How one (prompt, repeat) of a model stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Block {
    /// No cell asks it.
    Unasked,
    /// Every cell that asks it has an end.
    Closed,
    /// Some cell has none yet.
    Open,
}

impl Block {
    fn add(&mut self, is_closed: bool) {
        *self = if is_closed && *self != Self::Open { Self::Closed } else { Self::Open };
    }
}

/// Counts one cell over the blocks that the report counts.
pub(crate) fn count_cell(material: &Material, blocks: &Blocks, cell: usize) -> CellCounts {
    let plan = material.plan();
    let nothing = vec![Missing::default(); plan.prompts.len()];
    let mut counts = CellCounts {
        outcomes: vec![nothing; plan.outcomes.len()],
        measures: plan
            .measures
            .iter()
            .map(|measure| Counted::nothing(measure.is_mean(), plan.prompts.len()))
            .collect(),
        judges: vec![JudgeCounts::default(); plan.stages.len()],
        ..CellCounts::default()
    };
    for (prompt, repeat) in blocks.list(material, cell) {
        counts.add(material, prompt, &material.transcript(cell, prompt, repeat));
    }
    counts
}

impl CellCounts {
    pub(crate) fn n(&self) -> u64 {
        self.transcripts - self.dropped() - self.unknown
    }

    pub(crate) fn dropped(&self) -> u64 {
        self.drops.values().sum()
    }

    fn add(&mut self, material: &Material, prompt: usize, transcript: &Transcript) {
        self.transcripts += 1;
        self.add_class(prompt, material.grader().outcome(transcript));
        for (number, measure) in self.measures.iter_mut().enumerate() {
            measure.add(prompt, material.grader().measure(number, transcript));
        }
        for (judge, state) in self.judges.iter_mut().zip(&transcript.stages) {
            judge.add(state);
        }
    }

    fn add_class(&mut self, prompt: usize, class: Class) {
        let has_outcome = match class {
            Class::Outcome(number) => {
                self.outcomes[number][prompt].yes += 1;
                true
            }
            Class::Dropped(reason) => {
                *self.drops.entry(reason).or_default() += 1;
                false
            }
            // Only transcripts with an end are counted, so that none of them is pending.
            Class::Unknown | Class::Pending => {
                self.unknown += 1;
                false
            }
        };
        for outcome in &mut self.outcomes {
            outcome[prompt].of += u32::from(has_outcome);
            outcome[prompt].missing += u32::from(!has_outcome);
        }
    }
}

/// Whether every job that a transcript can have has ended.
fn is_closed(transcript: &Transcript) -> bool {
    transcript.stages.iter().all(|state| *state != StageState::Pending)
}

impl JudgeCounts {
    fn add(&mut self, state: &StageState) {
        match state {
            StageState::Pending | StageState::NotAsked => return,
            StageState::Failed(_) => self.failed += 1,
            StageState::Answered(answered) => {
                self.abstained += u64::from(answered.label == Some(Decision::Unknown));
            }
        }
        self.asked += 1;
    }
}
