//! Expressions as far as they can be told before the first call: by the cell and the prompt alone.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::{Domain, Expression, Scope, Truth, Value};
use iago_sweep::{Cell, Plan, Prompt, Stage};

use super::expressions::{names_in, paths_in};
use crate::read::MODEL;

/// An expression whose names of stages are still unknown.
pub(crate) struct Beforehand<'p> {
    expression: Expression,
    levels: BTreeMap<&'p str, &'p BTreeMap<String, String>>,
}

impl<'p> Beforehand<'p> {
    /// `None` for an expression that cannot be read, which is told elsewhere.
    pub(crate) fn of(plan: &'p Plan, source: &str) -> Option<Self> {
        let with = |scope: Scope, path: &str| scope.with(path, domain_of(plan, path));
        let scope = paths_in(source).into_iter().fold(Scope::new(), with);
        let expression = Expression::parse_condition(source, &scope).ok()?;
        let conditions = plan.conditions.iter();
        let levels = conditions.map(|condition| (condition.name.as_str(), &condition.levels));
        Some(Self { expression, levels: levels.collect() })
    }

    /// Whether it is not false already: what stages say may still decide it.
    pub(crate) fn may_hold(&self, cell: &Cell, prompt: &Prompt) -> bool {
        let lookup = |name: &str| {
            let level = || self.levels.get(cell.condition.as_str())?.get(name);
            let column = || prompt.fields.get(name).or_else(|| prompt.notes.get(name));
            let known = if name == MODEL { Some(&cell.model) } else { level().or_else(column) };
            known.map_or(Value::Unknown, |known| Value::from(known.as_str()))
        };
        self.expression.truth(&lookup) != Truth::False
    }
}

/// All prompts where one of these names is of them; otherwise the first stands for the rest.
pub(crate) fn count_prompts(plan: &Plan, names: &BTreeSet<&str>) -> u32 {
    let prompts = u32::try_from(plan.prompts.len()).unwrap_or(u32::MAX);
    let first = plan.prompts.first();
    let mut readable =
        first.into_iter().flat_map(|prompt| prompt.fields.keys().chain(prompt.notes.keys()));
    if readable.any(|name| names.contains(name.as_str())) { prompts } else { prompts.min(1) }
}

/// The conditions of a stage, and of the stages without which it is never reached.
pub(super) fn whens_before(plan: &Plan, stage: u32) -> BTreeSet<&str> {
    let mut whens = BTreeSet::new();
    let (mut open, mut seen) = (vec![stage], BTreeSet::new());
    while let Some(number) = open.pop() {
        if seen.insert(number) {
            whens.extend(plan.stages.get(number as usize).and_then(Stage::when));
            open.extend(plan.opener_of(number).into_iter().chain(plan.parent_of(number)));
        }
    }
    whens
}

/// The names that several expressions read.
pub(super) fn names_of<'e>(expressions: &BTreeSet<&'e str>) -> BTreeSet<&'e str> {
    expressions.iter().flat_map(|expression| names_in(expression)).collect()
}

/// Of what kind a name is; of a stage's, its last part says so.
fn domain_of(plan: &Plan, path: &str) -> Domain {
    let is_number = match path.rsplit_once('.') {
        Some((_, "finish" | "parse")) => false,
        Some(_) => true,
        None => plan.stages.iter().any(|stage| stage.name == path && stage.says_number()),
    };
    if is_number { Domain::Number } else { Domain::Text }
}
