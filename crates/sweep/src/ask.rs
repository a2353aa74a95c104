//! What a plan asks: everything that is sent, and of whom.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::sent::{Sent, asked_by, is_named, only, scorer_of};
use crate::{Cell, Digest, Field, Plan, Prompt, Question, Stage, StageKind};

/// What a plan asks: a digest for each named part.
pub(crate) struct Ask {
    prompts: BTreeMap<String, Digest>,
    cells: BTreeMap<String, CellAsk>,
    stages: BTreeMap<String, Digest>,
    repeats: u32,
}

/// What a cell asks, and how much of the sweep.
struct CellAsk {
    asks: Digest,
    /// The prompts, where it does not ask all.
    prompts: Option<BTreeSet<String>>,
    repeats: u32,
}

impl Ask {
    /// What a plan asks, as far as `sent` reads it.
    pub(crate) fn of(plan: &Plan, sent: &Sent<'_>) -> Self {
        let ranks = plan.ranks();
        let (named, variables) = (sent.of_prompts(plan), sent.of_cells(plan));
        let stage = |number: u32, stage: &Stage| {
            (stage.name.clone(), Digest::of_value(&stage_ask(plan, number, &stage.kind)))
        };
        Self {
            prompts: plan
                .prompts
                .iter()
                .map(|prompt| (prompt.id.clone(), prompt_ask(prompt, &named)))
                .collect(),
            cells: (0..)
                .zip(&plan.cells)
                .map(|(at, cell)| cell_ask(plan, at, cell, &ranks, &variables))
                .collect(),
            stages: (0..).zip(&plan.stages).map(|(at, of)| stage(at, of)).collect(),
            repeats: plan.repeats,
        }
    }

    /// The hash of all of it.
    pub(crate) fn digest(&self) -> Digest {
        let Self { prompts, cells, stages, repeats } = self;
        let cells: BTreeMap<_, _> = cells
            .iter()
            .map(|(name, cell)| (name, json!([cell.asks, cell.prompts, cell.repeats])))
            .collect();
        Digest::of_value(&json!([prompts, cells, stages, repeats]))
    }

    /// Why results of `self` cannot serve `new`, if they cannot.
    pub(crate) fn conflict(&self, new: &Self) -> Option<String> {
        conflict_in("stage", &self.stages, &new.stages)
            .or_else(|| {
                let digests = |cells: &BTreeMap<String, CellAsk>| {
                    cells.iter().map(|(name, cell)| (name.clone(), cell.asks)).collect()
                };
                conflict_in("cell", &digests(&self.cells), &digests(&new.cells))
            })
            .or_else(|| conflict_in("prompt", &self.prompts, &new.prompts))
            .or_else(|| {
                (new.repeats < self.repeats)
                    .then(|| format!("repeats went down from {} to {}", self.repeats, new.repeats))
            })
            .or_else(|| {
                let shrunk =
                    self.cells.iter().find(|(name, old)| !old.is_within(&new.cells[*name], self));
                shrunk.map(|(name, _)| format!("cell `{name}` no longer asks all that it did"))
            })
    }

    /// What `new` asks beyond `self`.
    pub(crate) fn added(&self, new: &Self) -> Vec<String> {
        let mut added = Vec::new();
        if new.repeats > self.repeats {
            added.push(format!("repeats {} to {}", self.repeats, new.repeats));
        }
        added.extend(name_fresh("stage", &self.stages, &new.stages));
        added.extend(name_fresh("cell", &self.cells, &new.cells));
        added.extend(name_fresh("prompt", &self.prompts, &new.prompts));
        let grown = |(name, old): &(&String, &CellAsk)| {
            new.cells.get(*name).is_some_and(|cell| !cell.is_within(old, new))
        };
        if added.is_empty()
            && let Some((name, _)) = self.cells.iter().find(grown)
        {
            added.push(format!("more of cell `{name}`"));
        }
        added
    }
}

impl CellAsk {
    /// Whether `other` asks all that this one does, as a cell of `whole`.
    fn is_within(&self, other: &Self, whole: &Ask) -> bool {
        let prompts = match (&self.prompts, &other.prompts) {
            (_, None) => true,
            (None, Some(others)) => whole.prompts.keys().all(|id| others.contains(id)),
            (Some(own), Some(others)) => own.is_subset(others),
        };
        prompts && self.repeats <= other.repeats
    }
}

fn conflict_in(
    noun: &str,
    old: &BTreeMap<String, Digest>,
    new: &BTreeMap<String, Digest>,
) -> Option<String> {
    old.iter().find_map(|(name, digest)| match new.get(name) {
        None => Some(format!("{noun} `{name}` is no longer asked")),
        Some(other) if other != digest => Some(format!("{noun} `{name}` asks something else")),
        Some(_) => None,
    })
}

fn name_fresh<T>(
    noun: &str,
    old: &BTreeMap<String, T>,
    new: &BTreeMap<String, T>,
) -> Option<String> {
    let fresh: Vec<_> = new.keys().filter(|name| !old.contains_key(*name)).collect();
    match fresh.as_slice() {
        [] => None,
        [one] => Some(format!("{noun} `{one}`")),
        [first, rest @ ..] => Some(format!("{noun} `{first}` and {} more", rest.len())),
    }
}

/// A prompt asks with those of its fields, and of the columns that it keeps, that are read.
fn prompt_ask(prompt: &Prompt, named: &BTreeSet<&String>) -> Digest {
    Digest::of_value(&json!([only(named, &prompt.fields), only(named, &prompt.notes)]))
}

/// A cell asks with its model, its parameters and its variables.
fn cell_ask(
    plan: &Plan,
    number: u32,
    cell: &Cell,
    ranks: &[u32],
    named: &BTreeSet<&String>,
) -> (String, CellAsk) {
    let (model, condition) = (plan.model_of(number), plan.condition_of(number));
    let levels = condition.map(|condition| &condition.levels);
    let sent = model.map(|model| {
        (&model.endpoint, &model.id, cell.parameters.as_ref().unwrap_or(&model.parameters))
    });
    let asked = || {
        let ranked = plan.prompts.iter().zip(ranks);
        let within = ranked.filter(|(_, rank)| cell.asks(**rank, 0));
        within.map(|(prompt, _)| prompt.id.clone()).collect()
    };
    let variables = plan.variables_of_cell(number);
    // A cap that leaves nothing out is none.
    let is_capped = cell.prompts_max.is_some_and(|most| (most as usize) < plan.prompts.len());
    let ask = CellAsk {
        asks: Digest::of_value(&json!([sent, levels, only(named, &variables)])),
        prompts: is_capped.then(asked),
        repeats: cell.repeats_max.map_or(plan.repeats, |most| most.min(plan.repeats)),
    };
    (name_of(cell), ask)
}

pub(crate) fn name_of(cell: &Cell) -> String {
    format!("{} {}", cell.model, cell.condition)
}

/// A stage asks with its texts and whom it asks. How its answers are read is no part of it, but how
/// those are that it shows.
fn stage_ask(plan: &Plan, number: u32, kind: &StageKind) -> Value {
    let sent = |name: &String| {
        let asked = plan.judges.iter().find(|model| &model.name == name);
        asked.map(|model| (&model.endpoint, &model.id, &model.parameters))
    };
    let shown = |sees: &[String]| -> Vec<&Field> {
        let fields = plan.grammar_before(number).into_iter();
        fields.filter(|field| sees.contains(&field.name)).collect()
    };
    match kind {
        StageKind::Generate { follows, helper, messages, fields, again } => {
            let helper = helper.as_ref().map(sent);
            let until = again.as_ref().and_then(|again| scorer_of(plan, again));
            // An earlier answer's field can stand in the messages, or end the asking.
            let texts = asked_by(messages, until);
            let mut shown = plan.grammar_before(number);
            shown.retain(|field| texts.iter().any(|text| is_named(&field.name, text)));
            // What makes it ask again is part of what it asks.
            let again = again.as_ref().map(|again| (again, fields, until));
            json!(["generate", follows, helper, messages, shown, again])
        }
        StageKind::Judge { of, judge, when, after, sees, text, question, votes } => {
            let asked = match question {
                Question::Criteria { criteria, .. } => json!(criteria),
                Question::Labels(words) | Question::Scale(words) => json!(words),
            };
            let votes = votes.map(|votes| votes.count);
            // The wording that asks for the answer is ours, and may change with a version of iago.
            let told = question.instruction();
            let shown = shown(sees);
            json!(["judge", of, sent(judge), when, after, sees, shown, text, asked, told, votes])
        }
        StageKind::Score { of, when, after, scorer } => {
            let outside = scorer.sees().map(|sees| (scorer, shown(sees)));
            json!(["score", of, when, after, outside])
        }
    }
}
