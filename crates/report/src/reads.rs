//! Which stages a measure reads, and which of those that grade its numbers hang on.

use std::collections::BTreeSet;

use iago_expression::{Expression, Scope};
use iago_sweep::{Measure, Plan};

use crate::names::name_everything;

/// The stages behind one measure, by number.
#[derive(Clone, Debug, Default)]
pub(crate) struct Reads {
    /// Those whose label says what counts as yes, or the number that is averaged.
    numerator: BTreeSet<usize>,
    /// Those whose label says which transcripts count: by the measure's words, or because they open a stage that it reads.
    deciding: BTreeSet<usize>,
    /// These, and all that these hang on.
    behind: BTreeSet<usize>,
    /// Those of them that grade.
    graders: BTreeSet<usize>,
}

impl Reads {
    /// For each measure of the plan.
    pub(crate) fn of(plan: &Plan) -> Vec<Self> {
        let scope = name_everything(plan);
        plan.measures.iter().map(|measure| Self::of_measure(plan, &scope, measure)).collect()
    }

    /// Whether the measure's number hangs on this stage's label.
    pub(crate) fn hang_on(&self, stage: usize) -> bool {
        self.numerator.contains(&stage) || self.deciding.contains(&stage)
    }

    /// Whether this stage's label decides which transcripts count.
    pub(crate) fn are_decided_by(&self, stage: usize) -> bool {
        self.deciding.contains(&stage)
    }

    /// Every stage that the measure's numbers hang on, in any way.
    pub(crate) fn all(&self) -> &BTreeSet<usize> {
        &self.behind
    }

    /// The stages whose labels the measure's numbers hang on, directly or because they open what is read.
    pub(crate) fn graders(&self) -> impl Iterator<Item = usize> {
        self.graders.iter().copied()
    }

    fn of_measure(plan: &Plan, scope: &Scope, measure: &Measure) -> Self {
        let counted = [Some(measure.expression()), measure.zero_unless.as_deref()];
        let counted = list_names(scope, counted);
        let given = list_names(scope, [measure.given.as_deref()]);
        let read = counted.union(&given).filter_map(|name| find_stage(plan, name)).collect();
        let behind = add_openers(plan, read);
        let grades = |stage: &usize| !plan.stages[*stage].generates();
        let openers = behind.iter().filter_map(|&stage| opener_of(plan, stage)).filter(grades);
        Self {
            numerator: find_labels(plan, &counted),
            deciding: openers.chain(find_labels(plan, &given)).collect(),
            graders: behind.iter().copied().filter(grades).collect(),
            behind,
        }
    }
}

fn opener_of(plan: &Plan, stage: usize) -> Option<usize> {
    Some(plan.opener_of(u32::try_from(stage).ok()?)? as usize)
}

/// What these expressions name. The grader has refused what cannot be parsed, with a stricter scope.
fn list_names<'a>(
    scope: &Scope,
    sources: impl IntoIterator<Item = Option<&'a str>>,
) -> BTreeSet<String> {
    let sources = sources.into_iter().flatten();
    let read = sources.filter_map(|source| Expression::parse(source, scope).ok());
    read.flat_map(|expression| expression.names().clone()).collect()
}

fn find_stage(plan: &Plan, name: &str) -> Option<usize> {
    let stage = name.split('.').next().unwrap_or(name);
    plan.stages.iter().position(|known| known.name == stage)
}

/// The stages whose label or share of votes is named: how long an answer is, nobody can say otherwise.
fn find_labels(plan: &Plan, names: &BTreeSet<String>) -> BTreeSet<usize> {
    let labels = names.iter().filter(|name| !name.contains('.') || name.ends_with(".share"));
    labels.filter_map(|name| find_stage(plan, name)).collect()
}

/// With the stages that these work on and those whose labels open them, and so on.
fn add_openers(plan: &Plan, stages: BTreeSet<usize>) -> BTreeSet<usize> {
    let mut open: Vec<usize> = stages.iter().copied().collect();
    let mut found = stages;
    while let Some(stage) = open.pop() {
        let number = u32::try_from(stage).unwrap_or(u32::MAX);
        let before = [plan.parent_of(number), plan.opener_of(number)].into_iter().flatten();
        open.extend(before.map(|stage| stage as usize).filter(|stage| found.insert(*stage)));
    }
    found
}
