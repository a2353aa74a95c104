//! `iago gate`: what the gates of a sweep say, judged now, or what they said of a night; as an exit code.

mod flips;
mod stored;

use std::path::Path;

use iago_nightly::{Morning, Word, junit, markdown, morning_lines};
use iago_protocol::wire::gate_part::Part;
use iago_protocol::wire::{FlipTold, GateRequest};
use serde_json::{Value, json};

use crate::args::GateArgs;
use crate::client::schedule::told::read;
use crate::client::{Client, json};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk, terminal_width};
use crate::plain::plain_line;
use crate::present::marked;
use crate::services::Nights;
use crate::whole::write_whole;

/// A verdict, with what it is shown with.
pub(crate) struct Judged {
    pub(crate) morning: Morning,
    /// Prompts that are another way than in the baseline, with what was said.
    flips: Vec<FlipTold>,
    /// What the nights up to it came to, the oldest first.
    nights: Vec<Word>,
}

/// Prints a verdict, and ends as it says.
pub(crate) async fn run(args: GateArgs) -> Result<Exit, Stop> {
    let judged = judged(&args).await.map_err(no_verdict)?;
    Ok(Exit::Verdict(judged.morning.word))
}

async fn judged(args: &GateArgs) -> Result<Judged, Stop> {
    let mut client = Client::open(&args.source).await?;
    let judged = match (&args.sweep, &args.schedule) {
        (Some(sweep), _) => {
            let sweep = client.find(sweep).await?;
            let baseline = args.baseline.clone().unwrap_or_default();
            judge(&mut client, GateRequest { sweep, baseline, flips: args.flips }).await?
        }
        (None, Some(schedule)) => stored::find(&mut client, schedule, args).await?,
        (None, None) => return Err(Stop::new(Exit::Usage, "name a sweep, or a --schedule")),
    };
    if args.source.client.json {
        data(&json::line(&judged.json()))?;
    } else {
        data(&judged.shown())?;
    }
    judged.write(args)?;
    Ok(judged)
}

/// Has a sweep judged.
pub(crate) async fn judge(client: &mut Client, request: GateRequest) -> Result<Judged, Stop> {
    let asked = client.ask_nights(async |mut nights: Nights| nights.gate(request.clone()).await);
    let mut parts = asked.await?;
    let (mut morning, mut flips) = (None, Vec::new());
    while let Some(part) = parts.message().await.map_err(|status| client.refused(&status))? {
        match part.part {
            Some(Part::Morning(json)) => morning = Some(read(&json)?),
            Some(Part::Flip(flip)) => flips.push(flip),
            None => {}
        }
    }
    let broke_off = || Stop::new(Exit::Io, "the verdict did not come: ask again");
    Ok(Judged { morning: morning.ok_or_else(broke_off)?, flips, nights: Vec::new() })
}

/// What is no verdict never ends as one does.
fn no_verdict(stop: Stop) -> Stop {
    let is_like_one = stop.exit.code() < Exit::Usage.code();
    Stop::new(if is_like_one { Exit::Usage } else { stop.exit }, stop.message)
}

impl Judged {
    /// For a terminal.
    pub(crate) fn shown(&self) -> String {
        let lines = morning_lines(&self.morning, terminal_width(), &self.nights);
        lines.iter().map(|line| format!("{}\n", plain_line(line))).collect()
    }

    fn json(&self) -> Value {
        let morning = &self.morning;
        json!({
            "word": morning.word,
            "exit_code": morning.word.exit_code(),
            "simulated": morning.simulated,
            "morning": morning,
            "flips": self.flips.iter().map(flips::json).collect::<Vec<_>>(),
        })
    }

    fn write(&self, args: &GateArgs) -> Result<(), Stop> {
        if let Some(path) = &args.junit {
            self.write_file(path, &junit(&self.morning))?;
        }
        if let Some(path) = &args.markdown {
            let flips = flips::shown(&self.morning.flips, &self.flips);
            self.write_file(path, &markdown(&self.morning, &flips))?;
        }
        Ok(())
    }

    fn write_file(&self, path: &Path, text: &str) -> Result<(), Stop> {
        let path = if self.morning.simulated { marked(path) } else { path.to_owned() };
        let shown = path.display();
        write_whole(&path, text).map_err(|error| {
            Stop::new(Exit::CannotCreate, format!("cannot write the verdict {shown}: {error}"))
        })?;
        talk(&format!("written {shown}"));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_verdict_never_ends_as_one_does() {
        let verdicts: Vec<u8> = Word::ALL.iter().map(|word| word.exit_code()).collect();
        let exits = [Exit::Done, Exit::Incomplete, Exit::Usage, Exit::NoInput, Exit::Io];
        for exit in exits.into_iter().chain(Word::ALL.iter().copied().map(Exit::Verdict)) {
            let stop = no_verdict(Stop::new(exit, "why"));
            assert!(!verdicts.contains(&stop.exit.code()), "{exit:?}");
            assert!(stop.exit.code() >= 64 && stop.message == "why");
        }
        assert_eq!(verdicts.iter().max(), Some(&3));
    }
}
