//! What a night is judged by, prompt by prompt.

use iago_report::{JudgeSaid, PromptCount, PromptCounts};
use iago_sweep::{
    Cell, Coordinate, Counts, FailureClass, FailureFact, JobId, Measure, Plan, Sampled,
};

use crate::made_up::{Said, answer, fold, plan, rate};
use crate::people::gold;

/// Each repeat of each prompt of the first cell ends in another way.
fn each_its_own(prompt: usize, repeat: u32) -> Said {
    match (prompt, repeat) {
        (0, 0) => Said::Comply,
        (0, _) => Said::Refuse,
        (1, 0) => Said::Failed(FailureClass::Exhausted),
        (1, _) => Said::Nothing,
        (2, 0) => Said::Unclear,
        (2, _) => Said::ApiRefusal,
        (_, _) => Said::Comply,
    }
}

/// Contrasts would be over measures that a test takes out.
fn without_contrasts(prompts: usize, repeats: u32) -> Plan {
    Plan { contrasts: Vec::new(), ..plan(&["faker"], prompts, repeats) }
}

fn rates(counts: Option<PromptCounts>) -> Vec<PromptCount<u32>> {
    match counts {
        Some(PromptCounts::Rate(counts)) => counts,
        other => panic!("it is a rate: {other:?}"),
    }
}

#[test]
fn what_is_missing_is_told_by_why() {
    let plan = plan(&["faker"], 3, 2);
    let material = fold(&plan, false, |_, prompt, repeat| each_its_own(prompt, repeat));
    let counts = rates(material.count_by_prompt(0, 0));
    let count = |sum, of, unanswered, ungraded| PromptCount { sum, of, unanswered, ungraded };
    // The endpoint's refusal has an outcome, and counts as one that does not comply.
    assert_eq!(counts, [count(1, 2, 0, 0), count(0, 0, 2, 0), count(0, 1, 0, 1)]);
    assert_eq!(material.value_in(0, (0, 0, 0)), Some(1.0));
    assert_eq!(material.value_in(0, (0, 2, 0)), None);
    assert_eq!(material.count_by_prompt(9, 0), None);
}

#[test]
fn a_vote_that_failed_is_no_abstention() {
    let mut plan = without_contrasts(2, 1);
    plan.measures = vec![rate("faking", "faking == 'yes'")];
    let unsure = |_: &Cell, prompt, _| match prompt {
        0 => Said::FakeUnsure,
        _ => Said::Nothing,
    };
    let mut material = fold(&plan, false, unsure);
    let at = Coordinate { prompt: 1, ..Coordinate::default() };
    let mut reply = answer(&plan, at);
    (reply.opens, reply.decided) = (0b110, 0b111);
    material.result(&reply);
    for vote in 0..5 {
        let job = JobId::pack(Coordinate { stage: 2, vote, ..at }).expect("a small plan");
        material.failure(&FailureFact {
            job,
            round: 0,
            term: 1,
            attempt: 1,
            class: FailureClass::Exhausted,
            status: None,
            message: String::new(),
            calls: 1,
            throttles: 0,
            cost: None,
            simulated: false,
        });
    }
    let told: Vec<(u32, u32)> = rates(material.count_by_prompt(0, 0))
        .iter()
        .map(|count| (count.unanswered, count.ungraded))
        .collect();
    assert_eq!(told, [(0, 1), (1, 0)]);
    assert_eq!(material.said(2, (0, 0, 0)), JudgeSaid::Abstained);
    assert_eq!(material.said(2, (0, 1, 0)), JudgeSaid::Unanswered);
    assert_eq!(material.said(2, (1, 0, 0)), JudgeSaid::NotAsked, "its `when` is false there");
    // The other judge of the second prompt was opened, and nothing came of it yet.
    assert_eq!(material.said(1, (0, 1, 0)), JudgeSaid::Unanswered);
}

#[test]
fn a_mean_has_sums_and_limits_where_there_are_such() {
    let mut plan = without_contrasts(1, 2);
    let mean = |name: &str, value: &str| Measure {
        counts: Counts::Mean(value.to_owned()),
        ..rate(name, "true")
    };
    plan.measures = vec![mean("votes", "faking.share"), mean("tokens", "response.usage.output")];
    let material = fold(&plan, false, |_, _, _| Said::Fake);
    let Some(PromptCounts::Mean(counts)) = material.count_by_prompt(0, 0) else {
        panic!("it is a mean")
    };
    assert_eq!(counts, [PromptCount { sum: 2.0, of: 2, unanswered: 0, ungraded: 0 }]);
    assert_eq!(material.limits(0), Some((0.0, 1.0)));
    assert_eq!(material.limits(1), None, "an answer may be as long as it likes");
}

#[test]
fn progress_counts_only_jobs_that_something_has_opened() {
    let plan = plan(&["faker"], 3, 2);
    let material = fold(&plan, false, |cell, prompt, repeat| match cell.condition.as_str() {
        "free/with" => each_its_own(prompt, repeat),
        _ => Said::Refuse,
    });
    let progress = material.progress();
    assert_eq!((progress.failed, progress.open), (1, 1), "{progress:?}");
    assert_eq!(material.fate((0, 1, 0)).failed, Some(FailureClass::Exhausted));
    assert!(material.fate((0, 2, 1)).refused && !material.fate((0, 0, 1)).refused);
}

#[test]
fn who_answered_is_told_by_name_with_those_who_did_not_say() {
    let plan = plan(&["faker"], 1, 1);
    let mut material = fold(&plan, false, |cell, _, _| match cell.condition.as_str() {
        "free/with" => Said::Nothing,
        _ => Said::Refuse,
    });
    let models = material.answering_models();
    assert!(models["faker"].ids.contains("model") && !models["faker"].some_without);
    let mut silent = answer(&plan, Coordinate::default());
    silent.echoed_model = None;
    material.result(&silent);
    assert!(material.answering_models()["faker"].some_without);
    assert!(material.answering_judges()["grader"].ids.contains("judge"));
    assert!(material.answering_judges()["voter"].ids.is_empty());
}

#[test]
fn a_judge_agrees_with_people_or_does_not() {
    let mut plan = plan(&["faker"], 3, 2);
    plan.gold = vec![gold(&plan, Sampled::Random, 50, |cell, _, _| {
        (cell.condition == "free/with").then_some("comply")
    })];
    let material = fold(&plan, false, |_, prompt, repeat| each_its_own(prompt, repeat));
    // It complied once, was called a refusal once, and once the judge abstained; the others it did not see.
    assert_eq!(material.agreement(), Some((1, 3)));
    plan.gold.clear();
    let material = fold(&plan, false, |_, _, _| Said::Comply);
    assert_eq!(material.agreement(), None);
}
