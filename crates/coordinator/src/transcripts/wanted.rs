//! Which transcripts are asked for, and what of them, in the plan's numbers.

use std::collections::BTreeSet;

use iago_protocol::wire::{Parts, TranscriptsRequest};
use iago_sweep::{Coordinate, Digest, Plan, StageKind};
use tonic::Status;

use super::{DROPPED, PENDING, UNKNOWN};

/// Transcripts where nobody says how many.
const USUAL_LIMIT: u32 = 20;

/// Which transcripts, and what of them.
pub(super) struct Wanted {
    pub(super) cells: Vec<u32>,
    prompt: Option<u32>,
    repeat: Option<u32>,
    outcome: Option<String>,
    pub(super) limit: u32,
    pub(super) stage: Option<u32>,
    pub(super) parts: Parts,
    pub(super) field: Option<String>,
    sample: Option<Sample>,
}

/// So many of each cell, drawn at random.
struct Sample {
    size: usize,
    seed: u64,
}

impl Wanted {
    pub(super) fn of(plan: &Plan, request: TranscriptsRequest) -> Result<Self, Status> {
        let parts = request.parts();
        let said = |text: String| Some(text).filter(|text| !text.is_empty());
        let outcome = said(request.outcome);
        outcome.iter().try_for_each(|outcome| check_outcome(plan, outcome))?;
        let stage = match said(request.stage) {
            Some(name) => Some(find_stage(plan, &name, parts)?),
            None if parts == Parts::Unspecified => None,
            None => {
                return Err(Status::invalid_argument("`parts` are those of a `stage`: name it"));
            }
        };
        let field = said(request.field);
        field.iter().try_for_each(|field| check_field(plan, stage, field))?;
        Ok(Self {
            cells: find_cells(plan, &request.model, &request.condition)?,
            prompt: said(request.prompt).map(|id| find_prompt(plan, &id)).transpose()?,
            repeat: request.repeat,
            outcome,
            limit: if request.limit == 0 { USUAL_LIMIT } else { request.limit },
            stage,
            parts,
            field,
            sample: (request.per_cell > 0)
                .then_some(Sample { size: request.per_cell as usize, seed: request.seed }),
        })
    }

    /// Whether a result is of a transcript that may be asked for.
    pub(super) fn may_be(&self, at: Coordinate) -> bool {
        self.prompt.is_none_or(|prompt| prompt == at.prompt)
            && self.repeat.is_none_or(|repeat| repeat == at.repeat)
    }

    pub(super) fn is_outcome(&self, outcome: &str) -> bool {
        self.outcome.as_ref().is_none_or(|wanted| wanted == outcome)
    }

    /// Whether an answer of this stage is told.
    pub(super) fn tells(&self, stage: u32) -> bool {
        self.stage.is_none_or(|wanted| wanted == stage)
    }

    /// Draws from the transcripts of one cell; all of them, in their order, where nothing is drawn.
    ///
    /// The draw hangs on the seed, the names of the cell and the prompts' ids alone: neither on the
    /// order of a file nor on what was said.
    pub(super) fn draw<T>(
        &self,
        plan: &Plan,
        cell: u32,
        mut of_cell: Vec<((u32, u32), T)>,
    ) -> Vec<((u32, u32), T)> {
        let Some(Sample { size, seed }) = &self.sample else { return of_cell };
        let of = plan.cells.get(cell as usize).map(|cell| (&cell.model, &cell.condition));
        of_cell.sort_by_cached_key(|((repeat, prompt), _)| {
            let prompt = plan.prompts.get(*prompt as usize).map(|prompt| &prompt.id);
            Digest::of_value(&("sample", seed, of, prompt, repeat))
        });
        of_cell.truncate(*size);
        of_cell
    }
}

fn find_cells(plan: &Plan, model: &str, condition: &str) -> Result<Vec<u32>, Status> {
    let fits = |asked: &str, name: &str| asked.is_empty() || asked == name;
    let cells = (0..).zip(&plan.cells);
    let cells: Vec<u32> = cells
        .filter(|(_, cell)| fits(model, &cell.model) && fits(condition, &cell.condition))
        .map(|(number, _)| number)
        .collect();
    if cells.is_empty() { Err(no_such_cell(plan, model, condition)) } else { Ok(cells) }
}

/// Names what is wrong of it: a model, a condition, or that the two never meet.
fn no_such_cell(plan: &Plan, model: &str, condition: &str) -> Status {
    let models: BTreeSet<&str> = plan.cells.iter().map(|cell| cell.model.as_str()).collect();
    let conditions: BTreeSet<&str> =
        plan.cells.iter().map(|cell| cell.condition.as_str()).collect();
    for (noun, asked, known) in [("model", model, models), ("condition", condition, conditions)] {
        if !asked.is_empty() && !known.contains(asked) {
            let known = quoted(known);
            return Status::not_found(format!("no {noun} is called `{asked}`; there are: {known}"));
        }
    }
    Status::not_found(format!("the model `{model}` is not asked under the condition `{condition}`"))
}

fn quoted<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn find_prompt(plan: &Plan, id: &str) -> Result<u32, Status> {
    let found = (0..).zip(&plan.prompts).find(|(_, of)| of.id == id);
    let none = || Status::not_found(format!("the sweep has no prompt `{id}`"));
    Ok(found.ok_or_else(none)?.0)
}

/// The stage of this name, if it has what is wanted beside its answers.
fn find_stage(plan: &Plan, name: &str, parts: Parts) -> Result<u32, Status> {
    let has = |number: &u32| {
        plan.stages.get(*number as usize).is_some_and(|stage| match (&stage.kind, parts) {
            (_, Parts::Unspecified)
            | (StageKind::Generate { .. }, Parts::Read)
            | (StageKind::Judge { .. }, Parts::Seen) => true,
            (_, Parts::Read | Parts::Seen) => false,
        })
    };
    let numbers = 0..u32::try_from(plan.stages.len()).unwrap_or(u32::MAX);
    let named = |number: &u32| plan.stages.get(*number as usize).is_some_and(|of| of.name == name);
    if let Some(found) = numbers.clone().find(named).filter(has) {
        return Ok(found);
    }
    let kind = match parts {
        Parts::Unspecified => "",
        Parts::Read => " that generates",
        Parts::Seen => " that judges",
    };
    let others = numbers.filter(has).filter_map(|number| plan.stages.get(number as usize));
    let others: Vec<&str> = others.map(|stage| stage.name.as_str()).collect();
    let there_are = if others.is_empty() {
        "the sweep has none".to_owned()
    } else {
        format!("there are: {}", others.join(", "))
    };
    Err(Status::not_found(format!("no stage{kind} is called `{name}`; {there_are}")))
}

fn check_field(plan: &Plan, stage: Option<u32>, field: &str) -> Result<(), Status> {
    let stage = stage.and_then(|stage| plan.stages.get(stage as usize));
    let fields = stage.map(|stage| stage.fields()).unwrap_or_default();
    if fields.iter().any(|of| of.name == field) {
        return Ok(());
    }
    let names: Vec<&str> = fields.iter().map(|of| of.name.as_str()).collect();
    let names = names.join(", ");
    Err(Status::not_found(format!("the stage has no field `{field}`; there are: {names}")))
}

fn check_outcome(plan: &Plan, outcome: &str) -> Result<(), Status> {
    let mut names: Vec<&str> = plan.outcomes.iter().map(|of| of.name.as_str()).collect();
    names.extend([UNKNOWN, PENDING]);
    if names.contains(&outcome) || outcome.starts_with(DROPPED) {
        return Ok(());
    }
    let names = quoted(names);
    Err(Status::not_found(format!("no outcome is called `{outcome}`; there are: {names}")))
}
