//! The whole file as a plan without prompts: what each table of the language says.

use std::collections::BTreeMap;

use iago_sweep::{Factor, JobId, Model, Money, Plan, Weight};

use crate::reader::{Pass, Table};
use crate::tree::Item;

mod analysis;
mod conditions;
mod contrasts;
mod controls;
mod extra;
mod fields;
mod gates;
mod gold;
pub(crate) mod grid;
mod judges;
mod models;
mod parameters;
pub(crate) mod prompts;
mod schema;
mod scores;
mod sequence;
mod stages;
mod texts;

pub(crate) use gold::{Labelled, Line};
pub(crate) use grid::CellRules;
pub(crate) use prompts::PromptSet;

pub(crate) use contrasts::MODEL;

/// A file's plan, still without prompts and cells.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) plan: Plan,
    pub(crate) prompt_set: PromptSet,
    pub(crate) grid: CellRules,
    /// Where each of the plan's variables is set.
    pub(crate) variable_keys: BTreeMap<String, String>,
    /// For each contrast the number of its table, from 0: one table can make several.
    pub(crate) contrast_tables: Vec<usize>,
    /// Which transcripts people's labels are of.
    pub(crate) labelled: Vec<Labelled>,
}

/// The longest name of a sweep: it stands in file names.
const NAME_CHARACTERS_MAX: usize = 64;

/// Reads every key of the file. What comes back is only of use where the pass has no faults.
pub(crate) fn read_draft<'a>(pass: &'a Pass<'a>, root: &'a Item) -> Draft {
    let draft = pass.read_table("", root, |top| {
        let head = read_head(top);
        let prompt_set = prompts::read_prompt_set(top);
        // Before everything that can name one.
        let texts = texts::read_texts(top);
        let factors = conditions::read_factors(top);
        let (models, judges, excludes) = models::read_models(top);
        let grid = grid::read_grid(top, excludes);
        let (stages, gold, labelled) = stages::read_stages(top);
        let conditions = conditions::combine(top, &factors, models.len());
        let (contrast_tables, analysis) = read_analysis(top, &factors, &models);
        texts::report_unused_texts(top);
        let plan = Plan {
            factors,
            conditions,
            models,
            judges,
            stages,
            gold,
            variables: texts.variables,
            texts: texts.edited,
            generalise: prompt_set.generalise,
            name: head.name,
            seed: head.seed,
            repeats: head.repeats,
            budget: head.budget,
            weight: head.weight,
            ..analysis
        };
        Draft { plan, prompt_set, grid, variable_keys: texts.keys, contrast_tables, labelled }
    });
    draft.expect("the root of a TOML file is a table")
}

/// What stands at the top of a file, before its first table.
fn read_head(top: &mut Table<'_>) -> Plan {
    Plan {
        name: read_name(top),
        seed: top.whole("seed", 0..=i128::from(i64::MAX)).unwrap_or(0),
        repeats: top.whole("repeats", 1..=i128::from(JobId::REPEATS_MAX)).unwrap_or(1),
        budget: read_budget(top),
        weight: top.whole("weight", 1..=i128::from(Weight::MAX.0)).map(Weight).unwrap_or_default(),
        ..Plan::default()
    }
}

/// What is read from the answers and what it is held to, and the table of each contrast.
fn read_analysis(top: &mut Table<'_>, factors: &[Factor], models: &[Model]) -> (Vec<usize>, Plan) {
    let outcomes = analysis::read_outcomes(top);
    let measures = analysis::read_measures(top);
    let numbered = contrasts::read_contrasts(top, factors, models);
    let (tables, contrasts) = numbered.into_iter().unzip();
    let controls = controls::read_controls(top);
    let figures = analysis::read_figures(top);
    let (gates, gating) = (gates::read_gates(top), gates::read_gating(top));
    (
        tables,
        Plan { outcomes, measures, contrasts, controls, figures, gates, gating, ..Plan::default() },
    )
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
