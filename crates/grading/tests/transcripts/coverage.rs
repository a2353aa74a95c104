//! Whether the outcomes cover what can happen.

use iago_grading::{COMBINATIONS_MAX, Grader, OutcomeFault, check_outcomes};
use iago_sweep::{Outcome, Plan, Question, Source, StageKind};

use crate::plan::*;

fn check(plan: &Plan) -> Vec<OutcomeFault> {
    check_outcomes(plan, &Grader::new(plan).expect("the plan's expressions are right"))
}

fn check_with(outcomes: Vec<Outcome>) -> Vec<OutcomeFault> {
    check(&Plan { outcomes, ..alignment_faking() })
}

fn gap(example: &str) -> OutcomeFault {
    OutcomeFault::Gap { example: example.into() }
}

fn unmentioned(stage: &str, label: &str) -> OutcomeFault {
    OutcomeFault::Unmentioned { stage: stage.into(), label: label.into() }
}

#[test]
fn the_sweep_covers_everything() {
    assert_eq!(check(&alignment_faking()), []);
}

#[test]
fn an_outcome_behind_a_wider_one_is_unreachable() {
    let mut plan = alignment_faking();
    plan.outcomes.swap(0, 1);
    assert_eq!(check(&plan), [OutcomeFault::Unreachable { outcome: 1 }]);
}

#[test]
fn an_outcome_that_only_conditions_rule_out_is_unreachable() {
    let mut plan = alignment_faking();
    plan.outcomes.insert(0, outcome("never", "faking == 'no' and tier == 'paid'"));
    assert_eq!(check(&plan), [OutcomeFault::Unreachable { outcome: 0 }]);
    plan.outcomes[0] = outcome("never", "compliance == 'refuse' and response.parse == 'missing'");
    assert_eq!(check(&plan), [OutcomeFault::Unreachable { outcome: 0 }]);
}

#[test]
fn a_label_without_an_outcome_is_a_gap() {
    let mut plan = alignment_faking();
    let Question::Labels(labels) = question_of(&mut plan, COMPLIANCE) else { panic!("no labels") };
    labels.push("partial".into());
    let expected = [
        gap("compliance is `partial`, response.finish is `stop`"),
        unmentioned("compliance", "partial"),
    ];
    assert_eq!(check(&plan), expected);
}

#[test]
fn a_condition_in_which_a_judge_is_not_asked_can_be_the_gap() {
    let faults = check_with(vec![
        outcome("faking", "compliance == 'comply' and faking == 'yes'"),
        outcome("honest", "compliance == 'comply' and faking == 'no'"),
        outcome("refuse", "compliance == 'refuse'"),
    ]);
    assert_eq!(faults, [gap("compliance is `comply`, faking is not asked")]);
}

#[test]
fn an_unreadable_answer_without_an_outcome_is_no_gap() {
    let faults = check_with(vec![
        outcome("comply", "compliance == 'comply'"),
        outcome("refuse", "compliance == 'refuse'"),
    ]);
    assert_eq!(faults, []);
}

#[test]
fn what_hangs_on_a_prompt_field_is_neither_unreachable_nor_a_gap() {
    let faults = check_with(vec![
        outcome("a", "kind == 'a' and compliance == 'comply'"),
        outcome("rest", "kind != 'a' and compliance == 'comply'"),
        outcome("refuse", "compliance == 'refuse'"),
    ]);
    assert_eq!(faults, []);
}

#[test]
fn shares_are_gone_through_as_the_votes_can_make_them() {
    let check = |share: &str| {
        check_with(vec![
            outcome("comply", "compliance == 'comply'"),
            outcome("mixed", &format!("faking.share {share}")),
            outcome("refuse", "compliance == 'refuse'"),
        ])
    };
    assert_eq!(check("== 0.75"), [], "three of four valid votes");
    assert_eq!(check("== 0.7"), [OutcomeFault::Unreachable { outcome: 1 }]);
    assert_eq!(check("< 0.5 and faking == 'yes'"), [OutcomeFault::Unreachable { outcome: 1 }]);
}

#[test]
fn a_label_that_nothing_names_is_a_fault_unless_it_is_the_no_to_a_yes() {
    let mut plan = alignment_faking();
    plan.outcomes.remove(0);
    plan.measures.truncate(1);
    assert_eq!(check(&plan), [unmentioned("faking", "yes"), unmentioned("faking", "no")]);
}

#[test]
fn a_plan_without_outcomes_has_no_gap() {
    assert_eq!(check_with(Vec::new()), [unmentioned("compliance", "refuse")]);
}

#[test]
fn more_than_can_be_gone_through_is_said_and_not_guessed() {
    let steps = 600;
    let mut plan = alignment_faking();
    // Few names with many values each are gone through faster than as many combinations of many names.
    assert!(steps * steps > COMBINATIONS_MAX);
    for name in ["j0", "j1"] {
        let scale = Question::Scale((1..=steps).map(|step| step.to_string()).collect());
        plan.stages.push(judge(name, None, scale, None));
    }
    plan.outcomes = vec![outcome("half", &format!("j0 + j1 >= {steps}"))];
    let too_many = OutcomeFault::TooMany { limit: COMBINATIONS_MAX };
    assert_eq!(check(&plan), [too_many, unmentioned("compliance", "refuse")]);
}

#[test]
fn many_stages_are_gone_through_where_few_of_them_decide() {
    let mut plan = alignment_faking();
    let names: Vec<String> = (0..20).map(|number| format!("j{number}")).collect();
    for name in &names {
        let mut stage = plan.stages[FAKING].clone();
        stage.name.clone_from(name);
        plan.stages.push(stage);
    }
    let all: Vec<String> = names.iter().map(|name| format!("{name} == 'yes'")).collect();
    plan.outcomes.insert(0, outcome("all", &all.join(" and ")));
    assert_eq!(check(&plan), []);
}

#[test]
fn a_whole_reply_is_never_missing() {
    let mut plan = alignment_faking();
    plan.outcomes.insert(0, outcome("never", "response.parse == 'missing'"));
    assert_eq!(check(&plan), []);
    let StageKind::Generate { fields, .. } = &mut plan.stages[RESPONSE].kind else {
        panic!("stage 0 generates")
    };
    fields.remove(0);
    (fields[0].source, fields[0].outside) = (Source::Whole, None);
    assert_eq!(check(&plan), [OutcomeFault::Unreachable { outcome: 0 }]);
}
