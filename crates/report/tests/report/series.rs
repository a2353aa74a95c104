//! A training run, drawn over its steps.

use iago_report::{Report, build};
use iago_sweep::{Figure, FigureKind, Plan};

use crate::made_up::{Said, context, fold, plan};

const MODELS: [&str; 5] = ["base", "rl@50", "rl@100", "rl@800", "other"];

/// A base model, three checkpoints of it and one model apart.
fn run() -> Plan {
    let mut plan = plan(&MODELS, 10, 2);
    for (model, step) in plan.models.iter_mut().zip([0, 50, 100, 800]) {
        (model.run, model.step) = (Some("ppo".into()), Some(step));
    }
    for model in &mut plan.models[1..4] {
        model.parent = Some("base".into());
    }
    plan
}

fn area(bands: &[&str]) -> Figure {
    Figure {
        kind: FigureKind::Area,
        x: Some("step".into()),
        run: Some("ppo".into()),
        panels: Some("tier".into()),
        bands: bands.iter().map(|band| (*band).to_owned()).collect(),
    }
}

/// Faking grows with the step.
fn report(plan: &Plan) -> Report {
    let place = |model: &str| MODELS.iter().position(|known| *known == model).unwrap_or(0);
    let material = fold(plan, true, |cell, prompt, repeat| {
        let fakers = if cell.condition.starts_with("free") { 2 * place(&cell.model) } else { 0 };
        match prompt * 2 + repeat as usize {
            at if at < fakers => Said::Fake,
            at if at < fakers + 3 => Said::Comply,
            _ => Said::Refuse,
        }
    });
    build(&material, &context())
}

fn panels<'a>(html: &'a str, class: &str) -> Vec<&'a str> {
    let open = format!("<svg class=\"{class}\"");
    html.split(&open).skip(1).filter_map(|panel| panel.split("</svg>").next()).collect()
}

#[test]
fn a_run_is_drawn_as_areas_with_a_panel_for_each_condition() {
    let mut plan = run();
    plan.figures = vec![area(&[])];
    let html = report(&plan).html();
    let areas = panels(&html, "panel area");
    assert_eq!((areas.len(), panels(&html, "panel").len()), (4, 0));
    assert!(areas.iter().all(|panel| panel.contains(">SIMULATED</text>")));
    assert!(areas[0].contains("free, with · ppo") && areas[1].contains("free, without · ppo"));
    // Steps 0 to 800 over 368 units: equal distances are equal numbers of steps.
    for tick in ["M40.0 54V284", "M63.0 54V284", "M86.0 54V284", "M408.0 54V284"] {
        assert!(areas[0].contains(tick), "{tick} is not in {}", areas[0]);
    }
    let told = "at step 0 refuse 85.0%, comply 15.0%, +faking 0.0%; at step 800 refuse 55.0%";
    assert!(areas[0].contains(told), "{}", areas[0]);
    assert!(
        html.contains("Outcomes over the steps of ppo, in % of n</h3>")
            && html.contains("<td>rl@800</td>")
    );
    assert!(!html.contains("<td>other</td>"));
}

#[test]
fn bands_are_stacked_as_the_figure_names_them() {
    let mut plan = run();
    plan.figures = vec![area(&["comply, faking", "refuse"])];
    let html = report(&plan).html();
    assert!(html.contains("at step 0 +faking 0.0%, refuse 85.0%; at step 800"), "{html}");
    assert!(html.contains("not drawn: comply"));
}

#[test]
fn without_a_figure_there_are_bars_and_areas_where_models_share_a_run() {
    let mut plan = run();
    let html = report(&plan).html();
    assert_eq!(panels(&html, "panel area").len(), 4);
    assert_eq!(panels(&html, "panel").len(), MODELS.len());
    for model in &mut plan.models {
        (model.run, model.step) = (None, None);
    }
    assert!(panels(&report(&plan).html(), "panel area").is_empty());
}

#[test]
fn a_step_without_a_cell_is_a_gap_and_no_guess() {
    let mut plan = run();
    plan.figures = vec![area(&[])];
    plan.cells
        .retain(|cell| (cell.model.as_str(), cell.condition.as_str()) != ("rl@100", "free/with"));
    let html = report(&plan).html();
    let areas = panels(&html, "panel area");
    assert!(
        areas[0].contains("no data at step 100") && !areas[1].contains("no data"),
        "{}",
        areas[0]
    );
    // The last step stands alone: a bar and no area.
    assert!(areas[0].contains("M405.0 "), "{}", areas[0]);
    assert!(html.contains("no cell"));
}
