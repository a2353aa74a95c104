//! What is folded from the narrow facts of a sweep: which job ended how, and nothing that was said.
//!
//! A job is a place in a list and takes a byte, a vote takes another. Facts may come in any order, and a job that failed
//! in one retry round may have its result from a later one.

use iago_grading::{Answered, Class, Decision, Grader, StageState, Transcript, count_votes};
use iago_sweep::{
    Coordinate, FailureClass, FailureFact, Label, Plan, ResultFact, Stage, StageKind, Votes,
};

use crate::axes::{MODEL, levels_of};
use crate::echo::Echoes;
use crate::error::ReportError;
use crate::slot::{End, LabelSlot, Slot};

/// All that is known of a sweep's jobs.
#[derive(Clone, Debug)]
pub struct Material {
    plan: Plan,
    grader: Grader,
    stages: Vec<StageFold>,
    models: Vec<Echoes>,
    judges: Vec<Echoes>,
    strays: u64,
}

/// One stage's jobs, by transcript and within it by vote.
#[derive(Clone, Debug)]
struct StageFold {
    votes: u32,
    rule: Option<Votes>,
    parent: Option<usize>,
    words: Vec<String>,
    slots: Vec<Slot>,
    /// Empty for a stage that does not judge.
    labels: Vec<LabelSlot>,
}

/// How many jobs ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) answered: u64,
    pub(crate) failed: u64,
    pub(crate) simulated: u64,
}

impl Material {
    /// Makes room for a plan's facts.
    ///
    /// # Errors
    ///
    /// If an expression, a contrast or a question of the plan cannot be used, or it is too large for this machine.
    pub fn new(plan: Plan) -> Result<Self, ReportError> {
        let grader = Grader::new(&plan).map_err(ReportError::Grading)?;
        check_contrasts(&plan)?;
        let stages =
            (0..).zip(&plan.stages).map(|(number, stage)| fold_stage(&plan, number, stage));
        Ok(Self {
            stages: stages.collect::<Result<_, _>>()?,
            models: vec![Echoes::default(); plan.models.len()],
            judges: vec![Echoes::default(); plan.judges.len()],
            strays: 0,
            grader,
            plan,
        })
    }

    /// Takes in a result. A second result of one job changes nothing.
    pub fn result(&mut self, fact: &ResultFact) {
        let at = fact.job.at();
        let Some((transcript, slot)) = self.find_slot(at) else {
            self.strays += 1;
            return;
        };
        let fold = &mut self.stages[at.stage as usize];
        if matches!(fold.slots[slot].end(), End::Answered(..)) {
            return;
        }
        fold.slots[slot] = Slot::answered(fact.finish, fact.parse, fact.simulated);
        if let Some(label) = fold.labels.get_mut(slot) {
            *label = LabelSlot::pack(fact.label.as_ref(), &fold.words);
        }
        self.skip_unopened(at.stage as usize, transcript, fact.decided & !fact.opens);
        if let Some(echoes) = self.find_echoes(at) {
            echoes.add(fact.echoed_model.as_deref());
        }
    }

    /// Takes in a failure. A job that has its result, before or after, did not fail.
    pub fn failure(&mut self, failure: &FailureFact) {
        let at = failure.job.at();
        let Some((_, slot)) = self.find_slot(at) else {
            self.strays += 1;
            return;
        };
        let slot = &mut self.stages[at.stage as usize].slots[slot];
        if !matches!(slot.end(), End::Answered(..)) {
            *slot = Slot::failed(failure.class, failure.simulated);
        }
    }

    /// What a transcript is classed as, by what is known of it. All numbers are the plan's.
    pub fn class(&self, cell: u32, prompt: u32, repeat: u32) -> Class {
        let transcript = self.transcript(cell as usize, prompt as usize, repeat as usize);
        self.grader.outcome(&transcript)
    }

    pub(crate) fn plan(&self) -> &Plan {
        &self.plan
    }

    pub(crate) fn grader(&self) -> &Grader {
        &self.grader
    }

    /// The ids echoed for each model under test.
    pub(crate) fn model_echoes(&self) -> &[Echoes] {
        &self.models
    }

    /// The ids echoed for each judge.
    pub(crate) fn judge_echoes(&self) -> &[Echoes] {
        &self.judges
    }

    /// Facts of jobs that the plan does not have.
    pub(crate) fn strays(&self) -> u64 {
        self.strays
    }

    /// The state of one transcript over all stages.
    pub(crate) fn transcript(&self, cell: usize, prompt: usize, repeat: usize) -> Transcript {
        let index = self.transcript_index(cell, prompt, repeat);
        let mut stages: Vec<StageState> = Vec::with_capacity(self.stages.len());
        for fold in &self.stages {
            let parent = fold.parent.and_then(|parent| stages.get(parent));
            let state = fold.state(index, parent);
            stages.push(state);
        }
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Transcript { cell: number(cell), prompt: number(prompt), repeat: number(repeat), stages }
    }

    /// How the jobs of one cell ended.
    pub(crate) fn ends_of(&self, cell: usize) -> Ends {
        let transcripts = self.plan.prompts.len() * self.plan.repeats as usize;
        let mut ends = Ends::default();
        for fold in &self.stages {
            let jobs = transcripts * fold.votes as usize;
            for slot in &fold.slots[cell * jobs..(cell + 1) * jobs] {
                ends.add(*slot);
            }
        }
        ends
    }

    /// How many jobs failed, by class.
    pub(crate) fn failures(&self) -> Vec<(FailureClass, u64)> {
        let slots = || self.stages.iter().flat_map(|fold| &fold.slots);
        let of = |class| slots().filter(|slot| slot.end() == End::Failed(class)).count() as u64;
        FailureClass::ALL
            .iter()
            .map(|&class| (class, of(class)))
            .filter(|(_, jobs)| *jobs > 0)
            .collect()
    }

    fn transcript_index(&self, cell: usize, prompt: usize, repeat: usize) -> usize {
        (cell * self.plan.prompts.len() + prompt) * self.plan.repeats as usize + repeat
    }

    /// The transcript and the place in its stage; `None` for a job that the plan does not have.
    fn find_slot(&self, at: Coordinate) -> Option<(usize, usize)> {
        let votes = self.stages.get(at.stage as usize)?.votes;
        let is_inside = (at.cell as usize) < self.plan.cells.len()
            && (at.prompt as usize) < self.plan.prompts.len()
            && at.repeat < self.plan.repeats
            && at.vote < votes;
        let transcript =
            self.transcript_index(at.cell as usize, at.prompt as usize, at.repeat as usize);
        is_inside.then_some((transcript, transcript * votes as usize + at.vote as usize))
    }

    fn skip_unopened(&mut self, parent: usize, transcript: usize, unopened: u64) {
        for (number, fold) in (0..).zip(&mut self.stages) {
            let is_unopened = unopened.checked_shr(number).is_some_and(|bits| bits & 1 == 1);
            if fold.parent == Some(parent) && is_unopened {
                fold.skip(transcript);
            }
        }
    }

    fn find_echoes(&mut self, at: Coordinate) -> Option<&mut Echoes> {
        let position = |models: &[iago_sweep::Model], name: &str| {
            models.iter().position(|model| model.name == name)
        };
        match &self.plan.stages.get(at.stage as usize)?.kind {
            StageKind::Generate { .. } => {
                let cell = self.plan.cells.get(at.cell as usize)?;
                self.models.get_mut(position(&self.plan.models, &cell.model)?)
            }
            StageKind::Judge { judge, .. } => {
                self.judges.get_mut(position(&self.plan.judges, judge)?)
            }
        }
    }
}

impl StageFold {
    fn skip(&mut self, transcript: usize) {
        let votes = self.votes as usize;
        for slot in &mut self.slots[transcript * votes..(transcript + 1) * votes] {
            if slot.end() == End::Open {
                *slot = Slot::skipped();
            }
        }
    }

    /// A stage whose parent failed, or was itself not asked, has nothing to grade.
    fn state(&self, transcript: usize, parent: Option<&StageState>) -> StageState {
        let votes = self.votes as usize;
        let slots = &self.slots[transcript * votes..(transcript + 1) * votes];
        let ends = || slots.iter().map(|slot| slot.end());
        if ends().all(|end| end == End::Open) {
            let moot = matches!(parent, Some(StageState::Failed(_) | StageState::NotAsked));
            return if moot { StageState::NotAsked } else { StageState::Pending };
        }
        if ends().any(|end| end == End::Open) {
            return StageState::Pending;
        }
        let answer = ends().find_map(|end| match end {
            End::Answered(finish, parse) => Some((finish, parse)),
            End::Open | End::Skipped | End::Failed(_) => None,
        });
        let failure = ends().find_map(|end| match end {
            End::Failed(class) => Some(class),
            End::Open | End::Skipped | End::Answered(..) => None,
        });
        match (answer, failure) {
            (Some((finish, parse)), _) => {
                let (label, share) = self.decide(transcript * votes, slots).unzip();
                StageState::Answered(Answered { finish, parse, label, share: share.flatten() })
            }
            (None, Some(class)) => StageState::Failed(class),
            (None, None) => StageState::NotAsked,
        }
    }

    /// What the votes from `start` come to, and the share of yes; `None` for a stage that does not judge.
    fn decide(&self, start: usize, slots: &[Slot]) -> Option<(Decision, Option<f64>)> {
        let labels = self.labels.get(start..start + slots.len())?;
        let came_in =
            slots.iter().zip(labels).filter(|(slot, _)| matches!(slot.end(), End::Answered(..)));
        let mut labels: Vec<Label> = came_in.map(|(_, label)| label.label(&self.words)).collect();
        Some(match &self.rule {
            Some(rule) => {
                let failed = u32::try_from(slots.len() - labels.len()).unwrap_or(u32::MAX);
                let tally = count_votes(rule, &labels, failed);
                (tally.decision, tally.share)
            }
            None => (labels.pop().map_or(Decision::Unknown, Decision::from), None),
        })
    }
}

impl Ends {
    fn add(&mut self, slot: Slot) {
        match slot.end() {
            End::Open | End::Skipped => return,
            End::Failed(_) => self.failed += 1,
            End::Answered(..) => self.answered += 1,
        }
        self.simulated += u64::from(slot.is_simulated());
    }
}

fn fold_stage(plan: &Plan, number: u32, stage: &Stage) -> Result<StageFold, ReportError> {
    let (rule, words) = match &stage.kind {
        StageKind::Generate { .. } => (None, None),
        StageKind::Judge { question, votes, .. } => (*votes, Some(question.labels())),
    };
    let words: Option<Vec<String>> =
        words.map(|words| words.into_iter().map(str::to_owned).collect());
    let known = words.as_ref().map_or(0, Vec::len);
    if known > LabelSlot::WORDS_MAX {
        let (stage, limit) = (stage.name.clone(), LabelSlot::WORDS_MAX);
        return Err(ReportError::TooManyLabels { stage, labels: known, limit });
    }
    let jobs = plan.transcripts().saturating_mul(u64::from(stage.votes()));
    let too_large = || ReportError::TooLarge { transcripts: plan.transcripts() };
    Ok(StageFold {
        votes: stage.votes(),
        rule,
        parent: plan.parent_of(number).map(|parent| parent as usize),
        slots: make_room(jobs).ok_or_else(too_large)?,
        labels: make_room(if words.is_some() { jobs } else { 0 }).ok_or_else(too_large)?,
        words: words.unwrap_or_default(),
    })
}

/// A list of so many defaults; `None` where the machine has no room for it.
fn make_room<T: Default + Clone>(length: u64) -> Option<Vec<T>> {
    let length = usize::try_from(length).ok()?;
    let mut list = Vec::new();
    list.try_reserve_exact(length).ok()?;
    list.resize(length, T::default());
    Some(list)
}

fn check_contrasts(plan: &Plan) -> Result<(), ReportError> {
    for contrast in &plan.contrasts {
        let name = || contrast.name.clone();
        if !plan.measures.iter().any(|measure| measure.name == contrast.measure) {
            return Err(ReportError::NoMeasure {
                contrast: name(),
                measure: contrast.measure.clone(),
            });
        }
        let minus = contrast.minus.as_ref();
        let minus_sides =
            minus.map(|minus| [(&minus.factor, &minus.from), (&minus.factor, &minus.to)]);
        let sides = [(&contrast.factor, &contrast.from), (&contrast.factor, &contrast.to)];
        for (axis, level) in sides.into_iter().chain(minus_sides.into_iter().flatten()) {
            if !levels_of(plan, axis).is_some_and(|levels| levels.contains(&level.as_str())) {
                return Err(ReportError::NoLevel {
                    contrast: name(),
                    axis: axis.clone(),
                    level: level.clone(),
                });
            }
        }
        if let Some(axis) =
            contrast.by.iter().find(|axis| *axis != MODEL && levels_of(plan, axis).is_none())
        {
            return Err(ReportError::NoAxis { contrast: name(), axis: axis.clone() });
        }
    }
    Ok(())
}
