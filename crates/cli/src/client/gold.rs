//! `iago gold`: a blind sample for people to label, and what they wrote as a gold file.
//!
//! What is drawn is what models wrote: the files are for whoever drew them alone, and nothing of them
//! is logged.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use iago_export::{Draw, Drawn, draw, join_labels};
use iago_protocol::wire::{Parts, Transcript, TranscriptsRequest};

use crate::args::GoldArgs;
use crate::client::{Client, number_of};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};
use crate::plain::plain;
use crate::present::marked;
use crate::submission::Jobs;

/// For whoever made the file, and nobody else.
const PRIVATE: u32 = 0o600;

/// Draws a sample, or joins what came back.
pub(crate) async fn run(args: GoldArgs) -> Result<Exit, Stop> {
    match (&args.join, &args.key, &args.rater) {
        (Some(labelled), Some(key), Some(rater)) => join(&args.sweep, labelled, key, rater),
        _ => draw_sample(args).await,
    }
}

/// Draws from each cell what the judge was asked about, and writes it without its origin.
async fn draw_sample(args: GoldArgs) -> Result<Exit, Stop> {
    let (Some(stage), Some(per_cell), Some(out)) = (args.stage, args.per_cell, args.out) else {
        return Err(Stop::new(Exit::Usage, "a draw needs --stage, --per-cell and --out"));
    };
    let mut client = Client::open(&args.source).await?;
    let sweep = client.find(&args.sweep).await?;
    let name = client.get(sweep).await?.name;
    let request = TranscriptsRequest {
        sweep,
        limit: u32::MAX,
        stage: stage.clone(),
        parts: Parts::Seen.into(),
        per_cell,
        seed: args.seed,
        ..TranscriptsRequest::default()
    };
    let mut found =
        client.ask(async |mut jobs: Jobs| jobs.transcripts(request.clone()).await).await?;
    let (mut drawn, mut hidden) = (Vec::new(), 0);
    while let Some(transcript) = found.message().await.map_err(|status| client.refused(&status))? {
        match seen(transcript) {
            Some(of) => drawn.push(of),
            None => hidden += 1,
        }
    }
    if hidden > 0 {
        talk(&format!("{hidden} left out: what the judge saw of them cannot be read any more"));
    }
    if drawn.is_empty() {
        let message =
            format!("`{stage}` was asked about nothing yet, so there is nothing to label");
        return Err(Stop::new(Exit::Incomplete, message));
    }
    let count = drawn.len();
    let (to_label, key) = write(&out, &draw(&name, &stage, drawn, args.seed))?;
    talk(&format!(
        "{count} transcripts to label in {}; the key, which raters must not see, in {}",
        to_label.display(),
        key.display()
    ));
    Ok(Exit::Done)
}

fn seen(transcript: Transcript) -> Option<Drawn> {
    let Transcript { model, condition, prompt, repeat, simulated, said, .. } = transcript;
    // Each vote was shown the same.
    let sees = said.into_iter().next()?.parts;
    let sees = sees.into_iter().collect();
    let drawn = Drawn { prompt, model, condition, repeat, simulated, sees };
    (!drawn.sees.is_empty()).then_some(drawn)
}

/// Writes both files, or neither: labels that stand in one of them already are not written over.
fn write(wanted: &Path, draw: &Draw) -> Result<(PathBuf, PathBuf), Stop> {
    let to_label = if draw.simulated { marked(wanted) } else { wanted.to_owned() };
    let key = to_label.with_extension("key.jsonl");
    if to_label == key {
        let message = "--out ends like a key; give it another name, as in `to-label.jsonl`";
        return Err(Stop::new(Exit::Usage, message));
    }
    write_new(&key, &draw.key)?;
    if let Err(stop) = write_new(&to_label, &draw.to_label) {
        // A key to nothing would be in the way of the next draw.
        drop(std::fs::remove_file(&key));
        return Err(stop);
    }
    Ok((to_label, key))
}

fn write_new(path: &Path, lines: &str) -> Result<(), Stop> {
    let shown = path.display();
    let file = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(path);
    let written = file.and_then(|mut file| file.write_all(plain(lines).as_bytes()));
    written.map_err(|error| {
        let message = if error.kind() == std::io::ErrorKind::AlreadyExists {
            format!("{shown} is there already and may hold labels; name another file")
        } else {
            format!("cannot write {shown}: {error}")
        };
        Stop::new(Exit::CannotCreate, message)
    })
}

/// Prints what one rater wrote, with what it is about.
fn join(sweep: &str, labelled: &Path, key: &Path, rater: &str) -> Result<Exit, Stop> {
    let read = |path: &Path| {
        std::fs::read_to_string(path).map_err(|error| {
            Stop::new(Exit::NoInput, format!("cannot read {}: {error}", path.display()))
        })
    };
    let (labelled, key) = (read(labelled)?, read(key)?);
    // By its number a sweep says nothing of its name.
    let name = number_of(sweep).is_none().then_some(sweep);
    let joined = join_labels(&labelled, &key, rater, name)
        .map_err(|error| Stop::new(Exit::BadSweep, error.to_string()))?;
    data(&plain(&joined.lines));
    let mark = if joined.simulated { "SIMULATED: " } else { "" };
    let unlabelled = match joined.unlabelled {
        0 => String::new(),
        count => format!("; {count} items have none yet and are left out"),
    };
    talk(&format!("{mark}{} labels{unlabelled}", joined.labels));
    Ok(Exit::Done)
}
