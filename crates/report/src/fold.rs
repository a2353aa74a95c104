//! One stage's jobs, by transcript and within it by vote.

use std::collections::BTreeSet;

use iago_grading::{Answered, Decision, StageState, count_votes};
use iago_sweep::{Label, Parse, Plan, ResultFact, Stage, StageKind, Usage, Votes};

use crate::error::ReportError;
use crate::slot::{End, LabelSlot, Slot};

/// What is kept of a stage's jobs: a byte each, and more only where the plan has a use for it.
#[derive(Clone, Debug)]
pub(crate) struct StageFold {
    pub(crate) votes: u32,
    /// The stage whose result opens it.
    pub(crate) opener: Option<usize>,
    rule: Option<Votes>,
    slots: Vec<Slot>,
    labels: Labels,
    /// Empty where nothing reads them.
    usages: Vec<Usage>,
    /// In milliseconds; empty where nothing reads them.
    latencies: Vec<u32>,
    /// Transcripts whose jobs have an answer and that a later reading of the opener's answer does not open.
    closed: BTreeSet<usize>,
}

/// What the jobs of a stage say, by job.
#[derive(Clone, Debug)]
enum Labels {
    /// It generates.
    Nothing,
    Words {
        words: Vec<String>,
        said: Vec<LabelSlot>,
    },
    /// Of a program that says a number without end; NaN for none.
    Numbers(Vec<f64>),
}

impl StageFold {
    /// Makes room for a stage's jobs. `read` are the names that the analysis reads.
    pub(crate) fn make(
        plan: &Plan,
        number: u32,
        stage: &Stage,
        read: &BTreeSet<String>,
    ) -> Result<Self, ReportError> {
        let jobs = plan.places().saturating_mul(u64::from(stage.votes()));
        let too_large = || ReportError::TooLarge { transcripts: plan.transcripts() };
        let meters = |meter: &str| {
            let prefix = format!("{}.{meter}", stage.name);
            read.iter().any(|name| name.starts_with(&prefix))
        };
        let room_if = |wanted: bool| if wanted { jobs } else { 0 };
        let rule = match &stage.kind {
            StageKind::Judge { votes, .. } => *votes,
            StageKind::Generate { .. } | StageKind::Score { .. } => None,
        };
        Ok(Self {
            votes: stage.votes(),
            opener: plan.opener_of(number).map(|opener| opener as usize),
            rule,
            slots: make_room(jobs).ok_or_else(too_large)?,
            labels: Labels::make(stage, jobs)?.ok_or_else(too_large)?,
            usages: make_room(room_if(meters("usage."))).ok_or_else(too_large)?,
            latencies: make_room(room_if(meters("latency"))).ok_or_else(too_large)?,
            closed: BTreeSet::new(),
        })
    }

    pub(crate) fn is_opened_by(&self, stage: u32) -> bool {
        self.opener == Some(stage as usize)
    }

    pub(crate) fn end(&self, job: usize) -> End {
        self.slots[job].end()
    }

    /// The jobs of these places.
    pub(crate) fn slots(&self, jobs: std::ops::Range<usize>) -> &[Slot] {
        &self.slots[jobs]
    }

    pub(crate) fn all_slots(&self) -> &[Slot] {
        &self.slots
    }

    pub(crate) fn answer(&mut self, job: usize, fact: &ResultFact) {
        self.slots[job] = Slot::answered(fact.finish, fact.parse, fact.simulated);
        self.labels.set(job, fact.label.as_ref());
        if let Some(usage) = self.usages.get_mut(job) {
            *usage = fact.usage;
        }
        if let Some(latency) = self.latencies.get_mut(job) {
            *latency = fact.latency_ms;
        }
    }

    /// An answered job's text is read as something else than at first.
    pub(crate) fn read_anew(&mut self, job: usize, parse: Parse, label: Option<&Label>) {
        let slot = &mut self.slots[job];
        if let End::Answered(finish, _) = slot.end() {
            *slot = Slot::answered(finish, parse, slot.is_simulated());
            self.labels.set(job, label);
        }
    }

    pub(crate) fn fail(&mut self, job: usize, slot: Slot) {
        if !matches!(self.slots[job].end(), End::Answered(..)) {
            self.slots[job] = slot;
        }
    }

    /// It was decided that the transcript's jobs are not asked.
    pub(crate) fn skip(&mut self, transcript: usize) {
        for slot in self.slots_mut(transcript) {
            if slot.end() == End::Open {
                *slot = Slot::skipped();
            }
        }
    }

    /// It was decided anew whether the transcript's jobs are asked, whatever has come in.
    pub(crate) fn decide_anew(&mut self, transcript: usize, opens: bool) {
        if !opens {
            self.skip(transcript);
            self.closed.insert(transcript);
            return;
        }
        self.closed.remove(&transcript);
        for slot in self.slots_mut(transcript) {
            if slot.end() == End::Skipped {
                *slot = Slot::default();
            }
        }
    }

    /// How far the stage got in a transcript. One whose opener failed, or was itself not asked, has nothing to grade.
    pub(crate) fn state(&self, transcript: usize, opener: Option<&StageState>) -> StageState {
        if self.closed.contains(&transcript) || opener == Some(&StageState::NotAsked) {
            return StageState::NotAsked;
        }
        let start = transcript * self.votes as usize;
        let slots = &self.slots[start..start + self.votes as usize];
        let ends = || slots.iter().map(|slot| slot.end());
        if ends().all(|end| end == End::Open) {
            let is_moot = matches!(opener, Some(StageState::Failed(_)));
            return if is_moot { StageState::NotAsked } else { StageState::Pending };
        }
        if ends().any(|end| end == End::Open) {
            return StageState::Pending;
        }
        self.come_to(start, slots)
    }

    /// What jobs of one transcript that have all ended come to together.
    fn come_to(&self, start: usize, slots: &[Slot]) -> StageState {
        let ends = || slots.iter().map(|slot| slot.end());
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
                let (label, share) = self.decide(start, slots).unzip();
                let (usage, latency_ms) = self.meter(start, slots.len());
                let share = share.flatten();
                StageState::Answered(Answered { finish, parse, label, share, usage, latency_ms })
            }
            (None, Some(class)) => StageState::Failed(class),
            (None, None) => StageState::NotAsked,
        }
    }

    /// What the votes from `start` come to, and the share of yes; `None` for a stage that generates.
    fn decide(&self, start: usize, slots: &[Slot]) -> Option<(Decision, Option<f64>)> {
        let answered =
            (start..).zip(slots).filter(|(_, slot)| matches!(slot.end(), End::Answered(..)));
        let mut labels: Vec<Label> =
            answered.map(|(job, _)| self.labels.get(job)).collect::<Option<_>>()?;
        Some(match &self.rule {
            Some(rule) => {
                let failed = u32::try_from(slots.len() - labels.len()).unwrap_or(u32::MAX);
                let tally = count_votes(rule, &labels, failed);
                (tally.decision, tally.share)
            }
            None => (labels.pop().map_or(Decision::Unknown, Decision::from), None),
        })
    }

    /// The tokens of all votes together, and the longest time of any.
    fn meter(&self, start: usize, votes: usize) -> (Usage, u32) {
        let mut usage = Usage::default();
        for vote in self.usages.get(start..start + votes).unwrap_or_default() {
            usage += *vote;
        }
        let latencies = self.latencies.get(start..start + votes).unwrap_or_default();
        (usage, latencies.iter().copied().max().unwrap_or(0))
    }

    fn slots_mut(&mut self, transcript: usize) -> &mut [Slot] {
        let votes = self.votes as usize;
        &mut self.slots[transcript * votes..(transcript + 1) * votes]
    }
}

impl Labels {
    /// `None` where the machine has no room for it.
    fn make(stage: &Stage, jobs: u64) -> Result<Option<Self>, ReportError> {
        let words: Vec<String> = stage.labels().into_iter().map(str::to_owned).collect();
        if words.len() > LabelSlot::WORDS_MAX {
            let (stage, limit) = (stage.name.clone(), LabelSlot::WORDS_MAX);
            return Err(ReportError::TooManyLabels { stage, labels: words.len(), limit });
        }
        Ok(if stage.generates() {
            Some(Self::Nothing)
        } else if words.is_empty() && stage.says_number() {
            make_room(jobs).map(|mut numbers: Vec<f64>| {
                numbers.fill(f64::NAN);
                Self::Numbers(numbers)
            })
        } else {
            make_room(jobs).map(|said| Self::Words { words, said })
        })
    }

    fn set(&mut self, job: usize, label: Option<&Label>) {
        match self {
            Self::Nothing => {}
            Self::Words { words, said } => said[job] = LabelSlot::pack(label, words),
            Self::Numbers(numbers) => {
                numbers[job] = match label {
                    Some(Label::Word(word)) => word.parse().unwrap_or(f64::NAN),
                    Some(Label::Abstained) | None => f64::NAN,
                }
            }
        }
    }

    fn get(&self, job: usize) -> Option<Label> {
        match self {
            Self::Nothing => None,
            Self::Words { words, said } => Some(said[job].label(words)),
            Self::Numbers(numbers) => Some(if numbers[job].is_finite() {
                Label::Word(numbers[job].to_string())
            } else {
                Label::Abstained
            }),
        }
    }
}

/// A list of so many defaults; `None` where the machine has no room for it.
fn make_room<T: Default + Clone>(length: u64) -> Option<Vec<T>> {
    let length = usize::try_from(length).ok()?;
    let mut list = Vec::new();
    list.try_reserve_exact(length).ok()?;
    list.resize(length, T::default());
    Some(list)
}
