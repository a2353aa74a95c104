//! Transcripts to counts, by cell and prompt.

mod blocks;

use std::collections::BTreeMap;

use iago_grading::{Class, Decision, DropReason, StageState, Transcript};
use iago_statistics::Missing;

pub(crate) use blocks::Blocks;

use crate::counted::Counted;
use crate::material::Material;

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
