//! Plans whose expressions cannot be used.

use iago_grading::{Grader, GradingError, Place};
use iago_sweep::{Counts, Plan, Question, Required, Scorer, Source, StageKind, Votes};

use crate::chain::{QUALITY, chain};
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
    plan.measures[0].counts = Counts::Rate("faking.share".into());
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

#[test]
fn how_the_answer_ended_cannot_be_read_beside_a_label() {
    let mut plan = chain();
    *when_of(&mut plan, QUALITY) =
        Some("compliance == 'refuse' and response.finish == 'stop'".into());
    expect_one(
        &plan,
        Place::Stage { stage: QUALITY },
        28,
        "`response.finish` cannot be read here: it is decided when `compliance` has its label, so it may read only the model, factors, prompt fields, `compliance` (unless it votes), `compliance.finish` and `response.parse`; what else decides can stand in the `when` of `compliance`",
    );
}

#[test]
fn a_label_of_one_vote_cannot_open_a_stage() {
    let mut plan = chain();
    let StageKind::Judge { votes, .. } = &mut plan.stages[COMPLIANCE].kind else {
        panic!("compliance judges")
    };
    *votes = Some(Votes { count: 3, quorum: 2, threshold: 0.5 });
    let places: Vec<Place> = errors(&plan).into_iter().map(|error| error.place).collect();
    assert_eq!(places, [Place::Stage { stage: 2 }, Place::Stage { stage: QUALITY }]);
}

#[test]
fn a_number_of_a_scale_is_not_compared_with_a_text() {
    let mut plan = chain();
    plan.outcomes[0].when = "quality == '2'".into();
    assert_eq!(errors(&plan)[0].place, Place::Outcome { outcome: 0 });
}

#[test]
fn what_is_never_sent_decides_nothing_that_is_sent() {
    let mut plan = alignment_faking();
    for prompt in &mut plan.prompts {
        prompt.notes.insert("split".into(), "eval".into());
    }
    let StageKind::Generate { messages, .. } = &mut plan.stages[RESPONSE].kind else {
        panic!("stage 0 generates")
    };
    messages[1].when = Some("split == 'eval'".into());
    expect_one(
        &plan,
        Place::Message { stage: RESPONSE, message: 1 },
        1,
        "`split` cannot be read here: it is decided before the model is asked, so it may read only the model, factors and prompt fields",
    );
}

#[test]
fn where_of_a_measure_reads_no_answer() {
    let mut plan = alignment_faking();
    plan.measures[0].within = Some("tier == 'free' and compliance == 'comply'".into());
    let error = &errors(&plan)[0];
    assert_eq!((error.place, error.error.column), (Place::MeasureWhere { measure: 0 }, 20));
}

#[test]
fn a_mean_is_of_a_number_and_a_rate_of_a_condition() {
    let mut plan = alignment_faking();
    plan.measures[0].counts = Counts::Mean("compliance == 'comply'".into());
    plan.measures[1].zero_unless = Some("faking.share".into());
    let places: Vec<Place> = errors(&plan).into_iter().map(|error| error.place).collect();
    let expected = [Place::MeasureValue { measure: 0 }, Place::MeasureZeroUnless { measure: 1 }];
    assert_eq!(places, expected);
    assert_eq!(
        places.iter().map(|place| place.key()).collect::<Vec<_>>(),
        ["value", "zero_unless"]
    );
}

#[test]
fn a_regular_expression_and_a_schema_are_checked_before_anything_is_asked() {
    let mut plan = chain();
    let StageKind::Generate { fields, .. } = &mut plan.stages[RESPONSE].kind else {
        panic!("stage 0 generates")
    };
    fields[1].source = Source::Regex("answer: (".into());
    expect_one(
        &plan,
        Place::FieldRegex { stage: RESPONSE, field: 1 },
        9,
        "not a regular expression: unclosed group",
    );
    let place_of = |scorer: Scorer| {
        let mut plan = chain();
        let StageKind::Score { scorer: old, .. } = &mut plan.stages[4].kind else {
            panic!("stage 4 scores")
        };
        *old = scorer;
        errors(&plan)[0].place
    };
    let field = || "answer".to_owned();
    let regex = Scorer::Regex { field: field(), pattern: "[".into() };
    assert_eq!(place_of(regex), Place::Pattern { stage: 4 });
    let schema = Scorer::Schema { field: field(), schema: r#"{"tpye": "object"}"#.into() };
    assert_eq!(place_of(schema), Place::Schema { stage: 4 });
}
