//! Which judges are asked in which cell, by the plan and not by what came in.
//!
//! A judge whose `when` rules out a cell leaves its outcomes and measures "not asked" there. A judge that had nothing to
//! grade because a model refused every time was asked, and its outcomes are 0%.

use iago_expression::{Expression, Truth, Value};
use iago_sweep::{Measure, Plan};

use crate::axes::Grid;
use crate::names::name_everything;

/// What the plan asks in each cell.
pub(crate) struct Asked {
    /// For each cell, whether each outcome can occur there at all.
    outcomes: Vec<Vec<bool>>,
    /// For each cell, whether each measure can be read there at all.
    measures: Vec<Vec<bool>>,
}

impl Asked {
    pub(crate) fn of(plan: &Plan, grid: &Grid<'_>) -> Self {
        let rules = Rules::of(plan, grid);
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
    grid: &'a Grid<'a>,
    /// `when` of each stage.
    stages: Vec<Option<Expression>>,
    outcomes: Vec<Option<Expression>>,
    measures: Vec<MeasureRules>,
}

struct MeasureRules {
    of: Option<Expression>,
    given: Option<Expression>,
    within: Option<Expression>,
    zero_unless: Option<Expression>,
}

impl<'a> Rules<'a> {
    fn of(plan: &'a Plan, grid: &'a Grid<'a>) -> Self {
        let scope = name_everything(plan);
        // The grader has refused what cannot be parsed, with a stricter scope.
        let compile = |source: &str| Expression::parse(source, &scope).ok();
        let optional = |source: Option<&str>| source.and_then(compile);
        let measure = |measure: &Measure| MeasureRules {
            of: compile(measure.expression()),
            given: optional(measure.given.as_deref()),
            within: optional(measure.within.as_deref()),
            zero_unless: optional(measure.zero_unless.as_deref()),
        };
        Self {
            plan,
            grid,
            stages: plan.stages.iter().map(|stage| optional(stage.when())).collect(),
            outcomes: plan.outcomes.iter().map(|outcome| compile(&outcome.when)).collect(),
            measures: plan.measures.iter().map(measure).collect(),
        }
    }

    fn outcomes_of(&self, cell: usize) -> Vec<bool> {
        let excluded = self.excluded_in(cell);
        self.outcomes.iter().map(|when| self.may_hold(when.as_ref(), cell, &excluded)).collect()
    }

    /// A measure whose numerator cannot be read has no reading; neither has one that speaks of no transcript here.
    fn measures_of(&self, cell: usize) -> Vec<bool> {
        let excluded = self.excluded_in(cell);
        self.measures
            .iter()
            .map(|rules| {
                self.can_be_read(rules, cell, &excluded)
                    && self.may_hold(rules.given.as_ref(), cell, &excluded)
                    && self.speaks_of(rules.within.as_ref(), cell)
            })
            .collect()
    }

    /// A numerator that reads a judge which is not asked cannot be read, unless `zero_unless` rules out the whole cell:
    /// then it is 0 whatever the judge would say. Where it rules out some transcripts only, a mean of nothing but their
    /// zeros would be no mean of the cell.
    fn can_be_read(&self, rules: &MeasureRules, cell: usize, excluded: &[bool]) -> bool {
        let reads_excluded = |expression: &Option<Expression>| {
            let mut names = expression.iter().flat_map(Expression::names);
            names.any(|name| self.is_excluded(name, excluded))
        };
        if reads_excluded(&rules.zero_unless) {
            return false;
        }
        !reads_excluded(&rules.of) || !self.may_hold(rules.zero_unless.as_ref(), cell, excluded)
    }

    /// Whether a `where` holds for any prompt of the cell. Most are decided by the levels of the cell alone.
    fn speaks_of(&self, within: Option<&Expression>, cell: usize) -> bool {
        let Some(within) = within else { return true };
        let level = |name: &str| self.grid.level_of(cell, name);
        if within.truth(&|name| level(name).map_or(Value::Unknown, Value::from)) == Truth::False {
            return false;
        }
        self.plan.prompts.iter().any(|prompt| {
            let column = |name: &str| prompt.fields.get(name).or_else(|| prompt.notes.get(name));
            let lookup = |name: &str| match level(name) {
                Some(level) => level.into(),
                None => column(name).map_or(Value::Unknown, |text| text.as_str().into()),
            };
            within.truth(&lookup) != Truth::False
        })
    }

    /// For each stage, whether its `when`, or that of a stage which it hangs on, rules the cell out.
    fn excluded_in(&self, cell: usize) -> Vec<bool> {
        let mut excluded: Vec<bool> = Vec::with_capacity(self.stages.len());
        for (number, when) in (0..).zip(&self.stages) {
            let before = [self.plan.parent_of(number), self.plan.opener_of(number)];
            let hangs_on_excluded = before
                .into_iter()
                .flatten()
                .any(|stage| excluded.get(stage as usize).copied().unwrap_or(false));
            let ruled_out = hangs_on_excluded || !self.may_hold(when.as_ref(), cell, &excluded);
            excluded.push(ruled_out);
        }
        excluded
    }

    /// Whether anything that a transcript of the cell could be makes the condition true.
    fn may_hold(&self, condition: Option<&Expression>, cell: usize, excluded: &[bool]) -> bool {
        let lookup = |name: &str| match self.grid.level_of(cell, name) {
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
