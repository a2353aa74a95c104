//! A checked sweep: what a sweep file says once every shortcut in it is spelled out.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    Contrast, Coordinate, CoordinateError, Digest, JobId, Measure, Money, Outcome, Stage, StageKind,
};

/// A checked sweep. Lists are numbered by position, and a number once given stays (see
/// [`Plan::numbered_after`]); everything else refers by name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The sweep's name.
    pub name: String,
    /// Seeds the order of work and the resampling of tests; never what is sent.
    pub seed: u64,
    /// How often each prompt is repeated in each cell.
    pub repeats: u32,
    /// No job is handed out that could take the spend beyond this.
    pub budget: Option<Money>,
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
}

/// One row of the prompt set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prompt {
    /// Its id in the set.
    pub id: String,
    /// Template variables: name to text.
    pub fields: BTreeMap<String, String>,
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The name that the sweep gives it.
    pub name: String,
    /// The endpoint that serves it: a name in the process's configuration.
    pub endpoint: String,
    /// The name that the endpoint knows it by.
    pub id: String,
    /// How it is asked.
    pub parameters: Parameters,
}

/// Sampling parameters of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameters {
    /// Output limit in tokens.
    pub max_output_tokens: u32,
    /// Sampling temperature; the vendor's default where absent.
    pub temperature: Option<f64>,
    /// Mark the system message as a cacheable prefix where the protocol has it.
    pub cache_prefix: bool,
}

/// One (model, condition).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cell {
    /// A model's name.
    pub model: String,
    /// A condition's name.
    pub condition: String,
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

    /// The model that a job of this stage and cell asks: the cell's own, or the stage's judge.
    pub fn model_asked(&self, stage: u32, cell: u32) -> Option<&Model> {
        match &self.stages.get(stage as usize)?.kind {
            StageKind::Generate { .. } => self.model_of(cell),
            StageKind::Judge { judge, .. } => self.judges.iter().find(|model| &model.name == judge),
        }
    }

    /// The number of a stage.
    pub fn stage_number(&self, name: &str) -> Option<u32> {
        let position = self.stages.iter().position(|stage| stage.name == name)?;
        u32::try_from(position).ok()
    }

    /// The stage that a judge stage is `of`; `None` for a generate stage.
    pub fn parent_of(&self, stage: u32) -> Option<u32> {
        match &self.stages.get(stage as usize)?.kind {
            StageKind::Generate { .. } => None,
            StageKind::Judge { of, .. } => self.stage_number(of),
        }
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

    /// How many transcripts the plan asks for: cells x prompts x repeats.
    pub fn transcripts(&self) -> u64 {
        self.cells.len() as u64 * self.prompts.len() as u64 * u64::from(self.repeats)
    }

    /// The same plan with numbers that extend `earlier`'s: what was there keeps its place, what is
    /// new comes after. Results are stored under numbers, so no other order may meet them.
    #[must_use]
    pub fn numbered_after(mut self, earlier: &Self) -> Self {
        keep_places(&mut self.prompts, &earlier.prompts, |prompt| &prompt.id);
        keep_places(&mut self.stages, &earlier.stages, |stage| &stage.name);
        keep_places(&mut self.cells, &earlier.cells, |cell| cell);
        self
    }
}

fn keep_places<T, K: Ord + Clone>(list: &mut [T], earlier: &[T], key: impl Fn(&T) -> &K) {
    let places: BTreeMap<K, usize> =
        earlier.iter().enumerate().map(|(place, item)| (key(item).clone(), place)).collect();
    // Stable: what is new keeps the order of its file.
    list.sort_by_key(|item| places.get(key(item)).copied().unwrap_or(usize::MAX));
}
