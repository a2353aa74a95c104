//! Whether a plan's outcomes cover what can happen, found by going through all of it.
//!
//! What is enumerated: the models and levels of the cells, how each answer can end and parse, each label of each judge and
//! score, and whether a stage is asked at all, as far as outcomes read them or something that they read hangs on them. A
//! judge that abstained or failed adds nothing: an outcome is certain for it only if every label leads there, and the
//! labels are gone through; nor does a stage that hangs on such a label, because it is asked or not, and both are gone
//! through. Prompt fields and numbers without end are taken as unknown, so an outcome counts as reached, and a gap as
//! closed, wherever some text or number could do it.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;

use iago_expression::{Expression, Truth, Value};
use iago_sweep::{Again, Plan, Question, Stage, StageKind};

use crate::Grader;
use crate::classify::{Walk, walk};
use crate::names::Origin;
use crate::rules::MeasureRules;
use possibilities::Possibilities;

mod possibilities;

/// How many combinations are gone through, whole ones and those that decide the outcome before they are whole. Sweeps in
/// use have under a thousand.
pub const COMBINATIONS_MAX: usize = 200_000;

/// Something that a plan's outcomes leave out, or have too much of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OutcomeFault {
    /// No transcript can ever have this outcome: it contradicts itself, or an earlier one takes all of it.
    Unreachable {
        /// Index into the plan's outcomes.
        outcome: usize,
    },
    /// A transcript with every answer in place can have no outcome.
    Gap {
        /// One that has none, as in "compliance is `partial`": only what matters to it is said.
        example: String,
    },
    /// A label that no outcome, no measure and no `when` names: what it was meant to decide is not decided. A score that
    /// ends a resampling is named by that.
    Unmentioned {
        /// The judge or score stage.
        stage: String,
        /// The label; of a stage that says numbers which are never read, all of them, as in "1 to 10".
        label: String,
    },
    /// The outcomes read so much that they cannot be gone through; nothing is said about reach and gaps.
    TooMany {
        /// How many combinations are gone through at most.
        limit: usize,
    },
}

/// Goes through everything that can happen to a transcript of the plan that the grader was made from.
///
/// At most one gap is reported. A plan without outcomes has neither gaps nor unreachable ones.
pub fn check_outcomes(plan: &Plan, grader: &Grader) -> Vec<OutcomeFault> {
    let mut faults = Vec::new();
    if !grader.outcomes.is_empty() {
        faults = Survey::new(plan, grader).run();
    }
    faults.extend(find_unmentioned(plan, grader));
    faults
}

/// One combination, as far as it is fixed.
#[derive(Clone, Default)]
pub(super) struct Combination {
    pub(super) values: BTreeMap<String, Value>,
    /// The stages whose answers something can hang on.
    pub(super) usable: BTreeSet<usize>,
    /// Some answer cannot be read.
    pub(super) is_broken: bool,
}

impl Combination {
    /// What is not fixed is unknown.
    pub(super) fn value(&self, name: &str) -> Value {
        self.values.get(name).cloned().unwrap_or(Value::Unknown)
    }
}

struct Survey<'a> {
    plan: &'a Plan,
    grader: &'a Grader,
    possibilities: Possibilities<'a>,
    /// The stages that matter, each behind those that it hangs on.
    stages: Vec<usize>,
    reached: Vec<bool>,
    gap: Option<Combination>,
    visited: usize,
}

impl<'a> Survey<'a> {
    fn new(plan: &'a Plan, grader: &'a Grader) -> Self {
        let stages = order_stages(grader, find_stages_that_matter(grader));
        let whens = stages.iter().filter_map(|&stage| grader.stages[stage].when.as_ref());
        let read: BTreeSet<&str> = grader
            .outcomes
            .iter()
            .chain(whens)
            .flat_map(Expression::names)
            .map(String::as_str)
            .collect();
        Self {
            plan,
            grader,
            possibilities: Possibilities { plan, grader, read },
            stages,
            reached: vec![false; grader.outcomes.len()],
            gap: None,
            visited: 0,
        }
    }

    fn run(mut self) -> Vec<OutcomeFault> {
        for cell in self.possibilities.of_cells() {
            let combination = Combination { values: cell, ..Combination::default() };
            if self.visit(0, &combination).is_break() {
                return vec![OutcomeFault::TooMany { limit: COMBINATIONS_MAX }];
            }
        }
        let unreached = (0..self.reached.len()).filter(|&outcome| !self.reached[outcome]);
        let mut faults: Vec<_> =
            unreached.map(|outcome| OutcomeFault::Unreachable { outcome }).collect();
        let gap = self.gap.take();
        faults.extend(gap.map(|gap| OutcomeFault::Gap { example: self.describe(gap) }));
        faults
    }

    /// Fixes the stages from the `depth`th on in every possible way, unless what is fixed decides the outcome: nothing
    /// that is unknown now can change it then.
    fn visit(&mut self, depth: usize, fixed: &Combination) -> ControlFlow<()> {
        self.visited += 1;
        if self.visited > COMBINATIONS_MAX {
            return ControlFlow::Break(());
        }
        if let Walk::Match(outcome) = walk(&self.grader.outcomes, &|name| fixed.value(name)) {
            self.reached[outcome] = true;
            return ControlFlow::Continue(());
        }
        let Some(&stage) = self.stages.get(depth) else {
            self.judge(fixed);
            return ControlFlow::Continue(());
        };
        for combination in self.possibilities.of_stage(stage, fixed) {
            self.visit(depth + 1, &combination)?;
        }
        ControlFlow::Continue(())
    }

    /// Notes what one whole combination can reach that no outcome is certain for.
    fn judge(&mut self, combination: &Combination) {
        let mut covered = false;
        for (number, outcome) in self.grader.outcomes.iter().enumerate() {
            let truth = outcome.truth(&|name| combination.value(name));
            self.reached[number] |= truth != Truth::False;
            match truth {
                Truth::False => {}
                Truth::Unknown => covered = true,
                Truth::True => return,
            }
        }
        if !covered && self.gap.is_none() && !combination.is_broken {
            self.gap = Some(combination.clone());
        }
    }

    /// The values without which the combination would not be a gap.
    fn describe(&self, mut gap: Combination) -> String {
        let order = self.order_names(&gap);
        for name in order.iter().rev() {
            let Some(value) = gap.values.remove(name) else { continue };
            let decided = self
                .grader
                .outcomes
                .iter()
                .all(|outcome| outcome.truth(&|name| gap.value(name)) == Truth::False);
            if !decided {
                gap.values.insert(name.clone(), value);
            }
        }
        let described: Vec<String> = order
            .iter()
            .filter_map(|name| Some(describe_value(name, gap.values.get(name)?)))
            .collect();
        if described.is_empty() { "any transcript".to_owned() } else { described.join(", ") }
    }

    /// Labels first, because a gap is mostly a forgotten label; then how answers ended; then the cell.
    fn order_names(&self, combination: &Combination) -> Vec<String> {
        let mut names: Vec<String> = combination.values.keys().cloned().collect();
        names.sort_by_key(|name| match self.grader.names.origin(name) {
            Some(Origin::Label(stage)) => (0, stage),
            Some(Origin::Share(stage)) => (1, stage),
            Some(Origin::Finish(stage) | Origin::Parse(stage)) => (2, stage),
            Some(Origin::Usage(stage, _) | Origin::Latency(stage)) => (2, stage),
            Some(Origin::Cell | Origin::Prompt | Origin::Note) | None => {
                (3, self.plan.stages.len())
            }
        });
        names
    }
}

fn describe_value(name: &str, value: &Value) -> String {
    match value {
        Value::Text(word) => format!("{name} is `{word}`"),
        Value::Number(number) => format!("{name} is {number}"),
        Value::Bool(holds) => format!("{name} is {holds}"),
        Value::NotAsked => format!("{name} is not asked"),
        Value::Unknown => format!("{name} is unknown"),
    }
}

/// The stages that outcomes read, what these hang on, and what their `when` reads.
fn find_stages_that_matter(grader: &Grader) -> BTreeSet<usize> {
    let mut found = grader.outcome_needs.read.clone();
    let mut open: Vec<usize> = found.iter().copied().collect();
    while let Some(stage) = open.pop() {
        let rules = &grader.stages[stage];
        let read = grader.names.stages_read(&rules.when);
        let before = read.into_iter().chain(rules.hangs_on());
        open.extend(before.filter(|&stage| found.insert(stage)));
    }
    found
}

/// Puts each stage behind those that it hangs on, and else in the plan's order. Stages that hang on each other in a circle,
/// which only a stored plan could hold, come last.
fn order_stages(grader: &Grader, mut left: BTreeSet<usize>) -> Vec<usize> {
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let is_free = |stage: &&usize| {
            !grader.stages[**stage].hangs_on().any(|before| left.contains(&before))
        };
        let next = left.iter().find(is_free).or_else(|| left.first()).copied();
        ordered.extend(next);
        left.retain(|stage| Some(*stage) != next);
    }
    ordered
}

fn find_unmentioned(plan: &Plan, grader: &Grader) -> Vec<OutcomeFault> {
    let measures = grader.measures.iter().flat_map(MeasureRules::expressions);
    let whens = grader.stages.iter().filter_map(|stage| stage.when.as_ref());
    let expressions: Vec<&Expression> =
        grader.outcomes.iter().chain(measures).chain(whens).collect();
    let is_read = |name: &String| expressions.iter().any(|read| read.names().contains(name));
    let mut faults = Vec::new();
    for stage in &plan.stages {
        // Every vote of either label is in the share.
        if is_read(&format!("{}.share", stage.name)) || ends_resampling(plan, stage) {
            continue;
        }
        let missing = if stage.says_number() {
            let numbers = Some(name_numbers(stage)).filter(|_| !is_read(&stage.name));
            numbers.into_iter().collect()
        } else {
            list_unmentioned_labels(stage, &expressions)
        };
        faults.extend(
            missing
                .into_iter()
                .map(|label| OutcomeFault::Unmentioned { stage: stage.name.clone(), label }),
        );
    }
    faults
}

fn list_unmentioned_labels(stage: &Stage, expressions: &[&Expression]) -> Vec<String> {
    let compared =
        expressions.iter().flat_map(|expression| expression.literals_compared_with(&stage.name));
    let mentioned: BTreeSet<String> = compared.collect();
    let is_mentioned =
        |label: &&str| mentioned.contains(*label) || *label == "no" && mentioned.contains("yes");
    let labels = stage.labels().into_iter();
    labels.filter(|label| !is_mentioned(label)).map(str::to_owned).collect()
}

fn ends_resampling(plan: &Plan, score: &Stage) -> bool {
    plan.stages.iter().any(|stage| match &stage.kind {
        StageKind::Generate { again: Some(Again::Resample { until, .. }), .. } => {
            *until == score.name
        }
        StageKind::Generate { .. } | StageKind::Judge { .. } | StageKind::Score { .. } => false,
    })
}

fn name_numbers(stage: &Stage) -> String {
    match &stage.kind {
        StageKind::Judge { question: Question::Scale(steps), .. } => {
            let ends = [steps.first(), steps.last()];
            ends.map(|step| step.map_or("", String::as_str)).join(" to ")
        }
        StageKind::Judge { .. } | StageKind::Score { .. } | StageKind::Generate { .. } => {
            "a number".to_owned()
        }
    }
}
