//! How stored texts are read: what may change over the same answers.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::ask::name_of;
use crate::sent::{Sent, only};
use crate::{Cell, Digest, Field, Plan, Prompt, Scorer, Stage, StageKind};

/// The prompts and cells that two plans both have, by id and name.
pub(crate) struct Common {
    prompts: BTreeSet<String>,
    cells: BTreeSet<String>,
}

impl Common {
    pub(crate) fn of(old: &Plan, new: &Plan) -> Self {
        let prompts = |plan: &Plan| -> BTreeSet<String> {
            plan.prompts.iter().map(|prompt| prompt.id.clone()).collect()
        };
        let cells = |plan: &Plan| -> BTreeSet<String> { plan.cells.iter().map(name_of).collect() };
        Self { prompts: &prompts(old) & &prompts(new), cells: &cells(old) & &cells(new) }
    }
}

impl Plan {
    /// How the stored texts of a stage are read: its fields, the words of its judge, its scorer. Texts
    /// can be read again in another way without asking anybody.
    pub fn grammar_of(&self, stage: u32) -> Digest {
        self.grammar(stage, None)
    }

    /// The grammar of a stage over these prompts and cells, or all.
    pub(crate) fn grammar(&self, stage: u32, common: Option<&Common>) -> Digest {
        let Some(of) = self.stages.get(stage as usize) else { return Digest::of("") };
        Digest::of_value(&match &of.kind {
            StageKind::Generate { fields, .. } => json!(["fields", fields]),
            StageKind::Judge { question, .. } => json!(["question", question]),
            // What a program said was stored; what it saw is part of what it was asked.
            StageKind::Score { scorer: scorer @ Scorer::External { .. }, .. } => {
                json!(["score", scorer])
            }
            StageKind::Score { scorer, .. } => {
                let expected = self.expected_by(scorer, common);
                json!(["score", scorer, self.grammar_before(stage), expected])
            }
        })
    }

    /// What a scorer's templates read of prompts and cells: a truth may be corrected afterwards.
    fn expected_by(&self, scorer: &Scorer, common: Option<&Common>) -> Value {
        let read = Sent::by_scorer(scorer);
        let fields = read.of_prompts(self);
        let kept =
            |prompt: &&Prompt| common.is_none_or(|common| common.prompts.contains(&prompt.id));
        let of_prompt = |prompt: &Prompt| only(&fields, &prompt.fields);
        let expected: BTreeMap<&String, _> = match fields.is_empty() {
            true => BTreeMap::new(),
            false => self.prompts.iter().filter(kept).map(|of| (&of.id, of_prompt(of))).collect(),
        };
        json!([expected, self.variables_read(&read, common)])
    }

    /// The values that the cells' variables have where they are read. Cells that are added and read as
    /// others do change nothing.
    fn variables_read(&self, read: &Sent<'_>, common: Option<&Common>) -> BTreeSet<String> {
        let named = read.of_cells(self);
        if named.is_empty() {
            return BTreeSet::new();
        }
        let of_cell = |cell| Digest::of_value(&only(&named, &self.variables_of_cell(cell)));
        let kept = |cell: &Cell| common.is_none_or(|common| common.cells.contains(&name_of(cell)));
        let cells = (0..).zip(&self.cells).filter(|(_, cell)| kept(cell));
        cells.map(|(number, _)| of_cell(number).to_string()).collect()
    }

    /// How the answers are read that a stage hangs on.
    pub(crate) fn grammar_before(&self, stage: u32) -> Vec<&Field> {
        let before = self.ancestors_of(stage).into_iter();
        before.filter_map(|of| self.stages.get(of as usize)).flat_map(Stage::fields).collect()
    }
}

/// How votes are counted.
pub(crate) fn counting(stage: &Stage) -> Option<(u32, f64)> {
    match &stage.kind {
        StageKind::Judge { votes: Some(votes), .. } => Some((votes.quorum, votes.threshold)),
        StageKind::Judge { votes: None, .. }
        | StageKind::Generate { .. }
        | StageKind::Score { .. } => None,
    }
}
