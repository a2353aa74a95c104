//! Prompts that are another way than in the baseline, with what was said about them then and tonight.

use iago_nightly::{Flip, FlipShown};
use iago_protocol::wire::{FlipTold, Said, Transcript};
use serde_json::Value;

use crate::client::json::transcript;

/// Those of a night whose texts came with it, as Markdown shows them.
pub(super) fn shown(flips: &[Flip], told: &[FlipTold]) -> Vec<FlipShown> {
    let find = |told: &FlipTold| flips.iter().find(|flip| is_of(told, flip)).cloned();
    told.iter().filter_map(|told| Some(side_by_side(find(told)?, told))).collect()
}

fn is_of(told: &FlipTold, flip: &Flip) -> bool {
    told.measure == flip.measure
        && told.model == flip.model
        && told.condition == flip.condition
        && told.prompt == flip.prompt
}

fn side_by_side(flip: Flip, told: &FlipTold) -> FlipShown {
    let either = told.tonight.as_ref().or(told.baseline.as_ref());
    FlipShown {
        flip,
        prompt_text: either.map(asked).unwrap_or_default(),
        baseline: told.baseline.as_ref().map(answers).unwrap_or_default(),
        tonight: told.tonight.as_ref().map(answers).unwrap_or_default(),
    }
}

/// What the first stage sent.
fn asked(transcript: &Transcript) -> Vec<(String, String)> {
    let sent = transcript.said.first().map_or(&[][..], |said| &said.sent);
    sent.iter().map(|message| (message.role.clone(), message.content.clone())).collect()
}

/// What every stage answered.
fn answers(transcript: &Transcript) -> Vec<(String, String)> {
    let text = |said: &Said| Some((said.stage.clone(), said.text.as_ref()?.raw.clone()));
    transcript.said.iter().filter_map(text).collect()
}

pub(super) fn json(flip: &FlipTold) -> Value {
    serde_json::json!({
        "measure": flip.measure,
        "model": flip.model,
        "condition": flip.condition,
        "prompt": flip.prompt,
        "baseline": flip.baseline.as_ref().map(transcript),
        "tonight": flip.tonight.as_ref().map(transcript),
    })
}
