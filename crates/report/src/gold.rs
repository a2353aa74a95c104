//! People's labels against the judge's, prompt by prompt.
//!
//! What counts is the measure and not the label: people's label is put in the place of the judge's, and the measure is
//! read again. What no labelled stage was asked about is known without any judge, so the labels correct the rest only.

use std::collections::BTreeSet;

use iago_grading::{Answered, Decision, Reading, StageState, Transcript};
use iago_statistics::Audited;
use iago_sweep::{Finish, Parse, Usage};

use crate::count::Blocks;
use crate::labels::{Labels, Majority};
use crate::material::Material;
use crate::reads::Reads;

/// A rate that reads stages which people labelled.
#[derive(Debug)]
pub(crate) struct AuditedMeasure {
    pub(crate) measure: usize,
    /// The sets of labels that bear on it.
    pub(crate) sets: BTreeSet<usize>,
    /// For each cell, what was counted.
    pub(crate) cells: Vec<AuditCounts>,
    /// For each set, its labelled transcripts that are counted, or that the measure does not speak of.
    pub(crate) matched: Vec<u64>,
    /// For each set, labelled transcripts on which people are split.
    pub(crate) tied: Vec<u64>,
    /// Labelled transcripts that people's labels leave without a reading.
    pub(crate) unreadable: u64,
}

/// People and judge in some cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct AuditCounts {
    /// For each prompt.
    pub(crate) prompts: Vec<Audited>,
    /// Of the transcripts that a labelled stage was asked about, those that the judge says yes to, and all.
    pub(crate) asked: (u64, u64),
    /// The same of those among them that people labelled, with ties.
    pub(crate) drawn: (u64, u64),
    /// Those among them on which people are split.
    pub(crate) tied: u64,
}

/// Counts every rate on which labels bear, over the blocks that the report counts.
pub(crate) fn count_gold(
    material: &Material,
    blocks: &Blocks,
    reads: &[Reads],
    sets: &[Labels],
) -> Vec<AuditedMeasure> {
    let plan = material.plan();
    let mut measures: Vec<AuditedMeasure> = (0..plan.measures.len())
        .filter(|&measure| !plan.measures[measure].is_mean())
        .map(|measure| AuditedMeasure::nothing(material, measure, &reads[measure], sets))
        .filter(|audited| !audited.sets.is_empty())
        .collect();
    if measures.is_empty() {
        return measures;
    }
    for cell in 0..plan.cells.len() {
        for (prompt, repeat) in blocks.list(material, cell) {
            let transcript = material.transcript(cell, prompt, repeat);
            let labels = sets.iter().map(|set| set.get(cell, prompt, repeat)).collect();
            let labelled = Labelled { transcript, labels };
            for audited in &mut measures {
                audited.add(material, &reads[audited.measure], sets, &labelled);
            }
        }
    }
    measures
}

/// A transcript with what people call it, for each set.
struct Labelled<'a> {
    transcript: Transcript,
    labels: Vec<Option<&'a Majority>>,
}

impl AuditedMeasure {
    fn nothing(material: &Material, measure: usize, reads: &Reads, sets: &[Labels]) -> Self {
        let plan = material.plan();
        let prompts = vec![Audited::default(); plan.prompts.len()];
        let nothing = AuditCounts { prompts, ..AuditCounts::default() };
        Self {
            measure,
            sets: (0..sets.len()).filter(|&set| reads.hang_on(sets[set].stage)).collect(),
            cells: vec![nothing; plan.cells.len()],
            matched: vec![0; sets.len()],
            tied: vec![0; sets.len()],
            unreadable: 0,
        }
    }

    fn add(
        &mut self,
        material: &Material,
        reads: &Reads,
        sets: &[Labels],
        labelled: &Labelled<'_>,
    ) {
        let Labelled { transcript, labels } = labelled;
        let asked: Vec<usize> = self
            .sets
            .iter()
            .copied()
            .filter(|&set| was_asked(transcript, sets[set].stage))
            .collect();
        let is_yes = match material.grader().measure(self.measure, transcript) {
            Reading::Yes => true,
            Reading::No => false,
            Reading::Unknown if hangs_on_people(reads, transcript, sets, &asked) => false,
            Reading::NotAsked | Reading::Outside => return self.match_all(labels),
            Reading::Unknown | Reading::Value(_) | Reading::Dropped(_) | Reading::Pending => return,
        };
        let counts = &mut self.cells[transcript.cell as usize];
        let prompt = &mut counts.prompts[transcript.prompt as usize];
        prompt.judged.of += 1;
        prompt.judged.yes += u32::from(is_yes);
        if asked.is_empty() {
            return self.match_all(labels);
        }
        prompt.asked += 1;
        count(&mut counts.asked, is_yes);
        if asked.iter().all(|&set| labels[set].is_some()) {
            count(&mut counts.drawn, is_yes);
            asked.iter().for_each(|&set| self.matched[set] += 1);
            self.compare(material, sets, labelled, &asked, is_yes);
        }
    }

    /// Puts people's labels in place of the judge's and reads the measure again.
    fn compare(
        &mut self,
        material: &Material,
        sets: &[Labels],
        labelled: &Labelled<'_>,
        asked: &[usize],
        is_yes: bool,
    ) {
        let mut transcript = labelled.transcript.clone();
        for &set in asked {
            let Some(Majority::Label(label)) = labelled.labels[set] else {
                self.cells[transcript.cell as usize].tied += 1;
                asked.iter().for_each(|&set| self.tied[set] += 1);
                return;
            };
            relabel(&mut transcript.stages[sets[set].stage], label);
        }
        let counts = &mut self.cells[transcript.cell as usize];
        let gold = &mut counts.prompts[transcript.prompt as usize].gold;
        match (is_yes, material.grader().measure(self.measure, &transcript)) {
            (true, Reading::Yes) => gold.both_yes += 1,
            (true, Reading::No) => gold.false_yes += 1,
            (false, Reading::Yes) => gold.false_no += 1,
            (false, Reading::No) => gold.both_no += 1,
            (_, _) => self.unreadable += 1,
        }
    }

    /// Labels of a transcript that need no comparison.
    fn match_all(&mut self, labels: &[Option<&Majority>]) {
        for (matched, label) in self.matched.iter_mut().zip(labels) {
            *matched += u64::from(label.is_some());
        }
    }
}

/// One transcript more.
fn count((yes, of): &mut (u64, u64), is_yes: bool) {
    *yes += u64::from(is_yes);
    *of += 1;
}

/// Whether nothing but a label that people gave too is missing from the measure's reading.
fn hangs_on_people(
    reads: &Reads,
    transcript: &Transcript,
    sets: &[Labels],
    asked: &[usize],
) -> bool {
    let mut lacking = reads.graders().filter(|&stage| lacks_label(transcript, stage)).peekable();
    lacking.peek().is_some()
        && lacking.all(|stage| asked.iter().any(|&set| sets[set].stage == stage))
}

fn lacks_label(transcript: &Transcript, stage: usize) -> bool {
    match transcript.stages.get(stage) {
        Some(StageState::Failed(_)) => true,
        Some(StageState::Answered(answered)) => answered.label == Some(Decision::Unknown),
        Some(StageState::Pending | StageState::NotAsked) | None => false,
    }
}

fn was_asked(transcript: &Transcript, stage: usize) -> bool {
    matches!(transcript.stages.get(stage), Some(StageState::Answered(_) | StageState::Failed(_)))
}

/// People's label in the place of a judge's; of votes they have no share.
fn relabel(state: &mut StageState, label: &str) {
    let label = Some(Decision::Label(label.to_owned()));
    *state = StageState::Answered(match state {
        StageState::Answered(answered) => Answered { label, share: None, ..answered.clone() },
        StageState::Pending | StageState::NotAsked | StageState::Failed(_) => Answered {
            finish: Finish::Stop,
            parse: Parse::Ok,
            label,
            share: None,
            usage: Usage::default(),
            latency_ms: 0,
        },
    });
}
