//! A checked sweep: what a sweep file says once every shortcut in it is spelled out.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::{
    Contrast, Control, Coordinate, CoordinateError, Digest, Figure, Gate, Gating, Generalise, Gold,
    JobId, Measure, Money, Outcome, Parameters, Stage, StageKind, Weight,
};

/// The pool of what needs no endpoint: scores. A program's own pool is `local.` and its name.
pub const LOCAL_POOL: &str = "local";

/// Whether this is the name of a pool of scores.
pub fn is_local(pool: &str) -> bool {
    pool.split('.').next() == Some(LOCAL_POOL)
}

/// A checked sweep. Lists are numbered by position, and a number once given stays (see
/// [`Plan::numbered_after`]); everything else refers by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The sweep's name.
    pub name: String,
    /// Seeds the order of work and the resampling of tests; never what is sent.
    pub seed: u64,
    /// How often each prompt is repeated in each cell.
    pub repeats: u32,
    /// No job is handed out that could take the spend beyond this.
    pub budget: Option<Money>,
    /// Its part of pools that other sweeps want as well. No part of what is asked.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weight: Weight,
    /// The prompts; a prompt's position is its number in a [`Coordinate`].
    pub prompts: Vec<Prompt>,
    /// The axes of the conditions.
    pub factors: Vec<Factor>,
    /// All combinations of levels in use, in file order.
    pub conditions: Vec<Condition>,
    /// The models under test.
    pub models: Vec<Model>,
    /// The models that grade.
    pub judges: Vec<Model>,
    /// What is run: one per (model, condition).
    pub cells: Vec<Cell>,
    /// The pipeline, each stage after the one that it is `of`.
    pub stages: Vec<Stage>,
    /// Classes of a transcript; the first that holds wins.
    pub outcomes: Vec<Outcome>,
    /// What is averaged.
    pub measures: Vec<Measure>,
    /// What is compared.
    pub contrasts: Vec<Contrast>,
    /// What has to hold before any number is believed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<Control>,
    /// Template variables of every cell, unless its level or its model says otherwise.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub variables: BTreeMap<String, String>,
    /// The texts that are edits of another one, for people to read; what is sent stands in messages and levels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub texts: Vec<EditedText>,
    /// What the report draws.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub figures: Vec<Figure>,
    /// What measures are held to, against a baseline.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<Gate>,
    /// How gates are judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gating: Option<Gating>,
    /// People's labels.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gold: Vec<Gold>,
    /// Over what claims generalise.
    #[serde(default, skip_serializing_if = "is_default")]
    pub generalise: Generalise,
    /// Stages whose stored texts were first read in another way than this plan's: a reading of them
    /// counts, and not what was read when they came in. Set by the coordinator, never by a file.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub reread: BTreeSet<String>,
}

/// A text that is another one with edits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditedText {
    /// Its name.
    pub name: String,
    /// The text that it is an edit of.
    pub of: String,
    /// What the edits change, as a unified diff.
    pub diff: String,
}

/// One row of the prompt set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Its id in the set.
    pub id: String,
    /// Template variables: name to text.
    pub fields: BTreeMap<String, String>,
    /// Columns that are kept and never sent, such as licence, split and category.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub notes: BTreeMap<String, String>,
}

/// An axis of conditions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    /// Its name.
    pub name: String,
    /// Its values, in file order.
    pub levels: Vec<Level>,
}

/// A value of a factor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Level {
    /// Its name.
    pub name: String,
    /// The template variables that it sets.
    pub variables: BTreeMap<String, String>,
}

/// One combination of levels.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Condition {
    /// The level names, joined by `/`; `only` for a sweep without factors.
    pub name: String,
    /// Factor to level.
    pub levels: BTreeMap<String, String>,
}

/// A model under test, or a judge.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The name that the sweep gives it.
    pub name: String,
    /// The endpoint that serves it: a name in the process's configuration.
    pub endpoint: String,
    /// The name that the endpoint knows it by.
    pub id: String,
    /// How it is asked.
    pub parameters: Parameters,
    /// The training run that it is a checkpoint of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Which step of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<u64>,
    /// The model that the run started from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// The id that the endpoint should say answered; another one is a finding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expect: Option<String>,
    /// Template variables of this model.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub set: BTreeMap<String, String>,
}

/// One (model, condition).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// A model's name.
    pub model: String,
    /// A condition's name.
    pub condition: String,
    /// How the model is asked here, where it differs from the rest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parameters: Option<Parameters>,
    /// Only the prompts of the lowest ranks are asked here ([`Plan::ranks`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prompts_max: Option<u32>,
    /// Only the first repeats are asked here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeats_max: Option<u32>,
}

impl Cell {
    /// Whether a prompt of this rank is asked here for the nth time, from 0.
    pub fn asks(&self, rank: u32, repeat: u32) -> bool {
        self.prompts_max.is_none_or(|most| rank < most)
            && self.repeats_max.is_none_or(|most| repeat < most)
    }
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

impl Plan {
    /// The plan's content hash: both sides of the wire compare it.
    pub fn digest(&self) -> Digest {
        Digest::of_value(self)
    }

    /// The model under test of a cell.
    pub fn model_of(&self, cell: u32) -> Option<&Model> {
        let name = &self.cells.get(cell as usize)?.model;
        self.models.iter().find(|model| &model.name == name)
    }

    /// The condition of a cell.
    pub fn condition_of(&self, cell: u32) -> Option<&Condition> {
        let name = &self.cells.get(cell as usize)?.condition;
        self.conditions.iter().find(|condition| &condition.name == name)
    }

    /// The template variables that a condition's levels set.
    pub fn variables_of(&self, condition: &Condition) -> BTreeMap<String, String> {
        let mut variables = BTreeMap::new();
        for factor in &self.factors {
            let level = condition.levels.get(&factor.name);
            let found = factor.levels.iter().find(|candidate| Some(&candidate.name) == level);
            variables.extend(found.map(|level| level.variables.clone()).unwrap_or_default());
        }
        variables
    }

    /// The template variables of a cell: the sweep's, then those of its levels, then those of its model.
    pub fn variables_of_cell(&self, cell: u32) -> BTreeMap<String, String> {
        let mut variables = self.variables.clone();
        variables
            .extend(self.condition_of(cell).map(|of| self.variables_of(of)).unwrap_or_default());
        variables.extend(self.model_of(cell).map(|model| model.set.clone()).unwrap_or_default());
        variables
    }

    /// The model that a job of this stage and cell asks: the cell's own, a helper or the stage's
    /// judge; `None` for a score, which asks nobody.
    pub fn model_asked(&self, stage: u32, cell: u32) -> Option<&Model> {
        let judge = match &self.stages.get(stage as usize)?.kind {
            StageKind::Generate { helper: None, .. } => return self.model_of(cell),
            StageKind::Generate { helper: Some(judge), .. } | StageKind::Judge { judge, .. } => {
                judge
            }
            StageKind::Score { .. } => return None,
        };
        self.judges.iter().find(|model| &model.name == judge)
    }

    /// How the model that [`Plan::model_asked`] names is asked in this cell.
    pub fn parameters_asked(&self, stage: u32, cell: u32) -> Option<&Parameters> {
        let asked = self.model_asked(stage, cell)?;
        let own = matches!(
            &self.stages.get(stage as usize)?.kind,
            StageKind::Generate { helper: None, .. }
        );
        let cell = self.cells.get(cell as usize).filter(|_| own);
        Some(cell.and_then(|cell| cell.parameters.as_ref()).unwrap_or(&asked.parameters))
    }

    /// The pool that a job of this stage and cell draws from: its endpoint's, or a local one.
    pub fn pool_of(&self, stage: u32, cell: u32) -> Option<String> {
        match &self.stages.get(stage as usize)?.kind {
            StageKind::Score { scorer, .. } => Some(match scorer.program() {
                Some(program) => format!("{LOCAL_POOL}.{program}"),
                None => LOCAL_POOL.to_owned(),
            }),
            StageKind::Generate { .. } | StageKind::Judge { .. } => {
                Some(self.model_asked(stage, cell)?.endpoint.clone())
            }
        }
    }

    /// The number of a stage.
    pub fn stage_number(&self, name: &str) -> Option<u32> {
        let position = self.stages.iter().position(|stage| stage.name == name)?;
        u32::try_from(position).ok()
    }

    /// The stage whose answer this one needs; `None` for one at the beginning.
    pub fn parent_of(&self, stage: u32) -> Option<u32> {
        self.stage_number(self.stages.get(stage as usize)?.of()?)
    }

    /// The stage whose result opens this one; `None` for one at the beginning. It is the parent, or a
    /// stage that hangs on the parent.
    pub fn opener_of(&self, stage: u32) -> Option<u32> {
        self.stage_number(self.stages.get(stage as usize)?.opened_by()?)
    }

    /// The parent, its parent, and so on: the stages whose answers a job may need, nearest first.
    pub fn ancestors_of(&self, stage: u32) -> Vec<u32> {
        let parent = |of: &u32| self.parent_of(*of);
        // A plan that a file made has no circles; a stored one might.
        std::iter::successors(self.parent_of(stage), parent).take(self.stages.len()).collect()
    }

    /// The rank of each prompt, by its number: an order that the seed shuffles and that does not hang
    /// on how the file is sorted. A cell with fewer prompts takes those of the lowest ranks, so that
    /// cells with caps share theirs.
    pub fn ranks(&self) -> Vec<u32> {
        let shuffled = |id: &str| Digest::of(format!("{} {id}", self.seed));
        let mut order: Vec<_> =
            self.prompts.iter().map(|prompt| shuffled(&prompt.id)).zip(0usize..).collect();
        order.sort_unstable();
        let mut ranks = vec![0; order.len()];
        for (rank, (_, prompt)) in (0..).zip(order) {
            ranks[prompt] = rank;
        }
        ranks
    }

    /// How many jobs one (cell, prompt, repeat) has in this stage: its votes, or one.
    pub fn votes_of(&self, stage: u32) -> u32 {
        self.stages.get(stage as usize).map_or(0, Stage::votes)
    }

    /// Checks that every coordinate of the plan fits its bits.
    pub fn check_size(&self) -> Result<(), CoordinateError> {
        let last = |n: usize| u32::try_from(n.saturating_sub(1)).unwrap_or(u32::MAX);
        JobId::pack(Coordinate {
            stage: last(self.stages.len()),
            cell: last(self.cells.len()),
            repeat: self.repeats.saturating_sub(1),
            prompt: last(self.prompts.len()),
            vote: self.stages.iter().map(Stage::votes).max().unwrap_or(1).saturating_sub(1),
        })
        .map(drop)
    }

    /// How many prompts a cell asks, and how often each.
    pub fn size_of(&self, cell: &Cell) -> (u32, u32) {
        let prompts = u32::try_from(self.prompts.len()).unwrap_or(u32::MAX);
        let prompts = cell.prompts_max.map_or(prompts, |most| most.min(prompts));
        (prompts, cell.repeats_max.map_or(self.repeats, |most| most.min(self.repeats)))
    }

    /// How many transcripts the plan asks for, over all cells.
    pub fn transcripts(&self) -> u64 {
        let sizes = self.cells.iter().map(|cell| self.size_of(cell));
        sizes.map(|(prompts, repeats)| u64::from(prompts) * u64::from(repeats)).sum()
    }

    /// How many transcripts there would be if every cell asked every prompt for every repeat: the
    /// places that numbers are laid out in.
    pub fn places(&self) -> u64 {
        self.cells.len() as u64 * self.prompts.len() as u64 * u64::from(self.repeats)
    }

    /// The same plan with numbers that extend `earlier`'s: what was there keeps its place, what is
    /// new comes after. Results are stored under numbers, so no other order may meet them.
    #[must_use]
    pub fn numbered_after(mut self, earlier: &Self) -> Self {
        keep_places(&mut self.prompts, &earlier.prompts, |prompt| prompt.id.clone());
        keep_places(&mut self.stages, &earlier.stages, |stage| stage.name.clone());
        let place = |cell: &Cell| (cell.model.clone(), cell.condition.clone());
        keep_places(&mut self.cells, &earlier.cells, place);
        self
    }
}

fn keep_places<T, K: Ord>(list: &mut [T], earlier: &[T], key: impl Fn(&T) -> K) {
    let places: BTreeMap<K, usize> =
        earlier.iter().enumerate().map(|(place, item)| (key(item), place)).collect();
    // Stable: what is new keeps the order of its file.
    list.sort_by_cached_key(|item| places.get(&key(item)).copied().unwrap_or(usize::MAX));
}
