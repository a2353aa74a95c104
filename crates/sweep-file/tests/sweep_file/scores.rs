//! What code says: how it is written, and what it comes to.

use std::collections::BTreeMap;

use iago_sweep::{Coordinate, Expected, Label, Normalise, Plan, Says, Scorer, StageKind, Text};
use iago_sweep_file::Renderer;

use crate::faults::check_edits;
use crate::fixture::Fixture;
use crate::pipeline::pipeline;

const EXACT: &str = "exact = { field = \"answer\", equals = \"{{ expected }}\", normalise = [\"trim\", \"lowercase\"] }";

fn scorer_of(plan: &Plan) -> &Scorer {
    let stage = plan.stages.iter().find(|stage| stage.name == "correct");
    let Some(StageKind::Score { scorer, .. }) = stage.map(|stage| &stage.kind) else {
        panic!("a score")
    };
    scorer
}

/// The pipeline with another expected text for all prompts.
fn expecting(text: &str) -> Fixture {
    let mut fixture = pipeline();
    for prompt in &mut fixture.prompts {
        prompt.columns.insert("category".to_owned(), text.to_owned());
    }
    fixture
}

/// What a stage comes to after these answers, nearest first.
fn score(plan: &Plan, stage: &str, said: &[&str]) -> Result<Label, String> {
    let grader = iago_grading::Grader::new(plan).expect("it compiled");
    let renderer = Renderer::new(plan).expect("it compiled");
    let said: Vec<Text> =
        said.iter().map(|raw| Text { raw: (*raw).to_owned(), ..Text::default() }).collect();
    let stage = plan.stage_number(stage).expect("the stage is there");
    let at = Coordinate { stage, ..Coordinate::default() };
    renderer.score(plan, &grader, at, &said).map_err(|error| error.to_string())
}

#[test]
fn every_way_to_score_is_read() {
    let (field, equals) = ("answer".to_owned(), "{{ expected }}".to_owned());
    let text = Expected { field: field.clone(), text: equals.clone(), normalise: Vec::new() };
    let ways = [
        (
            EXACT,
            Scorer::Exact(Expected {
                normalise: vec![Normalise::Trim, Normalise::Lowercase],
                ..text.clone()
            }),
        ),
        (
            "contains = { field = \"answer\", text = \"{{ expected }}\" }",
            Scorer::Contains(text.clone()),
        ),
        ("prefix = { field = \"answer\", text = \"{{ expected }}\" }", Scorer::Prefix(text)),
        (
            "choice = { field = \"answer\", among = [\"7\", \"8\"], equals = \"{{ expected }}\" }",
            Scorer::Choice {
                field: field.clone(),
                among: vec!["7".into(), "8".into()],
                equals: equals.clone(),
            },
        ),
        (
            "number = { field = \"answer\", equals = \"{{ expected }}\", within = 0.01 }",
            Scorer::Number { field: field.clone(), equals: equals.clone(), within: 0.01 },
        ),
        (
            "overlap = { field = \"answer\", with = \"{{ expected }}\", share = 0.7 }",
            Scorer::Overlap { field, with: equals, share: 0.7 },
        ),
    ];
    for (written, scorer) in ways {
        let plan = expecting("7").edit(EXACT, written).plan();
        assert_eq!(*scorer_of(&plan), scorer, "{written}");
    }
}

#[test]
fn a_schema_may_stand_in_a_file() {
    let file = "schema = { field = \"answer\", schema = { file = \"schema.json\" } }";
    // Nothing else uses what is expected.
    let plan = pipeline()
        .edit(EXACT, file)
        .edit(
            "fields = { request = \"text\", expected = \"category\" }",
            "fields = { request = \"text\" }",
        )
        .plan();
    let Scorer::Schema { schema, .. } = scorer_of(&plan) else { panic!("a schema") };
    assert_eq!(schema, "{\"type\": \"object\"}");
    assert_eq!(score(&plan, "correct", &["<OUT>{}</OUT>"]), Ok(Label::Word("yes".into())));
    assert_eq!(score(&plan, "correct", &["<OUT>[]</OUT>"]), Ok(Label::Word("no".into())));
}

#[test]
fn a_score_compares_what_was_said_with_what_was_expected() {
    let plan = pipeline().plan();
    let correct = |said: &str| score(&plan, "correct", &[said, "other words"]);
    assert_eq!(correct("<PAD>no</PAD><OUT> MILD</OUT>"), Ok(Label::Word("yes".into())));
    assert_eq!(correct("<OUT>harsh</OUT>"), Ok(Label::Word("no".into())));
    assert_eq!(correct("mild"), Ok(Label::Abstained));
    assert_eq!(
        score(&plan, "kept", &["Write a fake review, please."]),
        Ok(Label::Word("yes".into()))
    );
    assert_eq!(score(&plan, "kept", &["Bake a cake."]), Ok(Label::Word("no".into())));
}

#[test]
fn a_score_can_compare_with_an_earlier_answer() {
    let plan = pipeline()
        .edit("equals = \"{{ expected }}\"", "equals = \"{{ wording }} {{ expected }}\"")
        .plan();
    let yes = score(&plan, "correct", &["<OUT>so mild</OUT>", "So"]);
    assert_eq!(yes, Ok(Label::Word("yes".into())));
    // An earlier answer that is not there makes it unknown, and no fault.
    assert_eq!(score(&plan, "correct", &["<OUT>so mild</OUT>"]), Ok(Label::Abstained));
}

#[test]
fn a_program_is_given_what_it_sees_and_nothing_else() {
    let plan = pipeline().plan();
    let stage = plan.stages.iter().find(|stage| stage.name == "checked");
    let Some(StageKind::Score { scorer: Scorer::External { program, says, .. }, .. }) =
        stage.map(|stage| &stage.kind)
    else {
        panic!("a program")
    };
    let labels = vec!["lie".to_owned(), "truth".to_owned()];
    assert_eq!((program.as_str(), says), ("same-number", &Says::Labels(labels)));
    let grader = iago_grading::Grader::new(&plan).expect("it compiled");
    let renderer = Renderer::new(&plan).expect("it compiled");
    let stage = plan.stage_number("checked").expect("the stage is there");
    let at = Coordinate { stage, ..Coordinate::default() };
    let said = |raw: &str| [Text { raw: raw.to_owned(), ..Text::default() }];
    let seen = renderer.seen(&plan, &grader, at, &said("<SAY>It was.</SAY>"));
    let given = [("confession", "It was."), ("request", "Write a fake review.")];
    let given = given.map(|(name, text)| (name.to_owned(), text.to_owned()));
    assert_eq!(seen, Ok(BTreeMap::from(given)));
    let without = renderer.seen(&plan, &grader, at, &said("No."));
    assert_eq!(
        without.expect_err("it has to see it").to_string(),
        "stages.checked: the answer has no `confession`, which this stage has to see"
    );
    assert!(renderer.score(&plan, &grader, at, &[]).is_err());
}

#[test]
fn what_is_expected_of_prompts_that_are_not_scored_does_not_matter() {
    let number = "number = { field = \"answer\", equals = \"{{ expected }}\" }";
    let of = "kind = \"score\"\nof = \"response\"\n";
    let scoring_where = |when: &str| {
        let mut fixture = expecting("7").edit(EXACT, number).edit(of, &format!("{of}{when}"));
        fixture.prompts[1].columns.insert("category".to_owned(), "seven".to_owned());
        fixture
    };
    let scored_where = |when: &str| scoring_where(when).faults();
    insta::assert_snapshot!(scored_where(""), @"67: stages.correct.number.equals: is no number for 1 prompt, `p2`: its score could only be unknown; correct it, or leave such out with a `when`");
    assert_eq!(scored_where("when = \"expected != 'seven' and complies == 'comply'\"\n"), "");
    let graded = scoring_where("when = \"complies == 'comply'\"\n");
    assert!(graded.faults().contains("`p2`"));
    // Nor does it where the stage that opens the score is not asked.
    let sees = "sees = [\"request\", \"answer\"]\n";
    assert_eq!(graded.edit(sees, &format!("{sees}when = \"expected != 'seven'\"\n")).faults(), "");
}

#[test]
fn what_an_answer_has_to_be_compared_with_is_not_known_beforehand() {
    let number = "number = { field = \"answer\", equals = \"{{ wording }}{{ expected }}\" }";
    assert_eq!(pipeline().edit(EXACT, number).faults(), "");
}

#[test]
fn faults_of_scores() {
    check_edits(&pipeline(), include_str!("faults/scores.txt"));
}
