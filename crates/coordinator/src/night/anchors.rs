//! The sweep of anchors: the baseline's transcripts, before tonight's judges.
//!
//! It is the baseline's plan, so that every number in it means what it meant then, with tonight's judges in
//! the place of the baseline's. All other answers are copied into it, and it asks no model under test. A
//! judge sees what it would see of any transcript: nothing says which sweep it is of.

use std::collections::BTreeMap;

use iago_grading::Grader;
use iago_sweep::{Cell, Gold, Model, Money, Plan, Stage, StageKind};
use iago_sweep_file::Renderer;

/// What the name of tonight's sweep is followed by.
const ANCHORS: &str = "anchors";

/// What no transcript is: the `when` of a judge that is not asked again.
const NEVER: &str = "false";

/// The plan of the anchors of a night. `None`: nothing is judged again, since nobody asks for it, since no
/// judge stage is in both plans, or since tonight's judges cannot judge what the baseline has.
pub(crate) fn anchors_plan(tonight: &Plan, baseline: &Plan) -> Option<Plan> {
    let wanted = tonight.gating.as_ref().is_some_and(|gating| gating.rejudge_baseline);
    let again: Vec<&Stage> = tonight.stages.iter().filter(|of| is_rejudged(of, baseline)).collect();
    if !wanted || again.is_empty() {
        return None;
    }
    let gold: Vec<Gold> = tonight.gold.iter().filter(|of| of.anchors).cloned().collect();
    let plan = Plan {
        name: format!("{} {ANCHORS}", tonight.name),
        repeats: repeats(tonight, baseline, &gold),
        weight: tonight.weight,
        budget: tonight.budget,
        models: baseline.models.iter().map(|of| unasked(of, &tonight.models)).collect(),
        judges: judges(tonight, baseline),
        cells: baseline.cells.iter().map(|cell| cap(cell, tonight, baseline, &gold)).collect(),
        stages: baseline.stages.iter().map(|stage| judged(stage, &again)).collect(),
        gold: gold.into_iter().filter(|of| again.iter().any(|to| to.name == of.stage)).collect(),
        ..stripped(baseline)
    };
    fits(&plan).then_some(plan)
}

/// Gives the sweep of anchors its part of tonight's budget, which covers both: by their numbers of jobs,
/// those of a top-up counted among tonight's. A job is a job here, whatever it costs.
pub(crate) fn split_budget(tonight: &mut Plan, anchors: &mut Plan) {
    let Some(budget) = tonight.budget else {
        anchors.budget = None;
        return;
    };
    let top_up = tonight.gating.as_ref().and_then(|gating| gating.top_up.as_ref());
    let more = top_up.map_or(0, |of| of.repeats.saturating_mul(of.looks.saturating_sub(1)));
    let repeats = tonight.repeats.saturating_add(more);
    let own = jobs(&Plan { repeats, ..tonight.clone() }, |_| true);
    let theirs = jobs(anchors, |stage| matches!(stage.kind, StageKind::Judge { .. }));
    let part = budget.share(theirs, own.saturating_add(theirs));
    anchors.budget = Some(part);
    tonight.budget = Some(Money(budget.0.saturating_sub(part.0)));
}

/// How many jobs some stages of a plan have at most.
fn jobs(plan: &Plan, counts: fn(&Stage) -> bool) -> u64 {
    let votes = plan.stages.iter().filter(|stage| counts(stage)).map(Stage::votes);
    plan.transcripts().saturating_mul(votes.map(u64::from).sum())
}

/// Whether a judge stage of tonight's is one of the baseline's as well.
fn is_rejudged(stage: &Stage, baseline: &Plan) -> bool {
    let is_judge = |of: &Stage| matches!(of.kind, StageKind::Judge { .. });
    let mut stages = baseline.stages.iter();
    is_judge(stage) && stages.any(|before| before.name == stage.name && is_judge(before))
}

/// The baseline's stage, with tonight's judge if it judges again. Another judge is asked about nothing, so
/// that what it said is not asked for again.
fn judged(stage: &Stage, again: &[&Stage]) -> Stage {
    if let Some(tonight) = again.iter().find(|of| of.name == stage.name) {
        return (*tonight).clone();
    }
    let mut stage = stage.clone();
    if let StageKind::Judge { when, after, .. } = &mut stage.kind {
        (*when, *after) = (Some(NEVER.to_owned()), None);
    }
    stage
}

/// Tonight's judges, and those of the baseline that tonight has not: some answers were theirs.
fn judges(tonight: &Plan, baseline: &Plan) -> Vec<Model> {
    let is_new = |of: &&Model| tonight.judges.iter().all(|known| known.name != of.name);
    let others = baseline.judges.iter().filter(is_new);
    let others = others.map(|judge| unasked(judge, &tonight.judges));
    tonight.judges.iter().cloned().chain(others).collect()
}

/// A model that is not asked any more. Its endpoint may be gone, and its price with it; one that there is
/// stands for it, so that neither keeps anybody from judging what it said.
fn unasked(model: &Model, tonight: &[Model]) -> Model {
    let same = tonight.iter().find(|of| of.name == model.name);
    let Some(stand_in) = same.or(tonight.first()) else { return model.clone() };
    Model {
        endpoint: stand_in.endpoint.clone(),
        id: stand_in.id.clone(),
        parameters: stand_in.parameters.clone(),
        ..model.clone()
    }
}

/// As many repeats as tonight asks, and as people's labels speak of, of those that the baseline has.
fn repeats(tonight: &Plan, baseline: &Plan, gold: &[Gold]) -> u32 {
    let labelled =
        gold.iter().flat_map(|of| &of.ratings).map(|rating| rating.repeat.saturating_add(1));
    tonight.repeats.max(labelled.max().unwrap_or(0)).min(baseline.repeats)
}

/// A cell of the baseline's, with no more than tonight asks there and people labelled; nothing of one that
/// tonight does not have.
fn cap(cell: &Cell, tonight: &Plan, baseline: &Plan, gold: &[Gold]) -> Cell {
    let is_same = |of: &&Cell| (&of.model, &of.condition) == (&cell.model, &cell.condition);
    let Some(now) = tonight.cells.iter().find(is_same) else {
        return Cell { prompts_max: Some(0), parameters: None, ..cell.clone() };
    };
    let ratings = gold.iter().flat_map(|of| &of.ratings);
    let here = ratings.filter(|of| (&of.model, &of.condition) == (&cell.model, &cell.condition));
    let labelled = here.map(|rating| rating.repeat.saturating_add(1)).max().unwrap_or(0);
    let (prompts, repeats) = tonight.size_of(now);
    let (prompts_then, repeats_then) = baseline.size_of(cell);
    let least = |most: u32, all: u32| (most < all).then_some(most);
    Cell {
        prompts_max: least(prompts, prompts_then).or(cell.prompts_max),
        repeats_max: least(repeats.max(labelled), repeats_then).or(cell.repeats_max),
        parameters: None,
        ..cell.clone()
    }
}

/// The baseline's plan without whatever is counted or held: of anchors nothing but labels is read. Its
/// texts are copied as they are read by now, so that none of them is read anew.
fn stripped(baseline: &Plan) -> Plan {
    Plan {
        outcomes: Vec::new(),
        measures: Vec::new(),
        contrasts: Vec::new(),
        controls: Vec::new(),
        texts: Vec::new(),
        figures: Vec::new(),
        gates: Vec::new(),
        gating: None,
        reread: Default::default(),
        ..baseline.clone()
    }
}

/// Whether a plan can be worked on: each stage hangs on earlier ones, and whatever it says compiles.
fn fits(plan: &Plan) -> bool {
    let places: BTreeMap<&str, usize> =
        plan.stages.iter().map(|stage| stage.name.as_str()).zip(0..).collect();
    let mut stages = plan.stages.iter().enumerate();
    let hangs_on_earlier = stages.all(|(place, stage)| {
        let mut before = stage.of().into_iter().chain(stage.opened_by());
        before.all(|name| places.get(name).is_some_and(|earlier| *earlier < place))
    });
    hangs_on_earlier
        && plan.check_size().is_ok()
        && Grader::new(plan).is_ok()
        && Renderer::new(plan).is_ok()
}
