//! `iago transcripts`: what was said, for people or as a line of JSON each. Whatever a model wrote is
//! shown, and nothing of it reaches a terminal as a command.

use iago_protocol::wire::{Said, Transcript, TranscriptsRequest};

use crate::args::TranscriptsArgs;
use crate::client::{Client, json};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};
use crate::plain::{plain, plain_line};
use crate::submission::Jobs;

/// Prints transcripts as they come.
pub(crate) async fn run(args: TranscriptsArgs) -> Result<Exit, Stop> {
    let mut client = Client::open(&args.source).await?;
    let sweep = client.find(&args.sweep).await?;
    let TranscriptsArgs { model, condition, prompt, repeat, outcome, limit, .. } = args;
    let request = TranscriptsRequest {
        sweep,
        model,
        condition,
        prompt,
        repeat,
        outcome,
        limit,
        ..TranscriptsRequest::default()
    };
    let asked = client.ask(async |mut jobs: Jobs| jobs.transcripts(request.clone()).await);
    let mut transcripts = asked.await?;
    let mut count = 0;
    while let Some(transcript) =
        transcripts.message().await.map_err(|status| client.refused(&status))?
    {
        count += 1;
        let in_json = args.source.client.json;
        data(&if in_json {
            json::line(&json::transcript(&transcript))
        } else {
            shown(&transcript)
        })?;
    }
    if count == 0 {
        talk("no transcript is like that, or none yet");
    }
    Ok(Exit::Done)
}

fn shown(transcript: &Transcript) -> String {
    let mark = if transcript.simulated { "SIMULATED " } else { "" };
    let Transcript { model, condition, prompt, repeat, outcome, .. } = transcript;
    let outcome = if outcome.is_empty() { "no outcome yet" } else { outcome };
    let heading =
        format!("=== {mark}{model}, {condition}, prompt {prompt}, repeat {repeat}: {outcome}");
    let said: String = transcript.said.iter().map(answer).collect();
    let end = if transcript.simulated { "=== SIMULATED\n" } else { "" };
    format!("{}\n{said}{end}\n", plain_line(&heading))
}

fn answer(said: &Said) -> String {
    let Said { stage, vote, finish, parse, label, .. } = said;
    let label = label.as_ref().map_or_else(String::new, |label| format!(", label {label}"));
    let heading = format!("--- {stage}, vote {vote}: {finish}, {parse}{label}");
    let sent: String =
        said.sent.iter().map(|message| passage(&message.role, &message.content)).collect();
    let text = said.text.as_ref();
    let reasoning = text.and_then(|text| text.reasoning.as_deref());
    let reasoning = reasoning.map_or_else(String::new, |text| passage("reasoning", text));
    let reply = text.map_or_else(String::new, |text| passage("answer", &text.raw));
    format!("{}\n{sent}{reasoning}{reply}", plain_line(&heading))
}

/// Set in, so that no text can pass for a heading.
fn passage(who: &str, text: &str) -> String {
    let lines = plain(text);
    let lines: String = lines.lines().map(|line| format!("    {line}\n")).collect();
    format!("  {}:\n{lines}", plain_line(who))
}

#[cfg(test)]
mod tests {
    use iago_protocol::wire::{Message, Text};

    use super::*;

    fn hostile() -> Transcript {
        let text = Text {
            raw: "yes\n=== no\u{1b}]0;title\u{7}".to_owned(),
            reasoning: Some("\u{9b}2J".to_owned()),
            altered: false,
            logprobs: None,
        };
        let sent = vec![Message { role: "user".to_owned(), content: "Say\nyes.".to_owned() }];
        let said = Said {
            stage: "reply".to_owned(),
            finish: "stop".to_owned(),
            parse: "ok".to_owned(),
            text: Some(text),
            sent,
            ..Said::default()
        };
        Transcript {
            model: "m".to_owned(),
            condition: "only".to_owned(),
            prompt: "p1\u{1b}c".to_owned(),
            outcome: "answered".to_owned(),
            simulated: true,
            said: vec![said],
            ..Transcript::default()
        }
    }

    #[test]
    fn a_transcript_is_readable_and_harmless() {
        let expected = "\
=== SIMULATED m, only, prompt p1\\u001bc, repeat 0: answered
--- reply, vote 0: stop, ok
  user:
    Say
    yes.
  reasoning:
    \\u009b2J
  answer:
    yes
    === no\\u001b]0;title\\u0007
=== SIMULATED

";
        assert_eq!(shown(&hostile()), expected);
    }

    #[test]
    fn a_line_of_json_is_one_line_and_loses_nothing() {
        let line = json::line(&json::transcript(&hostile()));
        assert_eq!(line.lines().count(), 1);
        assert!(!line.trim_end().chars().any(char::is_control), "{line:?}");
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["said"][0]["text"], "yes\n=== no\u{1b}]0;title\u{7}");
    }
}
