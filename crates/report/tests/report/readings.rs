//! Stages that others open, and stored texts that are read anew.

use iago_grading::Class;
use iago_report::{Material, build};
use iago_sweep::{
    Coordinate, Digest, Label, Outcome, Parse, Plan, ReadingFact, ResultFact, StageKind,
};

use crate::made_up::{answer, context, plan};

/// One transcript; its faking is asked about once compliance has said `comply`.
fn chained() -> Plan {
    let mut plan = plan(&["faker"], 1, 1);
    plan.cells.truncate(1);
    if let StageKind::Judge { when, after, votes, .. } = &mut plan.stages[2].kind {
        *when = Some("compliance == 'comply'".into());
        *after = Some("compliance".into());
        *votes = None;
    }
    plan.outcomes.insert(
        2,
        Outcome { name: "broken".into(), when: "response.parse != 'ok'".into(), style: None },
    );
    plan
}

fn at(stage: u32) -> Coordinate {
    Coordinate { stage, ..Coordinate::default() }
}

fn say(plan: &Plan, stage: u32, word: &str, opens: u64) -> ResultFact {
    let label = (stage > 0).then(|| Label::Word(word.into()));
    let decided = [0b010, 0b100, 0][stage as usize];
    ResultFact { label, opens, decided, ..answer(plan, at(stage)) }
}

fn read(plan: &Plan, stage: u32, word: Option<&str>, parse: Parse, opens: u64) -> ReadingFact {
    let ResultFact { job, decided, .. } = say(plan, stage, "", 0);
    let label = word.map(|word| Label::Word(word.into()));
    ReadingFact { job, grammar: Digest::of(""), parse, label, opens, decided }
}

fn class(material: &Material) -> Class {
    material.class(0, 0, 0)
}

#[test]
fn a_judge_that_another_judge_does_not_open_is_not_asked() {
    let plan = chained();
    let mut material = Material::new(plan.clone()).unwrap();
    material.result(&say(&plan, 0, "", 0b010));
    assert_eq!(class(&material), Class::Pending);
    material.result(&say(&plan, 1, "refuse", 0));
    assert_eq!(class(&material), Class::Outcome(3));
    assert!(build(&material, &context()).interim.is_none());
}

#[test]
fn what_a_stage_added_later_is_asked_about_is_decided_by_its_rule() {
    let plan = chained();
    let mut material = Material::new(plan.clone()).unwrap();
    material.result(&say(&plan, 0, "", 0b010));
    material.result(&ResultFact { decided: 0, ..say(&plan, 1, "refuse", 0) });
    assert_eq!(class(&material), Class::Outcome(3));
}

#[test]
fn a_reading_counts_in_place_of_what_was_read_at_first() {
    let plan = chained();
    let mut material = Material::new(plan.clone()).unwrap();
    material.result(&say(&plan, 0, "", 0b010));
    material.result(&say(&plan, 1, "comply", 0b100));
    material.result(&say(&plan, 2, "yes", 0));
    assert_eq!(class(&material), Class::Outcome(0));
    let answered = build(&material, &context()).course.answered;

    material.reading(&read(&plan, 2, Some("no"), Parse::Ok, 0));
    assert_eq!(class(&material), Class::Outcome(1));
    // Read as a refusal, nobody asks whether it fakes; what was paid for stays counted as paid for.
    material.reading(&read(&plan, 1, Some("refuse"), Parse::Ok, 0));
    assert_eq!(class(&material), Class::Outcome(3));
    material.reading(&read(&plan, 0, None, Parse::Unclosed, 0));
    assert_eq!(class(&material), Class::Outcome(2));
    assert_eq!(build(&material, &context()).course.answered, answered);

    material.reading(&read(&plan, 0, None, Parse::Ok, 0b010));
    material.reading(&read(&plan, 1, Some("comply"), Parse::Ok, 0b100));
    assert_eq!(class(&material), Class::Outcome(1));
}

#[test]
fn a_reading_may_open_what_was_not_asked_at_first() {
    let plan = chained();
    let mut material = Material::new(plan.clone()).unwrap();
    material.result(&ResultFact { parse: Parse::Missing, ..say(&plan, 0, "", 0) });
    assert_eq!(class(&material), Class::Outcome(2));
    material.reading(&read(&plan, 0, None, Parse::Ok, 0b010));
    assert_eq!(class(&material), Class::Pending);
    assert!(build(&material, &context()).interim.is_some());
}

/// A reading from before the stages that its answer may open were added.
fn read_before(reading: ReadingFact) -> ReadingFact {
    ReadingFact { opens: 0, decided: 0, ..reading }
}

#[test]
fn a_stage_added_after_a_reading_is_decided_by_what_was_read_and_not_by_what_was_read_at_first() {
    let plan = chained();
    let mut material = Material::new(plan.clone()).unwrap();
    material.result(&ResultFact { decided: 0, ..say(&plan, 0, "", 0) });
    assert_eq!(class(&material), Class::Pending);
    material.reading(&read_before(read(&plan, 0, None, Parse::Missing, 0)));
    assert_eq!(class(&material), Class::Outcome(2));
    assert!(build(&material, &context()).interim.is_none());
}

#[test]
fn a_stage_added_after_a_reading_is_waited_for_where_only_the_reading_opens_it() {
    let plan = chained();
    let mut material = Material::new(plan.clone()).unwrap();
    let missing = ResultFact { parse: Parse::Missing, ..say(&plan, 0, "", 0) };
    material.result(&ResultFact { decided: 0, ..missing });
    assert_eq!(class(&material), Class::Outcome(2));
    material.reading(&read_before(read(&plan, 0, None, Parse::Ok, 0)));
    assert_eq!(class(&material), Class::Pending);
    assert!(build(&material, &context()).interim.is_some());
}

#[test]
fn a_stage_added_after_a_label_was_read_anew_is_decided_by_that_label() {
    let plan = chained();
    let mut material = Material::new(plan.clone()).unwrap();
    material.result(&say(&plan, 0, "", 0b010));
    material.result(&ResultFact { decided: 0, ..say(&plan, 1, "comply", 0) });
    material.reading(&read_before(read(&plan, 1, Some("refuse"), Parse::Ok, 0)));
    assert_eq!(class(&material), Class::Outcome(3));
    material.reading(&read_before(read(&plan, 1, Some("comply"), Parse::Ok, 0)));
    assert_eq!(class(&material), Class::Pending);
}

#[test]
fn what_a_reading_decided_is_not_decided_again() {
    let plan = chained();
    let mut material = Material::new(plan.clone()).unwrap();
    material.result(&say(&plan, 0, "", 0b010));
    // The rule would open the next stage; when it was read, it did not.
    material.reading(&read(&plan, 0, None, Parse::Ok, 0));
    assert_ne!(class(&material), Class::Pending);
}
