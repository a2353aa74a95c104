//! What a coordinator says, as JSON for scripts. Keys are those of the protocol; amounts of money are
//! whole picodollars, as they are stored.

use iago_protocol::wire::{LimitProgress, Progress, Said, Spend, Status, Submitted, Transcript};
use serde_json::{Value, json};

use crate::client::watch::end_word;
use crate::plain::plain_json;

/// A line of JSON.
pub(crate) fn line(value: &Value) -> String {
    format!("{}\n", plain_json(value))
}

pub(crate) fn submitted(submitted: &Submitted) -> Value {
    json!({
        "sweep": submitted.sweep,
        "revision": submitted.revision,
        "note": submitted.note,
        "possibly_lost_jobs": submitted.possibly_lost_jobs,
        "finished": submitted.finished,
        "anchors": submitted.anchors,
    })
}

/// One sweep as a list shows it.
pub(crate) fn brief_status(status: &Status) -> Value {
    json!({
        "sweep": status.sweep,
        "name": status.name,
        "kind": status.kind,
        "revision": status.revision,
        "note": status.note,
        "state": status.state,
        "reason": status.reason,
        "created_ms": status.created_ms,
        "progress": status.progress.as_ref().map(progress),
    })
}

/// One sweep with its sums.
pub(crate) fn status(status: &Status) -> Value {
    let mut value = brief_status(status);
    value["simulated"] = status.simulated.into();
    value["results"] = status.results.into();
    value["failures"] = status.failures.into();
    value["calls"] = status.calls.into();
    value["spent_picodollars"] = status.spent_picodollars.into();
    value["unpriced"] = status.unpriced.into();
    value["spend_picodollars"] = status.spend.as_ref().map(spend).into();
    value["plan"] = status.plan.as_str().into();
    value
}

pub(crate) fn progress(progress: &Progress) -> Value {
    let stages = progress.stages.iter().map(|stage| {
        json!({ "name": stage.name, "done": stage.done, "known": stage.known, "failed": stage.failed })
    });
    let pools = progress.pools.iter().map(|pool| {
        json!({
            "name": pool.name, "in_flight": pool.in_flight, "waits_for": pool.waits_for,
            "metered": pool.metered, "concurrency": pool.concurrency, "waiting": pool.waiting,
            "limits": pool.limits.iter().map(limit).collect::<Vec<_>>(),
        })
    });
    json!({
        "stages": stages.collect::<Vec<_>>(),
        "calls": progress.calls,
        "throttles": progress.throttles,
        "troubles": progress.troubles,
        "spent_picodollars": progress.spent_picodollars,
        "spend_picodollars": progress.spend.as_ref().map(spend),
        "pools": pools.collect::<Vec<_>>(),
        "in_flight": progress.in_flight,
        "failures": progress.failures,
        "workers": progress.workers,
        "store_trouble": progress.store_trouble,
        "end": end_word(progress.end()),
        "end_reason": progress.end_reason,
    })
}

fn limit(limit: &LimitProgress) -> Value {
    json!({
        "quantity": limit.quantity, "per_day": limit.per_day, "limit": limit.limit,
        "source": limit.source, "used": limit.used,
    })
}

fn spend(spend: &Spend) -> Value {
    json!({
        "answered": spend.answered, "judges": spend.judges, "failed": spend.failed,
        "late": spend.late, "abandoned": spend.abandoned, "unknown": spend.unknown,
        "outstanding": spend.outstanding,
    })
}

pub(crate) fn transcript(transcript: &Transcript) -> Value {
    json!({
        "model": transcript.model,
        "condition": transcript.condition,
        "prompt": transcript.prompt,
        "repeat": transcript.repeat,
        "outcome": transcript.outcome,
        "simulated": transcript.simulated,
        "said": transcript.said.iter().map(said).collect::<Vec<_>>(),
    })
}

fn said(said: &Said) -> Value {
    let sent = said.sent.iter();
    let sent = sent.map(|message| json!({ "role": message.role, "content": message.content }));
    json!({
        "stage": said.stage,
        "vote": said.vote,
        "finish": said.finish,
        "parse": said.parse,
        "label": said.label,
        "sent": sent.collect::<Vec<_>>(),
        "text": said.text.as_ref().map(|text| &text.raw),
        "reasoning": said.text.as_ref().and_then(|text| text.reasoning.as_ref()),
        "altered": said.text.as_ref().is_some_and(|text| text.altered),
    })
}
