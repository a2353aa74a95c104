//! A control reads what is there, and holds it once.

use iago_sweep::{Checks, Control, Plan};

use crate::fault::Faults;
use crate::read::MODEL;
use crate::tree::item_key;
use iago_expression::suggest;

/// Checks what controls refer to, and that none is there twice.
pub(super) fn check_controls(faults: &Faults<'_>, plan: &Plan) {
    for (position, control) in plan.controls.iter().enumerate() {
        let key = item_key("controls", position);
        match &control.checks {
            Checks::Comprehension { measure, .. } | Checks::Positive { measure, .. } => {
                check_measure(faults, plan, &key, measure);
            }
            Checks::Baseline { contrast, .. } => check_contrast(faults, plan, &key, contrast),
        }
        check_by(faults, plan, &key, &control.by);
        check_once(faults, &key, control, &plan.controls[..position]);
    }
}

/// Only a rate can be held to a share.
fn check_measure(faults: &Faults<'_>, plan: &Plan, key: &str, name: &str) {
    let key = format!("{key}.measure");
    let found = plan.measures.iter().find(|measure| measure.name == name);
    if found.is_some_and(|measure| !measure.is_mean()) {
        return;
    }
    let message = if found.is_some() {
        format!("`{name}` is a mean, and `at_least` is a share; name a measure with `of`")
    } else {
        let rates = plan.measures.iter().filter(|measure| !measure.is_mean());
        let rates: Vec<&str> = rates.map(|measure| measure.name.as_str()).collect();
        let advice = suggest(name, "rates", rates.iter().copied());
        format!("there is no measure `{name}`; {advice}")
    };
    faults.add(key, message);
}

fn check_contrast(faults: &Faults<'_>, plan: &Plan, key: &str, name: &str) {
    let names = || plan.contrasts.iter().map(|contrast| contrast.name.as_str());
    if names().any(|known| known == name) {
        return;
    }
    let known: Vec<&str> = names().collect();
    let advice = suggest(name, "contrasts", known.iter().copied());
    faults.add(format!("{key}.contrast"), format!("there is no contrast `{name}`; {advice}"));
}

fn check_by(faults: &Faults<'_>, plan: &Plan, key: &str, by: &[String]) {
    let factors = plan.factors.iter().map(|factor| factor.name.as_str());
    let known: Vec<&str> = std::iter::once(MODEL).chain(factors).collect();
    for (position, name) in by.iter().enumerate() {
        let key = item_key(&format!("{key}.by"), position);
        if !known.contains(&name.as_str()) {
            let advice = suggest(name, "names", known.iter().copied());
            faults.add(key, format!("there is no factor `{name}`; {advice}"));
        } else if by[..position].contains(name) {
            faults.add(key, format!("`{name}` is there twice; take one out"));
        }
    }
}

/// One of two that hold the same to different shares could never be the one that fails.
fn check_once(faults: &Faults<'_>, key: &str, control: &Control, earlier: &[Control]) {
    let (kind, reads) = (control.checks.kind(), control.checks.reads());
    let is_same = |other: &Control| {
        (other.checks.kind(), other.checks.reads()) == (kind, reads) && other.by == control.by
    };
    if earlier.iter().any(is_same) {
        let message = format!("there is a `{kind}` control of `{reads}` already; take one out");
        faults.add(format!("{key}.kind"), message);
    }
}
