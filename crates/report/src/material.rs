//! What is folded from the narrow facts of a sweep: which job ended how, and nothing that was said.
//!
//! A job is a place in a list and takes a byte, a vote takes another; tokens, times and numbers without end are kept
//! only for stages where something reads them. Results and failures may come in any order, and a job that failed in one
//! retry round may have its result from a later one. Readings come after the results that they are readings of.

use iago_grading::{Class, Grader, Opening, Said, StageState, Transcript};
use iago_sweep::{
    Coordinate, FailureClass, FailureFact, Model, Plan, Rating, ReadingFact, ResultFact, Stage,
    StageKind,
};

use crate::check::check_contrasts;
use crate::echo::{EchoSet, Echoes};
use crate::error::ReportError;
use crate::fold::StageFold;
use crate::labelled::{Place, Requests};
use crate::names::list_names_read;
use crate::reads::Reads;
use crate::slot::{End, Slot};

/// All that is known of a sweep's jobs.
#[derive(Clone, Debug)]
pub struct Material {
    plan: Plan,
    grader: Grader,
    /// The rank of each prompt: cells with caps ask those of the lowest.
    ranks: Vec<u32>,
    stages: Vec<StageFold>,
    models: Vec<Echoes>,
    judges: Vec<Echoes>,
    /// For each stage, the versions that its program told.
    programs: Vec<Echoes>,
    /// For each stage that grades and each cell, the ids of its judge, or the versions of its program, that answered.
    graders: Vec<Vec<EchoSet>>,
    /// What labelled answers answer.
    requests: Requests,
    /// For each measure, the stages that it hangs on.
    reads: Vec<Reads>,
    strays: u64,
}

/// How many jobs ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ends {
    pub(crate) answered: u64,
    pub(crate) failed: u64,
    /// Jobs that asked a model, answered or failed. Scores are made here, and are as planted as what they score.
    pub(crate) asked: u64,
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
        let read = list_names_read(&plan);
        let stages = (0..)
            .zip(&plan.stages)
            .map(|(number, stage)| StageFold::make(&plan, number, stage, &read));
        Ok(Self {
            stages: stages.collect::<Result<_, _>>()?,
            models: vec![Echoes::default(); plan.models.len()],
            judges: vec![Echoes::default(); plan.judges.len()],
            programs: vec![Echoes::default(); plan.stages.len()],
            graders: plan.stages.iter().map(|stage| make_graders(&plan, stage)).collect(),
            requests: Requests::of(&plan),
            reads: Reads::of(&plan),
            strays: 0,
            ranks: plan.ranks(),
            grader,
            plan,
        })
    }

    /// Takes in a result. A second result of one job changes nothing.
    pub fn result(&mut self, fact: &ResultFact) {
        let at = fact.job.at();
        self.requests.take(fact);
        let Some((transcript, job)) = self.find_job(at) else {
            self.strays += 1;
            return;
        };
        let fold = &mut self.stages[at.stage as usize];
        if matches!(fold.end(job), End::Answered(..)) {
            return;
        }
        fold.answer(job, fact);
        self.skip_unopened(at, transcript, fact);
        let id = fact.echoed_model.as_deref();
        let told = self.find_echoes(at).map(|echoes| echoes.add(id)).unwrap_or_default();
        if let Some(set) = self.graders[at.stage as usize].get_mut(at.cell as usize) {
            *set = set.and(told);
        }
    }

    /// Takes in a failure. A job that has its result, before or after, did not fail.
    pub fn failure(&mut self, failure: &FailureFact) {
        let at = failure.job.at();
        let Some((_, job)) = self.find_job(at) else {
            self.strays += 1;
            return;
        };
        self.stages[at.stage as usize].fail(job, Slot::failed(failure.class, failure.simulated));
    }

    /// Takes in what a stored text is read as in place of what it was read as when it came in: its parse, its label, and
    /// the stages that it opens. To be called after all results; a reading of a job without one changes nothing.
    pub fn reading(&mut self, reading: &ReadingFact) {
        let at = reading.job.at();
        let Some((transcript, job)) = self.find_job(at) else {
            self.strays += 1;
            return;
        };
        let fold = &mut self.stages[at.stage as usize];
        let End::Answered(finish, _) = fold.end(job) else { return };
        fold.read_anew(job, reading.parse, reading.label.as_ref());
        let said = Said { finish, parse: reading.parse, label: reading.label.as_ref() };
        let stored = Opening { opens: reading.opens, decided: reading.decided };
        let Opening { opens, decided } = self.complete(at, stored, &said);
        for (number, fold) in self.stages_opened_by(at.stage) {
            if has_bit(decided, number) {
                fold.decide_anew(transcript, has_bit(opens, number));
            }
        }
    }

    /// Whether the plan asks for a transcript at all: cells with caps do not ask for all. All numbers are the plan's.
    pub fn asks(&self, cell: usize, prompt: usize, repeat: usize) -> bool {
        let (Some(cell), Some(&rank)) = (self.plan.cells.get(cell), self.ranks.get(prompt)) else {
            return false;
        };
        u32::try_from(repeat)
            .is_ok_and(|repeat| repeat < self.plan.repeats && cell.asks(rank, repeat))
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

    /// For each measure, the stages that it hangs on.
    pub(crate) fn reads(&self) -> &[Reads] {
        &self.reads
    }

    /// The ids echoed for each model under test.
    pub(crate) fn model_echoes(&self) -> &[Echoes] {
        &self.models
    }

    /// The ids echoed for each judge.
    pub(crate) fn judge_echoes(&self) -> &[Echoes] {
        &self.judges
    }

    /// For each stage, the versions that its program told.
    pub(crate) fn program_echoes(&self) -> &[Echoes] {
        &self.programs
    }

    /// The ids under which a stage's judge, or the versions as which its program, answered in a cell; none of a stage that
    /// generates.
    pub(crate) fn graded_by(&self, stage: usize, cell: usize) -> EchoSet {
        self.graders.get(stage).and_then(|cells| cells.get(cell)).copied().unwrap_or_default()
    }

    /// A set that [`Self::graded_by`] gave, in words.
    pub(crate) fn describe_graders(&self, stage: usize, set: EchoSet) -> String {
        let echoes = match &self.plan.stages[stage].kind {
            StageKind::Judge { judge, .. } => {
                let place = self.plan.judges.iter().position(|of| of.name == *judge);
                place.and_then(|place| self.judges.get(place))
            }
            StageKind::Generate { .. } | StageKind::Score { .. } => self.programs.get(stage),
        };
        echoes.map(|echoes| echoes.describe(set)).unwrap_or_default()
    }

    /// Whether a person's label of this transcript for a judge is one of an answer to another request.
    pub(crate) fn contradicts(&self, judge: &str, rating: &Rating, at: Place) -> bool {
        self.requests.contradict(&self.plan, judge, rating, at)
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
            let opener = fold.opener.and_then(|opener| stages.get(opener));
            let state = fold.state(index, opener);
            stages.push(state);
        }
        let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
        Transcript { cell: number(cell), prompt: number(prompt), repeat: number(repeat), stages }
    }

    /// How the jobs of one cell ended.
    pub(crate) fn ends_of(&self, cell: usize) -> Ends {
        let transcripts = self.plan.prompts.len() * self.plan.repeats as usize;
        let mut ends = Ends::default();
        for (fold, stage) in self.stages.iter().zip(&self.plan.stages) {
            let jobs = transcripts * fold.votes as usize;
            let asks_model = !matches!(stage.kind, StageKind::Score { .. });
            for slot in fold.slots(cell * jobs..(cell + 1) * jobs) {
                ends.add(*slot, asks_model);
            }
        }
        ends
    }

    /// How the jobs of a stage stand in one transcript, vote by vote.
    pub(crate) fn ends(&self, stage: usize, of: &Transcript) -> impl Iterator<Item = End> + '_ {
        let place = (of.cell as usize, of.prompt as usize, of.repeat as usize);
        let index = self.transcript_index(place.0, place.1, place.2);
        let fold = self.stages.get(stage);
        let slots = fold
            .map(|fold| fold.slots(index * fold.votes as usize..(index + 1) * fold.votes as usize));
        slots.unwrap_or_default().iter().map(|slot| slot.end())
    }

    /// How many jobs failed, by class.
    pub(crate) fn failures(&self) -> Vec<(FailureClass, u64)> {
        let slots = || self.stages.iter().flat_map(StageFold::all_slots);
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

    /// The transcript and the job in its stage; `None` for a job that the plan does not have.
    fn find_job(&self, at: Coordinate) -> Option<(usize, usize)> {
        let votes = self.stages.get(at.stage as usize)?.votes;
        let (cell, prompt, repeat) = (at.cell as usize, at.prompt as usize, at.repeat as usize);
        let is_inside = at.vote < votes && self.asks(cell, prompt, repeat);
        let transcript = self.transcript_index(cell, prompt, repeat);
        is_inside.then_some((transcript, transcript * votes as usize + at.vote as usize))
    }

    /// What the result does not open is not asked.
    fn skip_unopened(&mut self, at: Coordinate, transcript: usize, fact: &ResultFact) {
        let ResultFact { finish, parse, label, opens, decided, .. } = fact;
        let said = Said { finish: *finish, parse: *parse, label: label.as_ref() };
        let stored = Opening { opens: *opens, decided: *decided };
        let Opening { opens, decided } = self.complete(at, stored, &said);
        for (number, fold) in self.stages_opened_by(at.stage) {
            if has_bit(decided & !opens, number) {
                fold.skip(transcript);
            }
        }
    }

    /// What was decided when it was stored stays decided. Where nobody decided, because a stage was added later, the
    /// grader says it as it does to whoever adds a stage.
    fn complete(&self, at: Coordinate, stored: Opening, said: &Said<'_>) -> Opening {
        let mut opened = (0..).zip(&self.stages).filter(|(_, fold)| fold.is_opened_by(at.stage));
        if opened.all(|(number, _)| has_bit(stored.decided, number)) {
            return stored;
        }
        let found = self.grader.opens(at, said);
        Opening {
            opens: stored.opens | (found.opens & !stored.decided),
            decided: stored.decided | found.decided,
        }
    }

    fn stages_opened_by(&mut self, opener: u32) -> impl Iterator<Item = (u32, &mut StageFold)> {
        (0..).zip(&mut self.stages).filter(move |(_, fold)| fold.is_opened_by(opener))
    }

    fn find_echoes(&mut self, at: Coordinate) -> Option<&mut Echoes> {
        let stage = self.plan.stages.get(at.stage as usize)?;
        let position = |models: &[Model], name: &str| models.iter().position(|m| m.name == name);
        match &stage.kind {
            StageKind::Generate { helper: None, .. } => {
                let cell = self.plan.cells.get(at.cell as usize)?;
                self.models.get_mut(position(&self.plan.models, &cell.model)?)
            }
            StageKind::Generate { helper: Some(judge), .. } | StageKind::Judge { judge, .. } => {
                self.judges.get_mut(position(&self.plan.judges, judge)?)
            }
            StageKind::Score { .. } => self.programs.get_mut(at.stage as usize),
        }
    }
}

/// A stage that generates is asked of the model itself, or of a helper, and grades nothing.
fn make_graders(plan: &Plan, stage: &Stage) -> Vec<EchoSet> {
    vec![EchoSet::default(); if stage.generates() { 0 } else { plan.cells.len() }]
}

impl Ends {
    fn add(&mut self, slot: Slot, asks_model: bool) {
        match slot.end() {
            End::Open | End::Skipped => return,
            End::Failed(_) => self.failed += 1,
            End::Answered(..) => self.answered += 1,
        }
        self.asked += u64::from(asks_model);
        self.simulated += u64::from(asks_model && slot.is_simulated());
    }
}

/// Stages beyond the 64th have no bit; `Plan::check_size` refuses them.
fn has_bit(bits: u64, number: u32) -> bool {
    bits.checked_shr(number).is_some_and(|bits| bits & 1 == 1)
}
