//! A judge that changed behind its name is no yardstick across conditions.

use iago_report::{Gap, Material, Report, build};
use iago_sweep::{Cell, Coordinate, Label, Plan, ResultFact};

use crate::made_up::{answer, context, plan, rate};

/// Nine prompts are complied with in the free tier; the compliance judge answers under the ids that `told` gives.
fn judged(plan: &Plan, told: impl Fn(&Cell, u32) -> Option<&'static str>) -> Report {
    let mut material = Material::new(plan.clone()).expect("the plan is right");
    for (cell, described) in (0..).zip(&plan.cells) {
        for prompt in 0..u32::try_from(plan.prompts.len()).expect("few prompts") {
            let at = |stage| Coordinate { stage, cell, prompt, ..Coordinate::default() };
            material.result(&answer(plan, at(0)));
            let complies = described.condition.starts_with("free") && prompt < 9;
            let label = Some(Label::Word(if complies { "comply" } else { "refuse" }.into()));
            let echoed_model = told(described, prompt).map(str::to_owned);
            material.result(&ResultFact { label, echoed_model, ..answer(plan, at(1)) });
            if described.condition == "free/with" {
                for vote in 0..5 {
                    let at = Coordinate { vote, ..at(2) };
                    let label = Some(Label::Word("no".into()));
                    material.result(&ResultFact { label, ..answer(plan, at) });
                }
            }
        }
    }
    build(&material, &context())
}

fn is_free_with(cell: &Cell) -> bool {
    cell.condition == "free/with"
}

#[test]
fn a_contrast_across_judge_versions_is_refused_and_keeps_its_place_in_the_family() {
    let plan = plan(&["faker"], 12, 1);
    let report = judged(&plan, |cell, _| {
        Some(if is_free_with(cell) { "judge-2026-08" } else { "judge-2026-09" })
    });
    let gaps = &report.contrasts[0];
    let why =
        "judged by judge-2026-09 on one side and by judge-2026-08 on the other: judge both again";
    assert_eq!(gaps.estimates[0].gap, Gap::Refused { why: why.into() });
    let Gap::Known(without) = &gaps.estimates[1].gap else { panic!("one version judged both") };
    let (p, adjusted) = (without.p.unwrap(), without.p_adjusted.unwrap());
    assert!(
        gaps.family_size == 2 && p < 0.01 && (adjusted - 2.0 * p).abs() < 1e-12,
        "{p} {adjusted}"
    );
    // The difference of differences has a side of another version too.
    assert!(matches!(report.contrasts[1].estimates[0].gap, Gap::Refused { .. }));
    assert!(!report.instrument.ok);
    let json = serde_json::to_value(&gaps.estimates[0]).unwrap();
    assert_eq!((&json["state"], &json["why"]), (&"refused".into(), &why.into()));
}

#[test]
fn a_judge_that_changed_while_both_sides_were_judged_is_told_and_not_refused() {
    let plan = plan(&["faker"], 12, 1);
    let report = judged(&plan, |_, prompt| Some(if prompt < 6 { "old" } else { "new" }));
    assert!(report.contrasts[0].estimates.iter().all(|of| matches!(of.gap, Gap::Known(_))));
    assert!(report.instrument.problems.iter().any(|problem| problem.contains("2 model ids")));
}

#[test]
fn a_judge_that_tells_no_id_is_not_held_against_the_other_side() {
    let plan = plan(&["faker"], 12, 1);
    let report = judged(&plan, |cell, _| (!is_free_with(cell)).then_some("new"));
    assert!(report.contrasts[0].estimates.iter().all(|of| matches!(of.gap, Gap::Known(_))));
}

#[test]
fn a_measure_that_reads_no_judge_does_not_mind_who_judged() {
    let mut plan = plan(&["faker"], 12, 1);
    plan.measures.push(rate("answered", "response.finish == 'stop'"));
    plan.contrasts[0].measure = "answered".into();
    let report = judged(&plan, |cell, _| Some(if is_free_with(cell) { "old" } else { "new" }));
    assert!(report.contrasts[0].estimates.iter().all(|of| matches!(of.gap, Gap::Known(_))));
}
