//! What no question read may be added, and what only a score reads may be corrected, over the same answers.

use iago_sweep::*;

use crate::plan::{plan, variables};

fn scored_by(truth: &str) -> Stage {
    let text = format!("{{{{ {truth} }}}}");
    let expected = Expected { field: "answer".into(), text, normalise: Vec::new() };
    let scorer = Scorer::Exact(expected);
    let kind = StageKind::Score { of: "reply".into(), when: None, after: None, scorer };
    Stage { name: "checked".into(), kind }
}

/// The plan with a column of truths that only a score reads.
fn with_truths(of: impl Fn(&str) -> String) -> Plan {
    let mut plan = plan();
    for prompt in &mut plan.prompts {
        prompt.fields.insert("truth".into(), of(&prompt.id));
    }
    plan.stages.push(scored_by("truth"));
    plan
}

#[test]
fn a_score_may_come_with_a_column_that_nobody_was_asked_about() {
    let scored = with_truths(|id| format!("truth of {id}"));
    assert_eq!(relation(&plan(), &scored), Relation::Extended(vec!["stage `checked`".into()]));
    assert_eq!(rereads(&plan(), &scored), Vec::<String>::new(), "there is nothing of it to read");
}

#[test]
fn a_judge_may_come_with_a_variable_that_nobody_was_asked_about() {
    let mut judged = plan();
    judged.variables.extend(variables("house", "blue"));
    judged.models[0].set.insert("street".into(), "north".into());
    assert_eq!(relation(&plan(), &judged), Relation::Same);
}

#[test]
fn a_truth_may_be_corrected_and_the_answers_are_scored_anew() {
    let old = with_truths(|id| format!("truth of {id}"));
    let new =
        with_truths(|id| if id == "p2" { "another".into() } else { format!("truth of {id}") });
    assert_eq!(relation(&old, &new), Relation::Reanalysed);
    assert_eq!(rereads(&old, &new), ["checked"]);
    assert_ne!(old.grammar_of(last(&old)), new.grammar_of(last(&new)));
}

#[test]
fn prompts_that_are_added_leave_the_others_read_as_they_are() {
    let old = with_truths(|id| format!("truth of {id}"));
    let mut new = old.clone();
    let mut more = new.prompts[0].clone();
    more.id = "p9".into();
    new.prompts.push(more);
    assert_eq!(relation(&old, &new), Relation::Extended(vec!["prompt `p9`".into()]));
    assert_eq!(rereads(&old, &new), Vec::<String>::new());
}

#[test]
fn a_truth_that_ends_a_resampling_is_asked_about() {
    let asked = |truth: &str| {
        let mut plan = with_truths(|id| format!("{truth} of {id}"));
        let valid =
            plan.stages.iter_mut().find(|stage| stage.name == "valid").expect("it is there");
        let StageKind::Score { scorer: Scorer::Exact(expected), .. } = &mut valid.kind else {
            panic!("an exact score");
        };
        expected.text = "{{ truth }}".into();
        plan
    };
    let reason = "prompt `p1` asks something else".to_owned();
    assert_eq!(relation(&asked("a truth"), &asked("another")), Relation::Different(reason));
}

#[test]
fn a_cap_that_leaves_nothing_out_is_none() {
    let mut capped = plan();
    for cell in &mut capped.cells {
        cell.prompts_max = Some(400);
    }
    let mut free = plan();
    for cell in &mut free.cells {
        cell.prompts_max = None;
    }
    assert_eq!(relation(&free, &capped), Relation::Same);
}

fn last(plan: &Plan) -> u32 {
    plan.stage_number("checked").expect("it is there")
}

#[test]
fn a_column_that_only_the_analysis_reads_is_analysed_anew() {
    let old = with_truths(|id| format!("truth of {id}"));
    let mut new = old.clone();
    new.prompts[1].fields.insert("remark".into(), "a word".into());
    assert_eq!(relation(&old, &new), Relation::Reanalysed, "outcomes and measures may read it");
    assert_eq!(rereads(&old, &new), Vec::<String>::new());
}

#[test]
fn cells_that_are_added_leave_the_others_read_as_they_are() {
    let scored = |models: &[&str]| {
        let mut plan = plan();
        plan.stages.push(scored_by("accent"));
        for (model, accent) in plan.models.iter_mut().zip(["north", "south"]) {
            model.set.insert("accent".into(), accent.into());
        }
        plan.cells.retain(|cell| models.contains(&cell.model.as_str()));
        plan
    };
    let names: Vec<String> = plan().models.iter().map(|model| model.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (old, new) = (scored(&names[..1]), scored(&names));
    assert!(matches!(relation(&old, &new), Relation::Extended(_)));
    assert_eq!(rereads(&old, &new), Vec::<String>::new());
}
