//! Who is told of a run, and what.

use serde_json::Value;

use super::message::message;
use super::slack::slack;
use crate::{MessageFormat, Morning, Run, RunState, Schedule, Tell, TellOn};

/// The messages to be sent about a run, each with its receiver and the id that it is known by:
/// `assistant-nightly/2026-09-15T00:00:00Z/slack`. The same run always has the same ids, and no two receivers of a
/// schedule have one in common, so that what is sent twice can be seen to be the same.
pub fn notices(schedule: &Schedule, run: &Run, morning: &Morning) -> Vec<(Tell, String, Value)> {
    let occasion = occasion(run, morning);
    let told = schedule.terms.tell.iter().filter(|tell| tell.on.contains(&occasion));
    told.map(|tell| {
        let id = format!("{}/{}/{}", run.key.schedule, run.key.due, tell.webhook);
        let body = match tell.format {
            MessageFormat::Json => message(morning, &id),
            MessageFormat::Slack => slack(morning),
        };
        (tell.clone(), id, body)
    })
    .collect()
}

/// A run that is recorded as missed was missed, whatever its morning says.
fn occasion(run: &Run, morning: &Morning) -> TellOn {
    let missed = matches!(run.state, RunState::Missed { .. });
    if missed { TellOn::Missed } else { morning.occasion() }
}
