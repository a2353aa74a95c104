//! What gates and figures refer to.

use iago_sweep::{Counts, Figure, FigureKind, Gate, Margin, Plan};

use crate::fault::Faults;
use crate::tree::item_key;
use iago_expression::suggest;

/// Checks what gates are held to, and what figures draw.
pub(super) fn check_held(faults: &Faults<'_>, plan: &Plan) {
    let measures = || plan.measures.iter().map(|measure| measure.name.as_str());
    for (position, gate) in plan.gates.iter().enumerate() {
        let key = format!("{}.measure", item_key("gates", position));
        let name = &gate.measure;
        if !measures().any(|known| known == name) {
            let known: Vec<&str> = measures().collect();
            let advice = suggest(name, "measures", known.iter().copied());
            faults.add(key, format!("there is no measure `{name}`; {advice}"));
        } else if plan.gates[..position].iter().any(|earlier| &earlier.measure == name) {
            let advice = "a measure is held to one margin; take one out";
            faults.add(key, format!("`{name}` has a gate already; {advice}"));
        }
    }
    check_margins(faults, plan);
    for (position, figure) in plan.figures.iter().enumerate() {
        check_figure(faults, plan, &item_key("figures", position), figure);
    }
}

/// A rate cannot be worse by more than all there is.
fn check_margins(faults: &Faults<'_>, plan: &Plan) {
    let is_rate = |gate: &Gate| {
        let mut measures = plan.measures.iter().filter(|measure| measure.name == gate.measure);
        measures.any(|measure| matches!(measure.counts, Counts::Rate(_)))
    };
    for (position, gate) in plan.gates.iter().enumerate() {
        if let Margin::Absolute(margin) = gate.margin
            && margin >= 1.0
            && is_rate(gate)
        {
            let message = format!(
                "{margin} lets everything pass: `{}` is a rate, from 0 to 1; five points are `margin = 0.05`",
                gate.measure
            );
            faults.add(format!("{}.margin", item_key("gates", position)), message);
        }
    }
}

fn check_figure(faults: &Faults<'_>, plan: &Plan, key: &str, figure: &Figure) {
    check_run(faults, plan, key, figure);
    if let Some(panels) = &figure.panels {
        let factors: Vec<&str> = plan.factors.iter().map(|factor| factor.name.as_str()).collect();
        if !factors.contains(&panels.as_str()) {
            let advice = suggest(panels, "factors", factors.iter().copied());
            faults.add(format!("{key}.panels"), format!("there is no factor `{panels}`; {advice}"));
        }
    }
    let outcomes: Vec<&str> = plan.outcomes.iter().map(|outcome| outcome.name.as_str()).collect();
    for (position, band) in figure.bands.iter().enumerate() {
        let key = item_key(&format!("{key}.bands"), position);
        if !outcomes.contains(&band.as_str()) {
            let advice = suggest(band, "outcomes", outcomes.iter().copied());
            faults.add(key, format!("there is no outcome `{band}`; {advice}"));
        } else if figure.bands[..position].contains(band) {
            faults.add(key, format!("`{band}` is there twice; take one out"));
        }
    }
}

/// An area needs the steps of one run; bars may be drawn of one.
fn check_run(faults: &Faults<'_>, plan: &Plan, key: &str, figure: &Figure) {
    let key = format!("{key}.run");
    let mut runs: Vec<&str> = plan.models.iter().filter_map(|model| model.run.as_deref()).collect();
    runs.sort_unstable();
    runs.dedup();
    let Some(run) = &figure.run else {
        if figure.kind == FigureKind::Area {
            let message = "is missing; an area is drawn over the steps of one run";
            faults.add(key, format!("{message}, as in `run = \"…\"`"));
        }
        return;
    };
    if !runs.contains(&run.as_str()) {
        let advice = suggest(run, "runs", runs.iter().copied());
        return faults.add(key, format!("no model is of the run `{run}`; {advice}"));
    }
    let of_run = plan.models.iter().filter(|model| model.run.as_ref() == Some(run));
    let steps = of_run.filter(|model| model.step.is_some()).count();
    if figure.kind == FigureKind::Area && steps < 2 {
        let advice = "give its models a `step`";
        faults.add(key, format!("`{run}` has fewer than two steps to draw over; {advice}"));
    }
}
