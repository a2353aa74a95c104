//! `iago export`: the answers of a stage as documents, written as they come.

use std::path::{Path, PathBuf};

use iago_export::{Canary, Document, Metadata};
use iago_protocol::wire::{Parts, Said, Status as Told, Transcript, TranscriptsRequest};

use crate::args::ExportArgs;
use crate::client::Client;
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};
use crate::plain::plain;
use crate::present::marked;
use crate::submission::Jobs;
use crate::watch::{counted, grouped};
use crate::whole::{SHARED, Unnamed};

/// Writes a line for each answer, and says what was left out.
pub(crate) async fn run(args: ExportArgs) -> Result<Exit, Stop> {
    let mut client = Client::open(&args.source).await?;
    let sweep = client.find(&args.sweep).await?;
    let told = client.get(sweep).await?;
    let canary = args.canary.clone().map_or_else(|| Canary::of_plan(&told.plan), Canary::own);
    let request = TranscriptsRequest {
        sweep,
        outcome: args.outcome.clone(),
        limit: u32::MAX,
        stage: args.stage.clone(),
        parts: Parts::Read.into(),
        field: args.field.clone(),
        ..TranscriptsRequest::default()
    };
    let mut answers =
        client.ask(async |mut jobs: Jobs| jobs.transcripts(request.clone()).await).await?;
    let export = Export { args: &args, told: &told, canary };
    let mut sink = Sink::open(args.out.as_deref())?;
    let mut count = Count::default();
    while let Some(transcript) =
        answers.message().await.map_err(|status| client.refused(&status))?
    {
        match export.line(&transcript) {
            Some(line) => {
                count.written += 1;
                count.simulated |= transcript.simulated;
                sink.write(&line)?;
            }
            None => count.left_out += 1,
        }
    }
    let path = sink.close(count.simulated)?;
    talk(&count.describe(path.as_deref(), &args.field));
    Ok(Exit::Done)
}

struct Export<'a> {
    args: &'a ExportArgs,
    told: &'a Told,
    canary: Canary,
}

impl Export<'_> {
    /// The document of a transcript; `None` where there is no text to train on.
    fn line(&self, transcript: &Transcript) -> Option<String> {
        let said = transcript.said.iter().find(|said| said.stage == self.args.stage)?;
        let text = self.text(said).filter(|text| !text.trim().is_empty())?;
        let metadata = Metadata {
            canary: self.canary.as_str(),
            synthetic: true,
            sweep: &self.told.name,
            plan: &self.told.plan,
            model: &transcript.model,
            condition: &transcript.condition,
            prompt: &transcript.prompt,
            repeat: transcript.repeat,
            stage: &self.args.stage,
            simulated: transcript.simulated,
        };
        Some(format!("{}\n", plain(&Document { text, metadata }.line())))
    }

    fn text<'t>(&self, said: &'t Said) -> Option<&'t str> {
        match self.args.field.as_str() {
            "" => said.text.as_ref().map(|text| text.raw.as_str()),
            field => said.parts.get(field).map(String::as_str),
        }
    }
}

#[derive(Default)]
struct Count {
    written: u64,
    left_out: u64,
    simulated: bool,
}

impl Count {
    fn describe(&self, path: Option<&Path>, field: &str) -> String {
        let mark = if self.simulated { "SIMULATED: " } else { "" };
        let place = path.map_or_else(String::new, |path| format!(" in {}", path.display()));
        let left_out = match (self.left_out, field) {
            (0, _) => String::new(),
            (count, "") => format!("; {} answers without a text left out", grouped(count)),
            (count, field) => format!("; {} answers without `{field}` left out", grouped(count)),
        };
        format!("{mark}{}{place}{left_out}", counted(self.written, "document"))
    }
}

/// Where lines go. A file gets its name at the end: before that it is not known whether anything in it
/// is simulated, and half an export is none.
enum Sink {
    Printed,
    File { wanted: PathBuf, file: Unnamed },
}

impl Sink {
    fn open(wanted: Option<&Path>) -> Result<Self, Stop> {
        let Some(wanted) = wanted else { return Ok(Self::Printed) };
        let file = Unnamed::begin(wanted, SHARED).map_err(|error| unwritten(wanted, &error))?;
        Ok(Self::File { wanted: wanted.to_owned(), file })
    }

    fn write(&mut self, line: &str) -> Result<(), Stop> {
        match self {
            Self::Printed => data(line),
            Self::File { wanted, file } => {
                file.write(line).map_err(|error| unwritten(wanted, &error))
            }
        }
    }

    fn close(self, simulated: bool) -> Result<Option<PathBuf>, Stop> {
        let Self::File { wanted, file } = self else { return Ok(None) };
        let path = if simulated { marked(&wanted) } else { wanted };
        file.name(&path).map_err(|error| unwritten(&path, &error))?;
        Ok(Some(path))
    }
}

fn unwritten(path: &Path, error: &std::io::Error) -> Stop {
    Stop::new(Exit::CannotCreate, format!("cannot write {}: {error}", path.display()))
}
