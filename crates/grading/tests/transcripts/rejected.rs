//! Plans whose expressions cannot be used.

use iago_grading::{Grader, GradingError, Place};
use iago_sweep::{Plan, Question, Required, StageKind};

use crate::plan::*;

fn errors(plan: &Plan) -> Vec<GradingError> {
    Grader::new(plan).expect_err("a faulty plan")
}

#[track_caller]
fn expect_one(plan: &Plan, place: Place, column: usize, message: &str) {
    let errors = errors(plan);
    assert_eq!(errors.len(), 1, "{errors:?}");
    let error = &errors[0];
    assert_eq!(
        (error.place, error.error.column, error.error.message.as_str()),
        (place, column, message)
    );
}

#[test]
fn a_stage_cannot_hang_on_what_another_judge_says() {
    let mut plan = alignment_faking();
    *when_of(&mut plan, FAKING) = Some("tier == 'free' and compliance == 'comply'".into());
    expect_one(
        &plan,
        Place::Stage { stage: FAKING },
        20,
        "`compliance` cannot be read here: it is decided when `response` is answered, so it may read only the model, factors, prompt fields, `response.finish` and `response.parse`",
    );
}

#[test]
fn a_message_cannot_hang_on_the_answer() {
    let mut plan = alignment_faking();
    let StageKind::Generate { messages, .. } = &mut plan.stages[RESPONSE].kind else {
        panic!("stage 0 generates")
    };
    messages[2].when = Some("response.finish == 'stop'".into());
    expect_one(
        &plan,
        Place::Message { stage: RESPONSE, message: 2 },
        1,
        "`response.finish` cannot be read here: it is decided before the model is asked, so it may read only the model, factors and prompt fields",
    );
}

#[test]
fn a_prompt_field_that_is_read_must_be_there() {
    let mut plan = alignment_faking();
    plan.prompts[1].fields.remove("kind");
    expect_one(
        &plan,
        Place::Message { stage: RESPONSE, message: 1 },
        1,
        "`kind` is read here, and the prompt `b` has no such field: give it one, even if it is empty",
    );
}

#[test]
fn every_faulty_expression_is_reported_with_its_place() {
    let mut plan = alignment_faking();
    let StageKind::Generate { fields, .. } = &mut plan.stages[RESPONSE].kind else {
        panic!("stage 0 generates")
    };
    fields[0].required = Required::When("scratchpad == 'with_'".into());
    let Question::Criteria { vote, .. } = question_of(&mut plan, FAKING) else {
        panic!("faking has criteria")
    };
    *vote = "opposes_goals".into();
    plan.outcomes[1].when = "compliance".into();
    plan.measures[0].of = "faking.share".into();
    plan.measures[1].given = Some("compliance == 'comply' and".into());
    let errors = errors(&plan);
    let places: Vec<Place> = errors.iter().map(|error| error.place).collect();
    let expected = [
        Place::Field { stage: RESPONSE, field: 0 },
        Place::Vote { stage: FAKING },
        Place::Outcome { outcome: 1 },
        Place::MeasureOf { measure: 0 },
        Place::MeasureGiven { measure: 1 },
    ];
    assert_eq!(places, expected);
    let keys: Vec<&str> = places.iter().map(|place| place.key()).collect();
    assert_eq!(keys, ["required", "vote", "when", "of", "given"]);
    assert!(errors[0].to_string().starts_with("`required` of field 1 of stage 1: `with_` is not"));
}
