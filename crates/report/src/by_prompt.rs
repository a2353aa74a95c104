//! What a night is judged by: counts prompt by prompt, with what is missing by why, what a judge said of a transcript,
//! and who answered.
//!
//! Unlike a report, which stops at the first open block, everything that the plan asks for is counted here: what was
//! never done is missing, and whoever judges is told so.

use std::collections::{BTreeMap, BTreeSet};

use iago_grading::{Decision, DropReason, Reading, StageState, Transcript};
use iago_sweep::{FailureClass, Finish, Model, StageKind};

use crate::echo::Echoes;
use crate::labels::{Labels, Majority};
use crate::material::Material;
use crate::reads::Reads;
use crate::slot::End;

/// What a measure counts in one cell, for each prompt of the plan.
#[derive(Clone, Debug, PartialEq)]
pub enum PromptCounts {
    /// Of a rate: how many said yes.
    Rate(Vec<PromptCount<u32>>),
    /// Of a mean: the sum of the numbers.
    Mean(Vec<PromptCount<f64>>),
}

/// The repeats of one prompt.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct PromptCount<T> {
    /// Over those with a value.
    pub sum: T,
    /// Those with a value.
    pub of: u32,
    /// Without one: some call failed for good, or was never made.
    pub unanswered: u32,
    /// Without one: all was answered, and something of it could not be read, or a judge abstained.
    pub ungraded: u32,
}

/// The ids that came with the answers of a model or a judge.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Answerers {
    /// Every id that is known by name.
    pub ids: BTreeSet<String>,
    /// Some answers came without any.
    pub some_without: bool,
}

/// What a judge stage came to in one transcript.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JudgeSaid {
    /// One of its labels.
    Label(String),
    /// It was asked, and said nothing that is a label.
    Abstained,
    /// It could not be asked, or was not yet.
    Unanswered,
    /// It was not to be asked about this transcript.
    NotAsked,
}

/// How many jobs ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// With an answer.
    pub answered: u64,
    /// Without one.
    pub failed: u64,
    /// Not at all, and they are to be asked.
    pub open: u64,
}

/// How a transcript ended, whatever it says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Fate {
    /// The first of its jobs to fail did so in this way.
    pub failed: Option<FailureClass>,
    /// The model's own interface reported a refusal.
    pub refused: bool,
}

impl Material {
    /// What a measure counts in a cell, by prompt; both are numbers of the plan. `None` where it has no such measure.
    pub fn count_by_prompt(&self, measure: usize, cell: usize) -> Option<PromptCounts> {
        let is_mean = self.plan().measures.get(measure)?.is_mean();
        let readings = Readings { material: self, measure, cell };
        Some(if is_mean {
            PromptCounts::Mean(readings.count(value_of))
        } else {
            let yes = |reading| value_of(reading).map(|value| u32::from(value > 0.0));
            PromptCounts::Rate(readings.count(yes))
        })
    }

    /// What a measure says of one transcript: 1 and 0 for yes and no, or its number; `None` where it has no value.
    pub fn value_in(
        &self,
        measure: usize,
        (cell, prompt, repeat): (usize, usize, usize),
    ) -> Option<f64> {
        value_of(self.grader().measure(measure, &self.transcript(cell, prompt, repeat)))
    }

    /// Whether a measure's `where` lets it speak of this prompt in this cell at all.
    pub fn speaks_of(&self, measure: usize, cell: usize, prompt: usize) -> bool {
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        let (cell, prompt) = (number(cell), number(prompt));
        let unasked = Transcript { cell, prompt, repeat: 0, stages: Vec::new() };
        self.grader().measure(measure, &unasked) != Reading::Outside
    }

    /// The least and the greatest value that a measure can have, where there are such.
    pub fn limits(&self, measure: usize) -> Option<(f64, f64)> {
        let range = self.grader().measure_range(measure);
        range.filter(|(least, greatest)| least.is_finite() && greatest.is_finite())
    }

    /// For each measure of the plan, the stages that its value hangs on, in any way.
    pub fn stages_behind(&self) -> Vec<BTreeSet<usize>> {
        self.reads().iter().map(|reads| reads.all().clone()).collect()
    }

    /// What a judge stage came to in one transcript. All are numbers of the plan.
    pub fn said(&self, stage: usize, (cell, prompt, repeat): (usize, usize, usize)) -> JudgeSaid {
        let transcript = self.transcript(cell, prompt, repeat);
        match transcript.stages.get(stage) {
            Some(StageState::Answered(answered)) => match &answered.label {
                Some(Decision::Label(label)) => JudgeSaid::Label(label.clone()),
                _ if self.has_failed_vote(stage, &transcript) => JudgeSaid::Unanswered,
                _ => JudgeSaid::Abstained,
            },
            Some(StageState::Failed(_) | StageState::Pending) => JudgeSaid::Unanswered,
            Some(StageState::NotAsked) | None => JudgeSaid::NotAsked,
        }
    }

    /// The ids that answered for each model under test, by its name.
    pub fn answering_models(&self) -> BTreeMap<String, Answerers> {
        name_answerers(&self.plan().models, self.model_echoes())
    }

    /// The ids that answered for each judge, by its name.
    pub fn answering_judges(&self) -> BTreeMap<String, Answerers> {
        name_answerers(&self.plan().judges, self.judge_echoes())
    }

    /// Of the transcripts that people labelled and a judge was asked about: on how many they agree, and how many there
    /// are. `None` where nobody labelled any. A judge that abstains agrees with nobody; where people are split there is
    /// nothing to agree with.
    pub fn agreement(&self) -> Option<(u64, u64)> {
        let (mut agree, mut of) = (0, 0);
        for labels in Labels::of(self) {
            for (place, majority) in labels.all() {
                let Majority::Label(label) = majority else { continue };
                match self.said(labels.stage, *place) {
                    JudgeSaid::Label(said) => {
                        (agree, of) = (agree + u64::from(said == *label), of + 1);
                    }
                    JudgeSaid::Abstained => of += 1,
                    JudgeSaid::Unanswered | JudgeSaid::NotAsked => {}
                }
            }
        }
        (of > 0).then_some((agree, of))
    }

    /// How many jobs ended how. A job that nothing has opened yet is not counted.
    pub fn progress(&self) -> Progress {
        let mut progress = Progress::default();
        for (cell, prompt, repeat) in self.places() {
            let transcript = self.transcript(cell, prompt, repeat);
            for stage in 0..transcript.stages.len() {
                let is_open = self.is_opened(stage, &transcript);
                for end in self.ends(stage, &transcript) {
                    match end {
                        End::Answered(..) => progress.answered += 1,
                        End::Failed(_) => progress.failed += 1,
                        End::Open => progress.open += u64::from(is_open),
                        End::Skipped => {}
                    }
                }
            }
        }
        progress
    }

    /// How one transcript ended. All are numbers of the plan.
    pub fn fate(&self, (cell, prompt, repeat): (usize, usize, usize)) -> Fate {
        let transcript = self.transcript(cell, prompt, repeat);
        let mut fate = Fate::default();
        for (number, stage) in self.plan().stages.iter().enumerate() {
            let asks_model = matches!(stage.kind, StageKind::Generate { helper: None, .. });
            for end in self.ends(number, &transcript) {
                match end {
                    End::Failed(class) => fate.failed = fate.failed.or(Some(class)),
                    End::Answered(finish, _) => {
                        fate.refused |= asks_model && finish == Finish::Refusal;
                    }
                    End::Open | End::Skipped => {}
                }
            }
        }
        fate
    }

    /// Every transcript that the plan asks for: cell, prompt and repeat.
    pub fn places(&self) -> impl Iterator<Item = (usize, usize, usize)> + '_ {
        let plan = self.plan();
        let (prompts, repeats) = (plan.prompts.len(), plan.repeats as usize);
        let all = (0..plan.cells.len()).flat_map(move |cell| {
            let of_cell = (0..prompts)
                .flat_map(move |prompt| (0..repeats).map(move |repeat| (prompt, repeat)));
            of_cell.map(move |(prompt, repeat)| (cell, prompt, repeat))
        });
        all.filter(|(cell, prompt, repeat)| self.asks(*cell, *prompt, *repeat))
    }

    /// Whether any answer rests on planted behaviour.
    pub fn is_simulated(&self) -> bool {
        (0..self.plan().cells.len()).any(|cell| self.ends_of(cell).simulated > 0)
    }

    fn has_failed_vote(&self, stage: usize, transcript: &Transcript) -> bool {
        self.ends(stage, transcript).any(|end| matches!(end, End::Failed(_)))
    }

    /// Whether a stage is asked: it stands at the beginning, or what opens it was answered and did not shut it.
    fn is_opened(&self, stage: usize, transcript: &Transcript) -> bool {
        let opener = u32::try_from(stage).ok().and_then(|stage| self.plan().opener_of(stage));
        let is_asked = transcript.stages.get(stage) != Some(&StageState::NotAsked);
        let has_answer = |opener: u32| {
            matches!(transcript.stages.get(opener as usize), Some(StageState::Answered(_)))
        };
        is_asked && opener.is_none_or(has_answer)
    }
}

/// What a measure reads in each transcript of a cell that has to do with it.
struct Readings<'m> {
    material: &'m Material,
    measure: usize,
    cell: usize,
}

impl Readings<'_> {
    fn count<T: Default + Copy + std::ops::AddAssign>(
        &self,
        value: impl Fn(Reading) -> Option<T>,
    ) -> Vec<PromptCount<T>> {
        let plan = self.material.plan();
        let mut counts = vec![PromptCount::default(); plan.prompts.len()];
        for (prompt, count) in counts.iter_mut().enumerate() {
            for repeat in 0..plan.repeats as usize {
                if self.material.asks(self.cell, prompt, repeat) {
                    self.add(count, (prompt, repeat), &value);
                }
            }
        }
        counts
    }

    fn add<T: std::ops::AddAssign>(
        &self,
        count: &mut PromptCount<T>,
        (prompt, repeat): (usize, usize),
        value: impl Fn(Reading) -> Option<T>,
    ) {
        let transcript = self.material.transcript(self.cell, prompt, repeat);
        let reading = self.material.grader().measure(self.measure, &transcript);
        if let Some(value) = value(reading) {
            count.sum += value;
            count.of += 1;
        } else if self.lacks_answer(reading, &transcript) {
            count.unanswered += 1;
        } else if !matches!(reading, Reading::NotAsked | Reading::Outside) {
            count.ungraded += 1;
        }
    }

    fn lacks_answer(&self, reading: Reading, transcript: &Transcript) -> bool {
        match reading {
            Reading::Pending | Reading::Dropped(DropReason::Failed(_)) => true,
            Reading::Unknown | Reading::Dropped(DropReason::Parse(_)) => {
                let reads = self.material.reads().get(self.measure);
                let mut behind = reads.into_iter().flat_map(Reads::all);
                behind.any(|stage| self.material.has_failed_vote(*stage, transcript))
            }
            Reading::Yes
            | Reading::No
            | Reading::Value(_)
            | Reading::NotAsked
            | Reading::Outside => false,
        }
    }
}

/// A rate's yes and no as numbers; a mean's value as it is.
fn value_of(reading: Reading) -> Option<f64> {
    match reading {
        Reading::Yes => Some(1.0),
        Reading::No => Some(0.0),
        Reading::Value(value) => Some(value).filter(|value| value.is_finite()),
        Reading::Unknown
        | Reading::NotAsked
        | Reading::Outside
        | Reading::Dropped(_)
        | Reading::Pending => None,
    }
}

fn name_answerers(models: &[Model], echoes: &[Echoes]) -> BTreeMap<String, Answerers> {
    let answerers = |echoes: &Echoes| Answerers {
        ids: echoes.ids().into_keys().map(str::to_owned).collect(),
        some_without: echoes.without() > 0,
    };
    models.iter().zip(echoes).map(|(of, echoes)| (of.name.clone(), answerers(echoes))).collect()
}
