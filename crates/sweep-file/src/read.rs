//! The whole file as a plan without prompts: what each table of the language says.

use std::collections::BTreeMap;

use iago_sweep::{Cell, JobId, Money, Plan};

use crate::reader::{Pass, TABLE, Table};
use crate::tree::Item;

mod analysis;
mod conditions;
mod models;
mod stages;

/// What a file says about its prompt set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PromptSet {
    pub(crate) path: String,
    pub(crate) id: String,
    /// Template variable to column.
    pub(crate) fields: BTreeMap<String, String>,
}

/// A file's plan, still without prompts.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) plan: Plan,
    pub(crate) prompt_set: PromptSet,
}

/// The longest name of a sweep: it stands in file names.
const NAME_CHARACTERS_MAX: usize = 64;

/// Reads every key of the file. What comes back is only of use where the pass has no faults.
pub(crate) fn read_draft<'a>(pass: &'a Pass<'a>, root: &'a Item) -> Draft {
    let draft = pass.read_table("", root, |top| {
        let name = read_name(top);
        let seed = top.whole("seed", 0..=i128::from(i64::MAX)).unwrap_or(0);
        let repeats = top.whole("repeats", 1..=i128::from(JobId::REPEATS_MAX)).unwrap_or(1);
        let budget = read_budget(top);
        let prompt_set = read_prompt_set(top);
        let factors = conditions::read_factors(top);
        let (models, judges) = models::read_models(top);
        let mut stages = stages::read_stages(top);
        // A stage comes after the one that it is `of`, and only generate stages have judges.
        stages.sort_by_key(|stage| matches!(stage.kind, iago_sweep::StageKind::Judge { .. }));
        let conditions = conditions::combine(top, &factors, models.len());
        let cells = cross(&models, &conditions);
        let outcomes = analysis::read_outcomes(top);
        let measures = analysis::read_measures(top);
        let contrasts = analysis::read_contrasts(top);
        let plan = Plan {
            name,
            seed,
            repeats,
            budget,
            prompts: Vec::new(),
            factors,
            conditions,
            models,
            judges,
            cells,
            stages,
            outcomes,
            measures,
            contrasts,
        };
        Draft { plan, prompt_set }
    });
    draft.expect("the root of a TOML file is a table")
}

fn read_name(top: &mut Table<'_>) -> String {
    let name = top.required_text("name");
    let is_slug = name
        .starts_with(|first: char| first.is_ascii_lowercase() || first.is_ascii_digit())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "-_".contains(c));
    if !name.trim().is_empty() && (!is_slug || name.len() > NAME_CHARACTERS_MAX) {
        top.fault(
            "name",
            format!(
                "`{name}` cannot name a sweep, because it stands in file names; use at most \
                 {NAME_CHARACTERS_MAX} lower-case letters, digits, `-` and `_`, a letter or digit first"
            ),
        );
    }
    name
}

fn read_budget(top: &mut Table<'_>) -> Option<Money> {
    // The largest amount that `Money` holds is 9.2 million dollars.
    let dollars = top.number("budget_usd", 0.0..=9_000_000.0)?;
    Money::from_dollars(dollars)
}

fn read_prompt_set(top: &mut Table<'_>) -> PromptSet {
    let read = |table: &mut Table<'_>| {
        let (path, id) = (table.required_text("path"), table.required_text("id"));
        if !table.has("fields") {
            table.report_missing("fields", TABLE);
        }
        let mut fields = BTreeMap::new();
        for entry in table.entries("fields") {
            fields.insert(entry.name.to_owned(), table.pass.read_text(&entry));
        }
        PromptSet { path, id, fields }
    };
    if !top.has("prompts") {
        top.report_missing("prompts", TABLE);
    }
    top.table("prompts", read).unwrap_or_default()
}

fn cross(models: &[iago_sweep::Model], conditions: &[iago_sweep::Condition]) -> Vec<Cell> {
    let pair = |model: &iago_sweep::Model| {
        let model = model.name.clone();
        conditions
            .iter()
            .map(move |condition| Cell { model: model.clone(), condition: condition.name.clone() })
    };
    models.iter().flat_map(pair).collect()
}
