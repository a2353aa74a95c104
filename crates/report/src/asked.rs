//! Which judges are asked in which cell, by the plan and not by what came in.
//!
//! A judge whose `when` rules out a cell leaves its outcomes and measures "not asked" there. A judge that had nothing to
//! grade because a model refused every time was asked, and its outcomes are 0%.

use iago_expression::{Domain, Expression, Scope, Truth, Value};
use iago_sweep::{Plan, StageKind};

use crate::axes::{MODEL, level_of};

/// What the plan asks in each cell.
pub(crate) struct Asked {
    /// For each cell, whether each outcome can occur there at all.
    outcomes: Vec<Vec<bool>>,
    /// For each cell, whether each measure can be read there at all.
    measures: Vec<Vec<bool>>,
}

impl Asked {
    pub(crate) fn of(plan: &Plan) -> Self {
        let rules = Rules::of(plan);
        let cells = 0..plan.cells.len();
        Self {
            outcomes: cells.clone().map(|cell| rules.outcomes_of(cell)).collect(),
            measures: cells.map(|cell| rules.measures_of(cell)).collect(),
        }
    }

    pub(crate) fn outcome(&self, cell: usize, outcome: usize) -> bool {
        self.outcomes[cell][outcome]
    }

    pub(crate) fn measure(&self, cell: usize, measure: usize) -> bool {
        self.measures[cell][measure]
    }
}

/// The expressions that decide it, compiled once.
struct Rules<'a> {
    plan: &'a Plan,
    stages: Vec<Option<Expression>>,
    outcomes: Vec<Option<Expression>>,
    measures: Vec<(Option<Expression>, Option<Expression>)>,
}

impl<'a> Rules<'a> {
    fn of(plan: &'a Plan) -> Self {
        let scope = name_everything(plan);
        // The grader has refused what cannot be parsed, with a stricter scope.
        let compile = |source: &str| Expression::parse_condition(source, &scope).ok();
        let when = |kind: &StageKind| match kind {
            StageKind::Generate { .. } => None,
            StageKind::Judge { when, .. } => when.as_deref().and_then(compile),
        };
        let measures = plan.measures.iter();
        Self {
            plan,
            stages: plan.stages.iter().map(|stage| when(&stage.kind)).collect(),
            outcomes: plan.outcomes.iter().map(|outcome| compile(&outcome.when)).collect(),
            measures: measures
                .map(|m| (compile(&m.of), m.given.as_deref().and_then(compile)))
                .collect(),
        }
    }

    fn outcomes_of(&self, cell: usize) -> Vec<bool> {
        let excluded = self.excluded_in(cell);
        self.outcomes.iter().map(|when| self.may_hold(when.as_ref(), cell, &excluded)).collect()
    }

    /// A measure whose numerator reads a judge that is not asked has no reading.
    fn measures_of(&self, cell: usize) -> Vec<bool> {
        let excluded = self.excluded_in(cell);
        let reads_excluded =
            |of: &Expression| of.names().iter().any(|name| self.is_excluded(name, &excluded));
        self.measures
            .iter()
            .map(|(of, given)| {
                !of.as_ref().is_some_and(reads_excluded)
                    && self.may_hold(given.as_ref(), cell, &excluded)
            })
            .collect()
    }

    /// For each stage, whether its `when`, or that of a stage which it grades, rules the cell out.
    fn excluded_in(&self, cell: usize) -> Vec<bool> {
        let mut excluded: Vec<bool> = Vec::with_capacity(self.stages.len());
        for (number, when) in (0..).zip(&self.stages) {
            let parent =
                self.plan.parent_of(number).and_then(|parent| excluded.get(parent as usize));
            let ruled_out = parent == Some(&true) || !self.may_hold(when.as_ref(), cell, &excluded);
            excluded.push(ruled_out);
        }
        excluded
    }

    /// Whether anything that a transcript of the cell could be makes the condition true.
    fn may_hold(&self, condition: Option<&Expression>, cell: usize, excluded: &[bool]) -> bool {
        let lookup = |name: &str| match level_of(self.plan, cell, name) {
            Some(level) => level.into(),
            None if self.is_excluded(name, excluded) => Value::NotAsked,
            None => Value::Unknown,
        };
        condition.is_none_or(|condition| condition.truth(&lookup) != Truth::False)
    }

    fn is_excluded(&self, name: &str, excluded: &[bool]) -> bool {
        let stage = name.split('.').next().unwrap_or(name);
        let number = self.plan.stages.iter().position(|known| known.name == stage);
        number.and_then(|number| excluded.get(number)).copied().unwrap_or(false)
    }
}

/// Every name that any expression of the plan may read. The words are not checked again.
fn name_everything(plan: &Plan) -> Scope {
    let mut scope = Scope::new().with(MODEL, Domain::Text);
    for field in plan.prompts.iter().flat_map(|prompt| prompt.fields.keys()) {
        if scope.get(field).is_none() {
            scope.insert(field, Domain::Text);
        }
    }
    for factor in &plan.factors {
        scope.insert(&factor.name, Domain::Text);
    }
    for stage in &plan.stages {
        scope.insert(&stage.name, Domain::Text);
        scope.insert(format!("{}.finish", stage.name), Domain::Text);
        scope.insert(format!("{}.parse", stage.name), Domain::Text);
        scope.insert(format!("{}.share", stage.name), Domain::Number);
    }
    scope
}
