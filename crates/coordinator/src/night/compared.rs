//! Every gate in every cell that it is about, prompt by prompt.
//!
//! A gate is compared in a cell only if what it reads came about in the same way on both sides: the same
//! judges, asked in the same way, or judges that judged the baseline again tonight, about the same
//! transcripts. Where it did not, and in cells that only one side has, nothing is paired, so that the gate
//! stays open and says so.

use std::collections::BTreeSet;

use iago_nightly::{Comparison, Counts, JudgeCheck, Missing, RateCount, Sides, SumCount};
use iago_report::{PromptCount, PromptCounts};
use iago_sweep::{Cell, Gate, Plan, Stage, StageKind, Tier, relabels};

use super::against::Against;
use super::pairs::Pairs;
use super::side::Side;
use super::watched::{check_judges, helper_of};

/// What tonight and the baseline have in common.
pub(super) struct Compared {
    pub(super) gates: Vec<GateCell>,
    pub(super) judges: Vec<JudgeCheck>,
    pub(super) prompts_that_differ: u32,
    /// What could not be compared, and why.
    pub(super) left_out: Vec<String>,
}

/// One gate in one cell.
pub(super) struct GateCell {
    pub(super) comparison: Comparison,
    /// The ids of the prompts of its counts.
    pub(super) prompts: Vec<String>,
}

impl Compared {
    pub(super) fn of(tonight: &Side, against: &Against) -> Self {
        let pairs = Pairs::of(&against.then, tonight);
        let behind = tonight.material.stages_behind();
        let judges = check_judges(tonight, against, &judges_read(&tonight.plan, &behind));
        let watched = judges.iter().filter(|judge| !judge.anchors.is_empty());
        let watched: BTreeSet<&str> = watched.map(|judge| judge.stage.as_str()).collect();
        let others = other_rulers(&against.then.plan, &tonight.plan, &watched);
        let comparing = Comparing { tonight, against, pairs: &pairs, behind, others };
        let gates = tonight.plan.gates.iter().flat_map(|gate| comparing.compare(gate)).collect();
        let left_out = comparing.list_left_out();
        let prompts_that_differ = u32::try_from(pairs.differ.len()).unwrap_or(u32::MAX);
        Self { gates, judges, prompts_that_differ, left_out }
    }
}

/// The judge stages that some gate reads.
fn judges_read(plan: &Plan, behind: &[BTreeSet<usize>]) -> BTreeSet<usize> {
    let measure = |gate: &Gate| plan.measures.iter().position(|of| of.name == gate.measure);
    let measures = plan.gates.iter().filter_map(measure);
    let stages = measures.filter_map(|measure| behind.get(measure)).flatten().copied();
    stages.filter(|stage| plan.stages.get(*stage).is_some_and(is_judge)).collect()
}

fn is_judge(stage: &Stage) -> bool {
    matches!(stage.kind, StageKind::Judge { .. })
}

/// The stages whose labels, or whose fields, come about in another way than they did. What a model is asked
/// may differ: that is what is compared.
fn other_rulers(then: &Plan, now: &Plan, watched: &BTreeSet<&str>) -> BTreeSet<String> {
    let mut others: BTreeSet<String> = relabels(then, now).into_iter().collect();
    let graders = now.stages.iter().filter(|stage| !stage.generates());
    let changed = graders.filter(|stage| {
        let before = then.stages.iter().find(|before| before.name == stage.name);
        !before.is_some_and(|before| before.kind == stage.kind && asks_alike(then, now, stage))
    });
    others.extend(changed.map(|stage| stage.name.clone()));
    others.retain(|name| !(watched.contains(name.as_str()) && judges_the_same(then, now, name)));
    others
}

/// Whether a judge is asked about the same transcripts as it was. Anchors show what it says of those that it
/// is asked about, and nothing of those that it is not asked about any more.
fn judges_the_same(then: &Plan, now: &Plan, stage: &str) -> bool {
    let asked = |plan: &Plan| {
        let stage = plan.stages.iter().find(|of| of.name == stage)?;
        match &stage.kind {
            StageKind::Judge { of, when, after, .. } => {
                Some((of.clone(), when.clone(), after.clone()))
            }
            StageKind::Generate { .. } | StageKind::Score { .. } => None,
        }
    };
    let now = asked(now);
    now.is_some() && asked(then) == now
}

/// Whether a stage's judge is the same model by its id, asked with the same parameters. Which model answers
/// under that id is watched by itself.
fn asks_alike(then: &Plan, now: &Plan, stage: &Stage) -> bool {
    let StageKind::Judge { judge, .. } = &stage.kind else { return true };
    let asked = |plan: &Plan| {
        let found = plan.judges.iter().find(|model| model.name == *judge);
        found.map(|model| (model.id.clone(), model.parameters.clone()))
    };
    asked(then) == asked(now)
}

struct Comparing<'a> {
    tonight: &'a Side,
    against: &'a Against,
    pairs: &'a Pairs,
    /// For each of tonight's measures, the stages that it hangs on.
    behind: Vec<BTreeSet<usize>>,
    others: BTreeSet<String>,
}

impl Comparing<'_> {
    /// A gate in every cell that its measure speaks of; in all of them, if it speaks of none. A cell that
    /// only the baseline has is one of them: what is not asked any more does not pass.
    fn compare(&self, gate: &Gate) -> Vec<GateCell> {
        let plan = &self.tonight.plan;
        let Some(measure) = plan.measures.iter().position(|of| of.name == gate.measure) else {
            return Vec::new();
        };
        let speaks = |cell: &usize| {
            let mut prompts = 0..plan.prompts.len();
            prompts.any(|prompt| self.tonight.material.speaks_of(measure, *cell, prompt))
        };
        let mut cells: Vec<usize> = (0..plan.cells.len()).filter(speaks).collect();
        if cells.is_empty() {
            cells = (0..plan.cells.len()).collect();
        }
        let gates = cells.into_iter().map(|cell| self.compare_cell(gate, measure, cell));
        gates.chain(self.list_gone(gate, measure)).collect()
    }

    /// A gate in the cells that only the baseline has, with nothing in it.
    fn list_gone(&self, gate: &Gate, measure: usize) -> Vec<GateCell> {
        let then = &self.against.then;
        if self.against.uncountable.is_some() {
            return Vec::new();
        }
        let speaks = |cell: usize| {
            let mut prompts = 0..then.plan.prompts.len();
            prompts.any(|prompt| then.material.speaks_of(measure, cell, prompt))
        };
        let cells = then.plan.cells.iter().enumerate();
        let gone = cells.filter(|(number, cell)| {
            self.tonight.cell(&cell.model, &cell.condition).is_none() && speaks(*number)
        });
        let is_mean = self.tonight.plan.measures[measure].is_mean();
        let empty = |cell: &Cell| GateCell {
            comparison: self.comparison(gate, measure, cell, uncounted(is_mean)),
            prompts: Vec::new(),
        };
        gone.map(|(_, cell)| empty(cell)).collect()
    }

    fn compare_cell(&self, gate: &Gate, measure: usize, cell: usize) -> GateCell {
        let of = &self.tonight.plan.cells[cell];
        let earlier = self.against.then.cell(&of.model, &of.condition);
        let earlier = earlier.filter(|_| self.other_behind(measure).is_none());
        let pairs = self.pairs_in(measure, (earlier, cell));
        let prompts = pairs.iter().map(|(_, now)| self.tonight.plan.prompts[*now].id.clone());
        let prompts = prompts.collect();
        let counts = self.count(measure, (earlier, cell), &pairs);
        GateCell { comparison: self.comparison(gate, measure, of, counts), prompts }
    }

    fn comparison(&self, gate: &Gate, measure: usize, of: &Cell, counts: Counts) -> Comparison {
        Comparison {
            gate: gate.clone(),
            model: of.model.clone(),
            condition: of.condition.clone(),
            judges: self.judges(measure),
            helpers: self.helpers(measure),
            counts,
        }
    }

    /// The prompts that both cells ask and that the measure speaks of.
    fn pairs_in(
        &self,
        measure: usize,
        (earlier, cell): (Option<usize>, usize),
    ) -> Vec<(usize, usize)> {
        let Some(earlier) = earlier else { return Vec::new() };
        let (then, now) = (&self.against.then.material, &self.tonight.material);
        let is_compared = |(then_at, now_at): &&(usize, usize)| {
            now.asks(cell, *now_at, 0)
                && then.asks(earlier, *then_at, 0)
                && now.speaks_of(measure, cell, *now_at)
        };
        self.pairs.both.iter().filter(is_compared).copied().collect()
    }

    fn count(
        &self,
        measure: usize,
        (earlier, cell): (Option<usize>, usize),
        pairs: &[(usize, usize)],
    ) -> Counts {
        let now = self.tonight.material.count_by_prompt(measure, cell);
        let then = earlier.and_then(|of| self.against.then.material.count_by_prompt(measure, of));
        match (then, now) {
            (Some(PromptCounts::Rate(then)), Some(PromptCounts::Rate(now))) => {
                Counts::Rates(pair(pairs, &then, &now, rate))
            }
            (Some(PromptCounts::Mean(then)), Some(PromptCounts::Mean(now))) => Counts::Means {
                prompts: pair(pairs, &then, &now, sum),
                limits: self.tonight.material.limits(measure),
            },
            (_, now) => uncounted(matches!(now, Some(PromptCounts::Mean(_)))),
        }
    }

    fn judges(&self, measure: usize) -> Vec<String> {
        let stages = self.behind.get(measure).into_iter().flatten();
        let stages = stages.filter_map(|stage| self.tonight.plan.stages.get(*stage));
        stages.filter(|stage| is_judge(stage)).map(|stage| stage.name.clone()).collect()
    }

    fn helpers(&self, measure: usize) -> Vec<String> {
        let stages = self.behind.get(measure).into_iter().flatten();
        let stages = stages.filter_map(|stage| self.tonight.plan.stages.get(*stage));
        let helpers: BTreeSet<&str> = stages.filter_map(helper_of).collect();
        helpers.into_iter().map(str::to_owned).collect()
    }

    /// A stage that the measure hangs on and that came about in another way.
    fn other_behind(&self, measure: usize) -> Option<&str> {
        let stages = self.behind.get(measure).into_iter().flatten();
        let mut names = stages.filter_map(|stage| self.tonight.plan.stages.get(*stage));
        names.find(|stage| self.others.contains(&stage.name)).map(|stage| stage.name.as_str())
    }

    fn list_left_out(&self) -> Vec<String> {
        let (then, now) = (&self.against.then, self.tonight);
        let named = |side: &Side| -> Vec<(String, String)> {
            let cells = side.plan.cells.iter();
            cells.map(|cell| (cell.model.clone(), cell.condition.clone())).collect()
        };
        let only = |one: &Side, other: &Side| -> Vec<String> {
            let cells = named(one).into_iter();
            let cells = cells.filter(|(model, condition)| other.cell(model, condition).is_none());
            cells.map(|(model, condition)| format!("`{model}` under `{condition}`")).collect()
        };
        let (new, gone) = (only(now, then).join(", "), only(then, now).join(", "));
        let new = (!new.is_empty()).then(|| format!("the baseline does not have {new}"));
        let gone = (!gone.is_empty()).then(|| format!("only the baseline has {gone}"));
        let uncountable = self.against.uncountable.as_ref().map(|error| {
            format!("the baseline cannot be counted by tonight's measures ({error}): set a new one")
        });
        let read: BTreeSet<&str> =
            (0..self.behind.len()).filter_map(|measure| self.other_behind(measure)).collect();
        let others = read.into_iter().map(|stage| {
            format!(
                "`{stage}` grades in another way than in the baseline, or grades other transcripts: set a \
                 new baseline, or, if it is a judge with the same `when`, judge that one again \
                 (`rejudge_baseline = true`)"
            )
        });
        let told = new.into_iter().chain(gone).chain(uncountable).chain(others);
        told.chain(self.list_gates_gone()).chain(self.unwatched()).collect()
    }

    /// What the baseline's sweep promised, and tonight's does not.
    fn list_gates_gone(&self) -> Option<String> {
        let (then, now) = (&self.against.then.plan, &self.tonight.plan);
        let is_kept = |gate: &Gate| {
            let mut gates = now.gates.iter().filter(|of| of.tier == Tier::Critical);
            gates.any(|of| (&of.measure, of.better) == (&gate.measure, gate.better))
        };
        let gone = then.gates.iter().filter(|of| of.tier == Tier::Critical && !is_kept(of));
        let gone: Vec<String> = gone.map(|gate| format!("`{}`", gate.measure)).collect();
        (!gone.is_empty()).then(|| {
            format!(
                "the baseline's sweep has a critical gate on {}, and this one has not",
                gone.join(", ")
            )
        })
    }

    /// Judges that were to judge the baseline again, and have not.
    fn unwatched(&self) -> Option<String> {
        let gating = self.tonight.plan.gating.as_ref();
        let wanted = gating.is_some_and(|gating| gating.rejudge_baseline);
        let has_judges = !judges_read(&self.tonight.plan, &self.behind).is_empty();
        (wanted && has_judges && self.against.anchors.is_none()).then(|| {
            format!(
                "nobody judged the transcripts of `{name}` again: submit the sweep with \
                 `--against {name}`, so that they are",
                name = self.against.name
            )
        })
    }
}

/// Of a gate for which nothing is paired.
fn uncounted(is_mean: bool) -> Counts {
    match is_mean {
        true => Counts::Means { prompts: Vec::new(), limits: None },
        false => Counts::Rates(Vec::new()),
    }
}

fn pair<T: Copy + Default, U>(
    pairs: &[(usize, usize)],
    then: &[PromptCount<T>],
    now: &[PromptCount<T>],
    count: fn(PromptCount<T>) -> U,
) -> Vec<Sides<U>> {
    let of =
        |counts: &[PromptCount<T>], at: usize| count(counts.get(at).copied().unwrap_or_default());
    pairs.iter().map(|(a, b)| Sides { baseline: of(then, *a), tonight: of(now, *b) }).collect()
}

fn rate(count: PromptCount<u32>) -> RateCount {
    let missing = Missing { unanswered: count.unanswered, ungraded: count.ungraded };
    RateCount { yes: count.sum, of: count.of, missing }
}

fn sum(count: PromptCount<f64>) -> SumCount {
    let missing = Missing { unanswered: count.unanswered, ungraded: count.ungraded };
    SumCount { total: count.sum, of: count.of, missing }
}
