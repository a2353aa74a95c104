//! A night as JSON, for programs: `iago.night.v1`. The README has it field by field.

use serde_json::{Value, json};

use super::gate::GateTold;
use super::terminal::morning_lines;
use crate::{Flip, GateVerdict, JudgeFinding, Morning};

/// What the messages are called that have these fields. Fields may be added to it, and none is changed.
const TYPE: &str = "iago.night.v1";

/// The width of the lines of text in it.
const COLUMNS: usize = 80;

/// More prompts are not listed; `flips` of the night are counted beside them.
const FLIPS_MAX: usize = 20;

/// A night as a message for programs: ids and numbers, and never a text of a prompt or an answer. `id` is
/// what the message is known by, however often it is sent.
pub fn message(morning: &Morning, id: &str) -> Value {
    let run = morning.run.as_ref();
    json!({
        "type": TYPE,
        "id": id,
        "word": morning.said(),
        "exit_code": morning.exit_code(),
        "simulated": morning.simulated,
        "schedule": run.map(|run| run.schedule.as_str()),
        "due": run.map(|run| run.due.to_string()),
        "sweep": morning.sweep.map(|sweep| sweep.0),
        "sweep_name": morning.name,
        "began": morning.began.to_string(),
        "judged": morning.judged.to_string(),
        "headline": morning.headline(),
        "why": morning.why,
        "causes": causes(morning),
        "gates": morning.gates_told().into_iter().map(gate).collect::<Vec<_>>(),
        "judges": morning.verdict.iter().flat_map(|v| &v.judges).map(judge).collect::<Vec<_>>(),
        "baseline": baseline(morning),
        "jobs": {
            "answered": morning.done.answered,
            "failed": morning.done.failed,
            "open": morning.done.open,
        },
        "spent_usd": morning.spent.dollars(),
        "unpriced": morning.unpriced,
        "flips": morning.flips.iter().take(FLIPS_MAX).map(flip).collect::<Vec<_>>(),
        "flips_in_all": morning.flips.len(),
        "lines": morning_lines(morning, COLUMNS, &[]),
    })
}

fn causes(morning: &Morning) -> Vec<Value> {
    let causes = morning.causes_told();
    causes.iter().map(|cause| json!({ "word": cause.word, "sentence": cause.told() })).collect()
}

fn gate(told: GateTold<'_>) -> Value {
    let GateVerdict { measure, model, condition, better, word, causes, finding, settle, .. } =
        told.gate;
    let words: Vec<_> = causes.iter().map(|cause| cause.word()).collect();
    json!({
        "measure": measure,
        "model": model,
        "condition": condition,
        "critical": told.is_critical(),
        "better": better,
        "word": word,
        "causes": words,
        "settle": settle.as_ref().map(ToString::to_string),
        "numbers": finding,
    })
}

fn judge(judge: &JudgeFinding) -> Value {
    json!({
        "stage": judge.stage,
        "judged": judge.judged,
        "flips": judge.flips,
        "unanswered": judge.unanswered,
        "change": judge.change,
    })
}

fn baseline(morning: &Morning) -> Option<Value> {
    let against = morning.against.as_ref()?;
    Some(json!({
        "name": against.name,
        "sweep": against.sweep.0,
        "revision": against.revision,
        "began": against.began.to_string(),
        "repeats": against.repeats,
    }))
}

fn flip(flip: &Flip) -> Value {
    json!({
        "measure": flip.measure,
        "model": flip.model,
        "condition": flip.condition,
        "prompt": flip.prompt,
        "worse": flip.worse,
        "baseline": [flip.baseline.yes, flip.baseline.of],
        "tonight": [flip.tonight.yes, flip.tonight.of],
    })
}
