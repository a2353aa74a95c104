//! Which models are asked in which conditions, and how: `exclude` and `[[cells]]`.

use std::collections::BTreeSet;

use iago_expression::{Domain, Expression, ExpressionError, Scope, Truth, Value};
use iago_sweep::{Cell, Condition, JobId, Model, Parameters, Plan};

use super::parameters::{Said, contradictions, read_said};
use crate::fault::Faults;
use crate::reader::{TABLES, TEXT, Table};

/// How expressions call the model of a cell.
const MODEL: &str = "model";

/// What can be said of the cells that a table matches, beside how they are asked.
const CAPS: [&str; 2] = ["prompts_max", "repeats_max"];

/// What a file says about its cells, before its expressions are read.
#[derive(Debug, Default)]
pub(crate) struct CellRules {
    pub(crate) excludes: Vec<Exclude>,
    rules: Vec<Rule>,
}

/// Cells that are not asked.
#[derive(Debug)]
pub(crate) struct Exclude {
    pub(crate) key: String,
    pub(crate) source: String,
    /// The models whose table says it; `None` for all.
    pub(crate) models: Option<Vec<String>>,
}

/// One of `[[cells]]`.
#[derive(Debug)]
struct Rule {
    key: String,
    within: String,
    prompts_max: Option<u32>,
    repeats_max: Option<u32>,
    said: Said,
}

/// Reads the top's `exclude` and `[[cells]]`; the excludes of models come with their tables.
pub(super) fn read_grid(top: &mut Table<'_>, of_models: Vec<Exclude>) -> CellRules {
    let mut excludes = read_excludes(top, None);
    excludes.extend(of_models);
    let pass = top.pass;
    let rules = top.items("cells", TABLES);
    let rules = rules
        .iter()
        .filter_map(|entry| {
            let key = entry.key.clone();
            pass.read_table(&entry.key, entry.item, |table| read_rule(table, key))
        })
        .collect();
    CellRules { excludes, rules }
}

/// A table's `exclude`: one expression or several.
pub(super) fn read_excludes(table: &mut Table<'_>, models: Option<&[String]>) -> Vec<Exclude> {
    let exclude = |(key, source)| Exclude { key, source, models: models.map(<[String]>::to_vec) };
    table.text_or_texts("exclude").into_iter().map(exclude).collect()
}

fn read_rule(table: &mut Table<'_>, key: String) -> Rule {
    if !table.has("where") {
        table.report_missing("where", TEXT);
    }
    let mut keys = CAPS.into_iter().chain(Said::KEYS);
    if !keys.any(|name| table.has(name)) {
        let keys = CAPS.into_iter().chain(Said::KEYS).map(|name| format!("`{name}`"));
        let keys = keys.collect::<Vec<_>>().join(", ");
        table.fault("where", format!("has nothing to say of its cells; give one of {keys}"));
    }
    Rule {
        key,
        within: table.text("where").unwrap_or_default(),
        prompts_max: table.whole("prompts_max", 1..=i128::from(u32::MAX)),
        repeats_max: table.whole("repeats_max", 1..=i128::from(JobId::REPEATS_MAX)),
        said: read_said(table),
    }
}

/// Gives the plan its cells, model by model, and takes out the conditions that none of them has.
/// Says whether that went without a fault.
pub(crate) fn lay_out(faults: &Faults<'_>, plan: &mut Plan, grid: &CellRules) -> bool {
    let before = faults.count();
    let layout = Layout { faults, plan };
    let excludes: Vec<Excluded<'_>> =
        grid.excludes.iter().filter_map(|exclude| layout.compile_exclude(exclude)).collect();
    let rules: Vec<(&Rule, Expression)> =
        grid.rules.iter().filter_map(|rule| layout.compile_rule(rule)).collect();
    if excludes.len() < grid.excludes.len() || rules.len() < grid.rules.len() {
        return false;
    }
    let cells = layout.cross(&excludes, &rules);
    layout.report_empty(&cells, &excludes);
    let asked: BTreeSet<&String> = cells.iter().map(|cell| &cell.condition).collect();
    let conditions =
        plan.conditions.iter().filter(|condition| asked.contains(&condition.name)).cloned();
    plan.conditions = conditions.collect();
    plan.cells = cells;
    faults.count() == before
}

/// Reports an expression that cannot be used, with its column and a caret below it.
pub(crate) fn report_expression(faults: &Faults<'_>, key: &str, error: &ExpressionError) {
    let message = format!("{} (column {})\n{}", error.message, error.column, error.caret());
    faults.add(key, message);
}

struct Excluded<'a> {
    exclude: &'a Exclude,
    holds: Expression,
}

struct Layout<'a> {
    faults: &'a Faults<'a>,
    plan: &'a Plan,
}

impl Layout<'_> {
    fn compile_exclude<'e>(&self, exclude: &'e Exclude) -> Option<Excluded<'e>> {
        let mut scope = self.factors();
        if exclude.models.is_none() {
            scope = self.with_models(scope);
        }
        let holds = self.compile(&exclude.key, &exclude.source, &scope)?;
        Some(Excluded { exclude, holds })
    }

    fn compile_rule<'r>(&self, rule: &'r Rule) -> Option<(&'r Rule, Expression)> {
        let key = format!("{}.where", rule.key);
        let scope = self.with_models(self.factors());
        Some((rule, self.compile(&key, &rule.within, &scope)?))
    }

    fn compile(&self, key: &str, source: &str, scope: &Scope) -> Option<Expression> {
        let parsed = Expression::parse_condition(source, scope);
        parsed.map_err(|error| report_expression(self.faults, key, &error)).ok()
    }

    fn factors(&self) -> Scope {
        self.plan.factors.iter().fold(Scope::new(), |scope, factor| {
            let levels = factor.levels.iter().map(|level| level.name.as_str());
            scope.with(factor.name.as_str(), Domain::one_of(levels))
        })
    }

    fn with_models(&self, scope: Scope) -> Scope {
        let models = self.plan.models.iter().map(|model| model.name.as_str());
        scope.with(MODEL, Domain::one_of(models))
    }

    /// Every cell that nothing excludes. An expression that holds for no cell is a fault.
    fn cross(&self, excludes: &[Excluded<'_>], rules: &[(&Rule, Expression)]) -> Vec<Cell> {
        let mut cells = Vec::new();
        let mut excluded_by = vec![false; excludes.len()];
        let mut matched_by = vec![false; rules.len()];
        for model in &self.plan.models {
            let own: Vec<usize> = (0..excludes.len())
                .filter(|&number| excludes[number].concerns(&model.name))
                .collect();
            for condition in &self.plan.conditions {
                let mut is_asked = true;
                for &number in &own {
                    if holds(&excludes[number].holds, model, condition) {
                        (is_asked, excluded_by[number]) = (false, true);
                    }
                }
                if is_asked {
                    cells.push(self.make_cell(model, condition, rules, &mut matched_by));
                }
            }
        }
        for (Excluded { exclude, .. }, _) in
            excludes.iter().zip(excluded_by).filter(|(_, did)| !did)
        {
            self.faults.add(&*exclude.key, "excludes no cell; correct it, or take it out");
        }
        for ((rule, _), _) in rules.iter().zip(matched_by).filter(|(_, did)| !did) {
            let key = format!("{}.where", rule.key);
            self.faults.add(key, "holds for no cell; correct it, or take the table out");
        }
        cells
    }

    /// Of each key, the first table that matches and says it.
    fn make_cell(
        &self,
        model: &Model,
        condition: &Condition,
        rules: &[(&Rule, Expression)],
        matched_by: &mut [bool],
    ) -> Cell {
        let mut matching = Vec::new();
        for ((rule, within), did) in rules.iter().zip(matched_by) {
            if holds(within, model, condition) {
                *did = true;
                matching.push(*rule);
            }
        }
        let cap = |key: fn(&Rule) -> Option<u32>| matching.iter().find_map(|rule| key(rule));
        Cell {
            model: model.name.clone(),
            condition: condition.name.clone(),
            parameters: self.change_parameters(model, &matching),
            prompts_max: cap(|rule| rule.prompts_max),
            repeats_max: cap(|rule| rule.repeats_max),
        }
    }

    /// How a model is asked in a cell, where that is not as everywhere.
    fn change_parameters(&self, model: &Model, matching: &[&Rule]) -> Option<Parameters> {
        let said = matching.iter().fold(Said::default(), |said, rule| said.or(&rule.said));
        let parameters = said.change(&model.parameters);
        if parameters == model.parameters {
            return None;
        }
        let rule = matching.iter().find(|rule| rule.said != Said::default());
        for (key, message) in contradictions(&parameters) {
            let table = rule.map_or("cells", |rule| &rule.key);
            self.faults.add(format!("{table}.{key}"), message);
        }
        Some(parameters)
    }

    /// A model or a level that nothing is left of is a slip. So is a condition, unless the top of the
    /// file takes it out of the whole sweep, without regard to the model.
    fn report_empty(&self, cells: &[Cell], excludes: &[Excluded<'_>]) {
        if excludes.is_empty() {
            return;
        }
        let models: BTreeSet<&str> = cells.iter().map(|cell| cell.model.as_str()).collect();
        for model in self.plan.models.iter().filter(|model| !models.contains(&*model.name)) {
            let message =
                format!("`{}` is left with no cell; exclude less, or take it out", model.name);
            self.faults.add(model_key(model), message);
        }
        let conditions: BTreeSet<&str> = cells.iter().map(|cell| cell.condition.as_str()).collect();
        let empty = |condition: &&Condition| !conditions.contains(condition.name.as_str());
        self.report_empty_levels(&conditions);
        for condition in self.plan.conditions.iter().filter(empty) {
            let is_meant = |of: &Excluded<'_>| {
                let for_all = of.exclude.models.is_none() && !of.holds.names().contains(MODEL);
                for_all && holds(&of.holds, &Model::default(), condition)
            };
            if !excludes.iter().any(is_meant) {
                let message = format!(
                    "no model is left in condition `{}`; exclude less, or exclude it at the top of the file without \
                     naming models",
                    condition.name
                );
                self.faults.add("models", message);
            }
        }
    }

    fn report_empty_levels(&self, conditions: &BTreeSet<&str>) {
        let asked = self.plan.conditions.iter();
        let asked: Vec<_> =
            asked.filter(|condition| conditions.contains(condition.name.as_str())).collect();
        for factor in &self.plan.factors {
            let levels: BTreeSet<&String> =
                asked.iter().filter_map(|condition| condition.levels.get(&factor.name)).collect();
            for level in factor.levels.iter().filter(|level| !levels.contains(&level.name)) {
                let key = format!("factors.{}.{}", factor.name, level.name);
                self.faults.add(key, "is left with no cell; exclude less, or take the level out");
            }
        }
    }
}

impl Excluded<'_> {
    fn concerns(&self, model: &str) -> bool {
        self.exclude.models.as_ref().is_none_or(|models| models.iter().any(|name| name == model))
    }
}

/// Levels and names are always known, so nothing here is ever unknown.
fn holds(expression: &Expression, model: &Model, condition: &Condition) -> bool {
    let lookup = |name: &str| {
        let value = if name == MODEL { Some(&model.name) } else { condition.levels.get(name) };
        value.map_or(Value::Unknown, |value| Value::from(value.as_str()))
    };
    expression.truth(&lookup) == Truth::True
}

/// The key of a model's table: a series has one for all its steps.
pub(crate) fn model_key(model: &Model) -> String {
    format!("models.{}", table_of(model))
}

/// The name of a model's table, which a step of a series has another one than.
pub fn table_of(model: &Model) -> &str {
    let step = model.step.map(|step| format!("@{step}"));
    step.and_then(|step| model.name.strip_suffix(&step)).unwrap_or(&model.name)
}
