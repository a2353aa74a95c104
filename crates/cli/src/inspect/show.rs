//! `iago sweep show`: the exact messages of one job.

use iago_sweep::{Conversation, Role};
use serde_json::json;

use crate::args::ShowArgs;
use crate::exit::{Exit, Stop};
use crate::inspect::job::Job;
use crate::output::data;
use crate::plain::{plain, plain_json, plain_line};

/// Prints what would be sent.
pub(crate) fn run(args: &ShowArgs) -> Result<Exit, Stop> {
    let job = Job::find(&args.job)?;
    let cell = job.cell(args.condition.as_deref())?;
    let messages = match job.scored(cell)? {
        Some(scored) => scored,
        None => list(&job.conversation(cell)?),
    };
    let condition = job.plan.cells.get(cell as usize).map_or("", |cell| &cell.condition);
    data(&if args.json {
        in_json(&job, condition, &messages)
    } else {
        in_words(&job, condition, &messages)
    })?;
    Ok(Exit::Done)
}

/// The messages in the order in which they are sent: who, and what.
pub(crate) fn list(conversation: &Conversation) -> Vec<(String, String)> {
    let system = conversation.system.iter().map(|text| (Role::System.to_string(), text.clone()));
    let turns = conversation.turns.iter().map(|turn| (turn.role.to_string(), turn.text.clone()));
    let prefill = conversation.prefill.iter().map(|text| ("prefill".to_owned(), text.clone()));
    system.chain(turns).chain(prefill).collect()
}

fn in_json(job: &Job, condition: &str, messages: &[(String, String)]) -> String {
    let messages: Vec<_> =
        messages.iter().map(|(role, text)| json!({ "role": role, "content": text })).collect();
    let value = json!({
        "stage": job.stage(), "model": job.model(), "condition": condition,
        "prompt": job.prompt(), "messages": messages,
    });
    format!("{}\n", plain_json(&value))
}

fn in_words(job: &Job, condition: &str, messages: &[(String, String)]) -> String {
    let heading = format!("{}: {}, {condition}, prompt {}", job.stage(), job.model(), job.prompt());
    let said = messages.iter().map(|(role, text)| {
        // A text whose last line does not end would run into the next heading.
        let end = if text.ends_with('\n') { "" } else { "\n" };
        format!("--- {role}, {} bytes\n{}{end}", text.len(), plain(text))
    });
    std::iter::once(format!("{}\n", plain_line(&heading))).chain(said).collect()
}
