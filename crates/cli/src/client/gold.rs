//! `iago gold`: a blind sample for people to label, and what they wrote as a gold file.
//!
//! What is drawn is what models wrote: the files are for whoever drew them alone, and nothing of them
//! is logged.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use iago_export::{Draw, Drawn, Task, draw, join_labels};
use iago_protocol::wire::{Parts, Said, Transcript, TranscriptsRequest};
use iago_sweep::Digest;

use crate::args::GoldArgs;
use crate::client::{Client, number_of};
use crate::exit::{Exit, Stop};
use crate::output::{data, talk};
use crate::plain::plain;
use crate::present::marked;
use crate::submission::Jobs;
use crate::whole;

/// Cells that a message lists.
const CELLS_MAX: usize = 10;

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
    let (mut drawn, mut hidden, mut asked) = (Vec::new(), 0, Asked::default());
    while let Some(transcript) = found.message().await.map_err(|status| client.refused(&status))? {
        asked.see(&transcript);
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
    say_fewer(&drawn, per_cell);
    let count = drawn.len();
    let task = Task { sweep: &name, stage: &stage, labels: &asked.labels };
    let files = write(&out, &draw(task, drawn, args.seed), &asked.rubric)?;
    let noun = if count == 1 { "transcript" } else { "transcripts" };
    talk(&format!(
        "{count} {noun} to label in {}; what to ask of each in {}; the key, which raters must not see, \
         in {}",
        files.to_label.display(),
        files.rubric.display(),
        files.key.display()
    ));
    Ok(Exit::Done)
}

/// What the judge was asked, which is the same for every transcript.
#[derive(Default)]
struct Asked {
    labels: Vec<String>,
    rubric: String,
}

impl Asked {
    fn see(&mut self, transcript: &Transcript) {
        let Some(said) = transcript.said.first().filter(|_| self.rubric.is_empty()) else { return };
        let words = match said.labels.as_slice() {
            [] => "Write the judge's word or number into `label`".to_owned(),
            labels => {
                let labels: Vec<String> = labels.iter().map(|word| format!("`{word}`")).collect();
                format!("Write one of {} into `label`", labels.join(", "))
            }
        };
        self.labels.clone_from(&said.labels);
        self.rubric = format!(
            "{words} of each line; leave it empty where you cannot tell. The judge was asked the \
             following, with what stands in `sees` in the places of the braces.\n\n---\n\n{}\n",
            said.rubric.trim_end()
        );
    }
}

/// Says which cells have less than was asked for; of one where nobody was asked nothing is known here.
fn say_fewer(drawn: &[Drawn], per_cell: u32) {
    let mut cells: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for of in drawn {
        *cells.entry((&of.model, &of.condition)).or_default() += 1;
    }
    cells.retain(|_, found| *found < per_cell);
    if cells.is_empty() {
        return;
    }
    let more = if cells.len() > CELLS_MAX { ", ..." } else { "" };
    let shown = cells.iter().take(CELLS_MAX);
    let shown: Vec<String> =
        shown.map(|((model, condition), found)| format!("{model} {condition} {found}")).collect();
    talk(&format!("fewer than {per_cell} were there in: {}{more}", shown.join(", ")));
}

fn seen(transcript: Transcript) -> Option<Drawn> {
    let Transcript { model, condition, prompt, repeat, simulated, said, .. } = transcript;
    // Each vote was shown the same.
    let Said { request, sees, mut parts, .. } = said.into_iter().next()?;
    let mut seen: Vec<(String, String)> =
        sees.into_iter().filter_map(|name| parts.remove_entry(&name)).collect();
    // A coordinator that does not say the order yet.
    seen.extend(parts.into_iter().collect::<BTreeMap<_, _>>());
    let request = Digest::from_hex(&request);
    let drawn = Drawn { prompt, model, condition, repeat, simulated, request, sees: seen };
    (!drawn.sees.is_empty()).then_some(drawn)
}

/// The files of a draw.
struct Files {
    to_label: PathBuf,
    key: PathBuf,
    rubric: PathBuf,
}

/// Writes all files, or none: labels that stand in one of them already are not written over.
fn write(wanted: &Path, draw: &Draw, rubric: &str) -> Result<Files, Stop> {
    let to_label = if draw.simulated { marked(wanted) } else { wanted.to_owned() };
    let key = to_label.with_extension("key.jsonl");
    let beside = to_label.with_extension("rubric.md");
    if to_label == key || to_label == beside {
        let message = "--out ends like a key; give it another name, as in `to-label.jsonl`";
        return Err(Stop::new(Exit::Usage, message));
    }
    let texts = [(&key, draw.key.as_str()), (&beside, rubric), (&to_label, &draw.to_label)];
    for (place, (path, text)) in texts.iter().enumerate() {
        if let Err(stop) = write_new(path, text) {
            // A key to nothing would be in the way of the next draw.
            texts.iter().take(place).for_each(|(path, _)| drop(std::fs::remove_file(path)));
            return Err(stop);
        }
    }
    Ok(Files { to_label, key, rubric: beside })
}

fn write_new(path: &Path, lines: &str) -> Result<(), Stop> {
    let shown = path.display();
    whole::write_new(path, &plain(lines)).map_err(|error| {
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
    data(&plain(&joined.lines))?;
    let mark = if joined.simulated { "SIMULATED: " } else { "" };
    let unlabelled = match joined.unlabelled {
        0 => String::new(),
        1 => "; 1 item has none and is left out".to_owned(),
        count => format!("; {count} items have none and are left out"),
    };
    let noun = if joined.labels == 1 { "label" } else { "labels" };
    talk(&format!("{mark}{} {noun}{unlabelled}", joined.labels));
    Ok(Exit::Done)
}
