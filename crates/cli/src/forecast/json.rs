//! A forecast and a projection, for scripts.

use iago_sweep::{Money, Plan};
use serde_json::{Value, json};

use crate::forecast::cost::Forecast;
use crate::forecast::effects::Effect;
use crate::forecast::gates::{Held, Sizes};
use crate::forecast::hours::Load;
use crate::forecast::pilot::Projection;

/// Everything that a plan is told to take.
pub(super) fn in_json(
    plan: &Plan,
    jobs: u64,
    costs: &Forecast,
    effects: &[Effect],
    warnings: &[String],
) -> Value {
    let pools = costs.pools.iter().map(|pool| {
        json!({
            "pool": pool.name, "jobs": pool.jobs, "calls": pool.calls, "input_tokens": pool.input,
            "output_tokens": pool.output, "dollars": pool.dollars.map(Money::dollars),
            "dollars_rest_on": pool.priced_by,
            "hours": pool.hours.as_ref().map(|hours| hours.hours),
            "hours_rest_on": pool.hours.as_ref().map(|hours| &hours.by),
        })
    });
    let effects = effects.iter().map(|effect| {
        json!({
            "contrast": effect.contrast, "estimates": effect.estimates, "prompts": effect.prompts,
            "detectable": effect.detectable,
        })
    });
    json!({
        "name": plan.name, "transcripts": plan.transcripts(), "jobs_at_most": jobs,
        "pools_at_most": pools.collect::<Vec<_>>(),
        "dollars_at_most": costs.dollars().map(Money::dollars),
        "contrasts": effects.collect::<Vec<_>>(), "warnings": warnings,
    })
}

/// What the critical gates take, and what they can tell as planned.
pub(super) fn gates(sizes: &Sizes) -> Value {
    let gates = sizes.gates.iter().map(|held| {
        let Held { measure, model, condition, margin, prompts, is_seen, .. } = held;
        let power = held.sizes.as_ref().map(|[planned, _]| (planned.pass, planned.regression));
        json!({
            "measure": measure, "model": model, "condition": condition, "margin": margin,
            "prompts": prompts, "seen": is_seen,
            "passes_unchanged": power.map(|power| power.0),
            "finds_twice_the_margin": power.map(|power| power.1),
            "prompts_needed": held.sizes.as_ref().and_then(|[_, takes]| takes.prompts),
        })
    });
    json!({
        "repeats": sizes.planned.repeats.tonight,
        "baseline_repeats": sizes.planned.repeats.baseline,
        "all_pass_unchanged": sizes.all_pass(), "finds_twice_the_margin": sizes.regression(),
        "recommended": {
            "repeats": sizes.recommended.repeats.tonight,
            "baseline_repeats": sizes.recommended.repeats.baseline,
            "has_enough_prompts": sizes.recommended.has_enough_prompts(),
        },
        "enough": sizes.is_enough(), "by": sizes.by, "gates": gates.collect::<Vec<_>>(),
    })
}

/// What the whole would take by what was seen.
pub(super) fn projected(projection: &Projection, of: &str) -> Value {
    // Of jobs that all failed there is nothing to go by.
    let known = projection.pools.iter().filter(|_| projection.answered > 0);
    let pools = known.map(|pool| {
        let dollars = |load: &Load| (!pool.unpriced).then_some(load.picodollars / 1e12);
        json!({
            "pool": pool.name,
            "expected": load(&pool.expected), "dollars": dollars(&pool.expected),
            "error": pool.error.as_ref().map(load), "dollars_error": pool.error.as_ref().map(dollars),
            "hours": pool.hours.as_ref().map(|hours| hours.hours),
            "hours_rest_on": pool.hours.as_ref().map(|hours| &hours.by),
        })
    });
    let cells = projection.cells.iter().map(|cell| {
        json!({
            "stage": cell.stage, "model": cell.model, "condition": cell.condition,
            "jobs": cell.jobs, "failed": cell.failed, "refusals": cell.refusals, "took": load(&cell.took),
        })
    });
    json!({
        "by": of, "prompts": projection.prompts.0, "of_prompts": projection.prompts.1,
        "answered": projection.answered, "failed": projection.failed,
        "pools": pools.collect::<Vec<_>>(), "cells": cells.collect::<Vec<_>>(),
    })
}

fn load(load: &Load) -> Value {
    json!({
        "jobs": load.jobs, "calls": load.calls, "input_tokens": load.input,
        "output_tokens": load.output, "call_seconds": load.busy_s,
    })
}
