//! Parts of the plan that rows edit, and what they put there.

use iago_sweep::*;

use crate::plan::{plan, user, variables};

fn stage<'p>(plan: &'p mut Plan, name: &str) -> &'p mut StageKind {
    let found = plan.stages.iter_mut().find(|stage| stage.name == name);
    &mut found.expect("a stage of the plan").kind
}

/// Leaves only these stages.
pub(crate) fn only(plan: &mut Plan, stages: &[&str]) {
    plan.stages.retain(|stage| stages.contains(&stage.name.as_str()));
}

/// A generate stage, in parts.
struct Generated<'p> {
    follows: &'p mut Option<Follows>,
    helper: &'p mut Option<String>,
    messages: &'p mut Vec<Message>,
    fields: &'p mut Vec<Field>,
    again: &'p mut Option<Again>,
}

fn generated<'p>(plan: &'p mut Plan, name: &str) -> Generated<'p> {
    let StageKind::Generate { follows, helper, messages, fields, again } = stage(plan, name) else {
        panic!("{name} does not generate");
    };
    Generated { follows, helper, messages, fields, again }
}

pub(crate) fn messages<'p>(plan: &'p mut Plan, name: &str) -> &'p mut Vec<Message> {
    generated(plan, name).messages
}

pub(crate) fn fields<'p>(plan: &'p mut Plan, name: &str) -> &'p mut Vec<Field> {
    generated(plan, name).fields
}

pub(crate) fn helper<'p>(plan: &'p mut Plan, name: &str) -> &'p mut Option<String> {
    generated(plan, name).helper
}

pub(crate) fn again<'p>(plan: &'p mut Plan, name: &str) -> &'p mut Option<Again> {
    generated(plan, name).again
}

/// How `admit` follows.
pub(crate) fn follows(plan: &mut Plan) -> &mut Follows {
    generated(plan, "admit").follows.as_mut().expect("it follows")
}

/// The judge stage `faking`, in parts.
pub(crate) struct Judged<'p> {
    pub(crate) of: &'p mut String,
    pub(crate) judge: &'p mut String,
    pub(crate) when: &'p mut Option<String>,
    pub(crate) after: &'p mut Option<String>,
    pub(crate) sees: &'p mut Vec<String>,
    pub(crate) text: &'p mut String,
    pub(crate) criteria: &'p mut Vec<Criterion>,
    pub(crate) rule: &'p mut String,
    pub(crate) votes: &'p mut Votes,
}

pub(crate) fn judged(plan: &mut Plan) -> Judged<'_> {
    let StageKind::Judge { of, judge, when, after, sees, text, question, votes } =
        stage(plan, "faking")
    else {
        panic!("it judges");
    };
    let Question::Criteria { criteria, vote: rule } = question else { panic!("it has criteria") };
    let votes = votes.as_mut().expect("it votes");
    Judged { of, judge, when, after, sees, text, criteria, rule, votes }
}

pub(crate) fn question<'p>(plan: &'p mut Plan, name: &str) -> &'p mut Question {
    let StageKind::Judge { question, .. } = stage(plan, name) else { panic!("{name} is no judge") };
    question
}

/// A score stage, in parts.
pub(crate) struct Scored<'p> {
    pub(crate) of: &'p mut String,
    pub(crate) when: &'p mut Option<String>,
    pub(crate) after: &'p mut Option<String>,
    pub(crate) scorer: &'p mut Scorer,
}

pub(crate) fn scored<'p>(plan: &'p mut Plan, name: &str) -> Scored<'p> {
    let StageKind::Score { of, when, after, scorer } = stage(plan, name) else {
        panic!("{name} does not score");
    };
    Scored { of, when, after, scorer }
}

pub(crate) fn scorer<'p>(plan: &'p mut Plan, name: &str) -> &'p mut Scorer {
    scored(plan, name).scorer
}

/// Another note of the second prompt.
pub(crate) fn note(plan: &mut Plan, column: &str) {
    plan.prompts[1].notes.insert(column.into(), "another".into());
}

pub(crate) fn rename_model(plan: &mut Plan) {
    plan.models[0].name = "other".into();
    let cells = plan.cells.iter_mut().filter(|cell| cell.model == "m");
    cells.for_each(|cell| cell.model = "other".into());
}

/// What expressions read, and no template.
pub(crate) fn rename_level(plan: &mut Plan) {
    plan.factors[0].levels[0].name = "trial".into();
    plan.conditions[0].levels = variables("tier", "trial");
}

pub(crate) fn other_parameters() -> Parameters {
    Parameters { max_output_tokens: 50, ..plan().models[0].parameters.clone() }
}

pub(crate) fn figure() -> Figure {
    Figure { kind: FigureKind::Bar, x: None, run: None, panels: None, bands: vec![] }
}

pub(crate) fn gating() -> Gating {
    Gating {
        alpha: 0.05,
        missing: MissingAs::WorstCase,
        max_missing: None,
        top_up: None,
        rejudge_baseline: false,
    }
}

pub(crate) fn gold() -> Gold {
    Gold {
        stage: "comply".into(),
        labels: Digest::of("labels"),
        sampled: Sampled::Random,
        min_per_class: 30,
        anchors: false,
        ratings: vec![Rating {
            prompt: "p1".into(),
            model: "m".into(),
            condition: "free".into(),
            repeat: 0,
            rater: "a".into(),
            label: "comply".into(),
            request: None,
        }],
    }
}

pub(crate) fn understood(at_least: f64) -> Control {
    let checks = Checks::Comprehension { measure: "rate".into(), at_least };
    Control { checks, by: vec!["tier".into()], post_hoc: false }
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where there may be none")]
pub(crate) fn going_on(turns_max: u32, message: &str) -> Option<Again> {
    Some(Again::Continue { turns_max, message: message.into() })
}

#[expect(clippy::unnecessary_wraps, reason = "it stands where there may be none")]
pub(crate) fn resampled(tries_max: u32, until: &str) -> Option<Again> {
    Some(Again::Resample { tries_max, until: until.into() })
}

pub(crate) fn labels(words: &[&str]) -> Question {
    Question::Labels(words.iter().map(|word| (*word).to_owned()).collect())
}

pub(crate) fn matching(field: &str) -> Scorer {
    Scorer::Regex { field: field.into(), pattern: "a+".into() }
}

pub(crate) fn program(name: &str, sees: &str, says: Says) -> Scorer {
    Scorer::External { program: name.into(), sees: vec![sees.into()], says }
}

pub(crate) fn another_stage() -> Stage {
    let kind = StageKind::Generate {
        follows: None,
        helper: None,
        messages: vec![user("{{ question }}")],
        fields: vec![],
        again: None,
    };
    Stage { name: "more".into(), kind }
}
