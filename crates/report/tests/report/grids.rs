//! Grids with holes, and cells that ask less than the rest.

use iago_report::{Material, build};
use iago_sweep::{Coordinate, Plan};

use crate::interim::hand_out;
use crate::made_up::{Said, answer, context, fold, plan};

/// The free cells ask ten prompts twice, the others all twenty three times.
fn capped() -> Plan {
    let mut plan = plan(&["faker"], 20, 3);
    for cell in plan.cells.iter_mut().filter(|cell| cell.condition.starts_with("free")) {
        (cell.prompts_max, cell.repeats_max) = (Some(10), Some(2));
    }
    plan
}

#[test]
fn transcripts_that_a_cell_does_not_ask_are_neither_counted_nor_awaited() {
    let plan = capped();
    let ranks = plan.ranks();
    let is_asked =
        |cell: &iago_sweep::Cell, prompt: usize, repeat: u32| cell.asks(ranks[prompt], repeat);
    let material = fold(&plan, true, |cell, prompt, repeat| {
        if is_asked(cell, prompt, repeat) { Said::Comply } else { Said::Nothing }
    });
    let report = build(&material, &context());
    assert!(report.interim.is_none() && report.instrument.ok, "{:?}", report.instrument);
    let counts: Vec<(u64, u64, u64)> =
        report.cells.iter().map(|cell| (cell.transcripts, cell.n, cell.missing())).collect();
    assert_eq!(counts, [(20, 20, 0), (60, 60, 0), (20, 20, 0), (60, 60, 0)]);
    let html = report.html();
    assert!(html.contains("cell with limits of its own"), "{html}");
}

#[test]
fn what_a_cell_with_caps_still_lacks_is_interim() {
    let plan = capped();
    let (ranks, order) = (plan.ranks(), hand_out(&plan));
    let is_capped = |&(prompt, repeat): &(usize, u32)| ranks[prompt] < 10 && repeat < 2;
    // A block that only the uncapped cells ask.
    let open = order.iter().rposition(|block| !is_capped(block)).unwrap();
    let material = fold(&plan, true, |cell, prompt, repeat| {
        let is_open = order[open] == (prompt, repeat);
        let is_asked = cell.asks(ranks[prompt], repeat);
        if is_open || !is_asked { Said::Nothing } else { Said::Refuse }
    });
    let report = build(&material, &context());
    let interim = report.interim.as_ref().expect("two transcripts are open");
    assert_eq!((interim.models[0].blocks, interim.models[0].of), (open as u64, 60));
    let of_capped = order[..open].iter().filter(|block| is_capped(block)).count() as u64;
    let counts: Vec<u64> = report.cells.iter().map(|cell| cell.transcripts).collect();
    assert_eq!(counts, [of_capped, open as u64, of_capped, open as u64]);
}

#[test]
fn a_result_beyond_a_cap_is_of_a_job_that_the_plan_does_not_have() {
    let plan = capped();
    let beyond = plan.ranks().iter().position(|rank| *rank == 10).unwrap();
    let prompt = u32::try_from(beyond).unwrap();
    let mut material = Material::new(plan.clone()).unwrap();
    material.result(&answer(&plan, Coordinate { prompt, ..Coordinate::default() }));
    let problems = build(&material, &context()).instrument.problems;
    assert!(
        problems.iter().any(|problem| problem.starts_with("1 results are of jobs")),
        "{problems:?}"
    );
}

#[test]
fn a_combination_without_cells_has_no_estimate_and_is_named() {
    let mut plan = plan(&["faker", "null"], 4, 1);
    plan.cells
        .retain(|cell| (cell.model.as_str(), cell.condition.as_str()) != ("null", "free/without"));
    let report = build(&fold(&plan, true, |_, _, _| Said::Refuse), &context());
    let gap = &report.contrasts[0];
    assert_eq!((gap.estimates.len(), gap.family_size), (3, 3));
    assert_eq!(gap.without_cells, [["null", "without"]]);
    let said = "no estimate, for the grid has no cell on one side: null without";
    assert!(report.terminal(120, false).contains(said), "{}", report.terminal(120, false));
    assert!(report.html().contains(said));
}

#[test]
fn a_model_that_answers_under_another_id_than_expected_is_a_finding() {
    let mut plan = plan(&["faker"], 4, 1);
    plan.models[0].expect = Some("sim-model".into());
    let build = |plan: &Plan| build(&fold(plan, true, |_, _, _| Said::Refuse), &context());
    assert!(build(&plan).instrument.ok);
    plan.models[0].expect = Some("sim-model-2026-09".into());
    let instrument = build(&plan).instrument;
    assert!(!instrument.ok);
    assert_eq!(
        instrument.problems,
        ["faker answered as sim-model, and the sweep expects sim-model-2026-09"]
    );
}

#[test]
fn a_judge_that_answers_under_another_id_than_expected_is_a_finding() {
    let mut plan = plan(&["faker"], 4, 1);
    plan.judges[0].expect = Some("judge-2026-09".into());
    let instrument = build(&fold(&plan, true, |_, _, _| Said::Refuse), &context()).instrument;
    assert!(!instrument.ok);
    let problem = "grader answered as judge, and the sweep expects judge-2026-09";
    assert_eq!(instrument.problems, [problem]);
}
