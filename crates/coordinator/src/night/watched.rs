//! Who answered, then and tonight, and whether the judges judge as they did.

use std::collections::{BTreeMap, BTreeSet};

use iago_nightly::{Anchor, Echoes, JudgeCheck, ModelCheck, Noise, Now};
use iago_report::{Answerers, JudgeSaid, Material};
use iago_sweep::{Model, Plan, Stage, StageKind};

use super::against::Against;
use super::side::Side;

/// The share of anchors that a judge is taken to flip by itself. A baseline has one label of a transcript,
/// so that nothing in it measures this. A judge at temperature 0 contradicts itself on a few in a hundred
/// at most; a noisier one is called changed, and should vote.
const JUDGE_NOISE: f64 = 0.02;

/// Every model under test.
pub(super) fn check_models(tonight: &Side, then: &Side) -> Vec<ModelCheck> {
    let (answered, before) =
        (tonight.material.answering_models(), then.material.answering_models());
    let check = |model: &Model| ModelCheck {
        name: model.name.clone(),
        expected: model.expect.clone(),
        tonight: echoes(&answered, &model.name),
        expected_then: expected(&then.plan.models, &model.name),
        baseline: echoes(&before, &model.name),
    };
    tonight.plan.models.iter().map(check).collect()
}

/// Every helper, by its name. In the baseline it is whoever helped in the same stage. It has no anchors: what
/// it said is what the model was asked.
pub(super) fn check_helpers(tonight: &Side, then: &Side) -> Vec<ModelCheck> {
    let (answered, earlier) =
        (tonight.material.answering_judges(), then.material.answering_judges());
    let stages = tonight.plan.stages.iter();
    let helpers: BTreeMap<&str, &str> = stages
        .filter_map(|stage| {
            let helper = helper_of(stage)?;
            let mut stages = then.plan.stages.iter();
            let before = stages.find(|of| of.name == stage.name).and_then(helper_of);
            Some((helper, before.unwrap_or(helper)))
        })
        .collect();
    let check = |(helper, before): (&str, &str)| ModelCheck {
        name: helper.to_owned(),
        expected: expected(&tonight.plan.judges, helper),
        tonight: echoes(&answered, helper),
        expected_then: expected(&then.plan.judges, before),
        baseline: echoes(&earlier, before),
    };
    helpers.into_iter().map(check).collect()
}

/// The name of the helper that a stage asks in the place of the model under test.
pub(super) fn helper_of(stage: &Stage) -> Option<&str> {
    match &stage.kind {
        StageKind::Generate { helper, .. } => helper.as_deref(),
        StageKind::Judge { .. } | StageKind::Score { .. } => None,
    }
}

/// These judge stages of tonight's plan.
pub(super) fn check_judges(
    tonight: &Side,
    against: &Against,
    stages: &BTreeSet<usize>,
) -> Vec<JudgeCheck> {
    let stages = stages.iter().filter_map(|stage| tonight.plan.stages.get(*stage));
    stages.filter_map(|stage| check_judge(tonight, against, stage)).collect()
}

fn check_judge(tonight: &Side, against: &Against, stage: &Stage) -> Option<JudgeCheck> {
    let judge = judge_of(&tonight.plan, &stage.name)?;
    let then = &against.then;
    let before = judge_of(&then.plan, &stage.name).unwrap_or(judge);
    let mut answered = echoes(&tonight.material.answering_judges(), judge);
    if let Some(anchors) = &against.anchors {
        let again = echoes(&anchors.material.answering_judges(), judge);
        answered.ids.extend(again.ids);
        answered.some_without |= again.some_without;
    }
    let model = ModelCheck {
        name: judge.to_owned(),
        expected: expected(&tonight.plan.judges, judge),
        tonight: answered,
        expected_then: expected(&then.plan.judges, before),
        baseline: echoes(&then.material.answering_judges(), before),
    };
    let anchors = against.anchors.as_ref();
    let anchors = anchors.map(|anchors| list_anchors(then, anchors, &stage.name));
    let (stage, noise) = (stage.name.clone(), Noise::Assumed(JUDGE_NOISE));
    Some(JudgeCheck { stage, noise, model, anchors: anchors.unwrap_or_default() })
}

/// The name of the judge that a stage asks.
fn judge_of<'p>(plan: &'p Plan, stage: &str) -> Option<&'p str> {
    match &plan.stages.iter().find(|of| of.name == stage)?.kind {
        StageKind::Judge { judge, .. } => Some(judge),
        StageKind::Generate { .. } | StageKind::Score { .. } => None,
    }
}

/// What the judge said then and says now, of each transcript that it was asked about both times. The sweep
/// of anchors has the baseline's numbers.
fn list_anchors(then: &Side, anchors: &Side, stage: &str) -> Vec<Anchor> {
    let Some(stage) = anchors.plan.stages.iter().position(|of| of.name == stage) else {
        return Vec::new();
    };
    let places = anchors.material.places();
    places.filter_map(|at| anchor(&then.material, &anchors.material, stage, at)).collect()
}

fn anchor(
    then: &Material,
    anchors: &Material,
    stage: usize,
    at: (usize, usize, usize),
) -> Option<Anchor> {
    let then = match then.said(stage, at) {
        JudgeSaid::Label(label) => Some(label),
        JudgeSaid::Abstained => None,
        JudgeSaid::Unanswered | JudgeSaid::NotAsked => return None,
    };
    let now = match anchors.said(stage, at) {
        JudgeSaid::Label(label) => Now::Label(label),
        JudgeSaid::Abstained => Now::Abstained,
        JudgeSaid::Unanswered => Now::Unanswered,
        JudgeSaid::NotAsked => return None,
    };
    Some(Anchor { then, now })
}

fn expected(models: &[Model], name: &str) -> Option<String> {
    models.iter().find(|model| model.name == name)?.expect.clone()
}

fn echoes(answered: &BTreeMap<String, Answerers>, name: &str) -> Echoes {
    let Answerers { ids, some_without } = answered.get(name).cloned().unwrap_or_default();
    Echoes { ids, some_without }
}
