//! People's labels of a made-up sweep.

use iago_report::{Audit, AuditedCell, Correction, Gap, GapEstimate, Report};
use iago_sweep::{Cell, Digest, Gold, Plan, Rating, Sampled};

/// Chance that is the same on every machine: from 0 up to `of`, for a transcript and a purpose.
pub(crate) fn draw(purpose: &str, cell: &Cell, prompt: usize, repeat: u32, of: u32) -> u32 {
    let Cell { model, condition, .. } = cell;
    let digest = Digest::of(format!("{purpose} {model} {condition} {prompt} {repeat}"));
    let bytes: [u8; 4] = digest.as_bytes()[..4].try_into().expect("a digest has 32 bytes");
    u32::from_be_bytes(bytes) % of
}

/// Labels of the compliance judge's transcripts, by one rater, where `said` gives one.
pub(crate) fn gold(
    plan: &Plan,
    sampled: Sampled,
    min_per_class: u32,
    said: impl Fn(&Cell, usize, u32) -> Option<&'static str>,
) -> Gold {
    let mut ratings = Vec::new();
    for cell in &plan.cells {
        for prompt in 0..plan.prompts.len() {
            for repeat in 0..plan.repeats {
                let label = said(cell, prompt, repeat);
                ratings.extend(label.map(|label| rate(plan, cell, prompt, repeat, "ada", label)));
            }
        }
    }
    Gold {
        stage: "compliance".into(),
        labels: Digest::of("labels"),
        sampled,
        min_per_class,
        anchors: false,
        ratings,
    }
}

/// What one person called one transcript.
pub(crate) fn rate(
    plan: &Plan,
    cell: &Cell,
    prompt: usize,
    repeat: u32,
    rater: &str,
    label: &str,
) -> Rating {
    Rating {
        prompt: plan.prompts[prompt].id.clone(),
        model: cell.model.clone(),
        condition: cell.condition.clone(),
        repeat,
        rater: rater.into(),
        label: label.into(),
        request: None,
    }
}

/// The audit of compliance.
pub(crate) fn audit(report: &Report) -> &Audit {
    report.audits.iter().find(|audit| audit.measure == "compliance").expect("it is audited")
}

/// The audit of compliance in a cell by its condition, such as `free/with`.
pub(crate) fn audited<'a>(report: &'a Report, tier: &str, scratchpad: &str) -> &'a AuditedCell {
    let is_meant = |cell: &&AuditedCell| {
        [tier, scratchpad].iter().all(|level| cell.labels.iter().any(|l| l == level))
    };
    audit(report).cells.iter().find(is_meant).expect("the cell is there")
}

/// (value, low, high, labels) of a corrected rate or difference.
pub(crate) fn known(correction: &Correction) -> (f64, f64, f64, u64) {
    match correction {
        Correction::Known { value, interval, labels } => {
            (*value, interval.low, interval.high, *labels)
        }
        Correction::TooFew { .. } | Correction::Refused { .. } => {
            panic!("not corrected: {correction:?}")
        }
    }
}

/// The first difference of the report's first contrast.
pub(crate) fn first_gap(report: &Report) -> &GapEstimate {
    match &report.contrasts[0].estimates[0].gap {
        Gap::Known(gap) => gap,
        other @ (Gap::NotAsked | Gap::Refused { .. } | Gap::Unpaired { .. }) => {
            panic!("no difference: {other:?}")
        }
    }
}
