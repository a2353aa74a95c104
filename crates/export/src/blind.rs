//! A sample for people to label: what the judge saw, in an order and under names that tell nothing.
//!
//! Raters who know the condition find what they expect. So what they see and what it is stand in two
//! files, joined by an item that means nothing by itself.

use iago_sweep::Digest;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};

/// A transcript that was drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// The id of its prompt.
    pub prompt: String,
    /// The name of its model.
    pub model: String,
    /// The name of its condition.
    pub condition: String,
    /// Its repeat, from 0.
    pub repeat: u32,
    /// It rests on planted behaviour.
    pub simulated: bool,
    /// The hash of the request that the answer answers: it tells an answer from one to another request
    /// under the same names.
    pub request: Option<Digest>,
    /// What the judge saw, each with its name, in the order in which people are to read it.
    pub sees: Vec<(String, String)>,
}

/// What raters are asked to do.
#[derive(Clone, Copy, Debug)]
pub struct Task<'a> {
    /// The sweep's name.
    pub sweep: &'a str,
    /// The stage that judges.
    pub stage: &'a str,
    /// The words that are labels; none where every text is one.
    pub labels: &'a [String],
}

/// The two files of a draw, as lines of JSON that each end in a line break.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Draw {
    /// For the raters: an item, what the judge saw, and room for a label.
    pub to_label: String,
    /// What each item is.
    pub key: String,
    /// Something in it rests on planted behaviour.
    pub simulated: bool,
}

/// What raters get.
#[derive(Serialize)]
struct ToLabel<'a> {
    item: &'a str,
    #[serde(serialize_with = "in_order")]
    sees: &'a [(String, String)],
    labels: &'a [String],
    label: &'static str,
    // Of the whole draw: for one line it could tell which model wrote it.
    simulated: bool,
}

/// What raters must not see.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct KeyLine {
    pub(crate) item: String,
    pub(crate) sweep: String,
    pub(crate) stage: String,
    pub(crate) prompt: String,
    pub(crate) model: String,
    pub(crate) condition: String,
    pub(crate) repeat: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) request: Option<Digest>,
    /// The words that are labels; none where every text is one.
    #[serde(default)]
    pub(crate) labels: Vec<String>,
    pub(crate) simulated: bool,
}

/// Shuffles a sample of one stage of one sweep and takes off everything that tells where each
/// transcript comes from.
///
/// An item is the place in the shuffled order behind the first digits of a hash of the whole draw: it
/// tells nothing of the transcript, and the items of two draws are never taken for each other's.
///
/// # Panics
/// Never: lines have string keys and no numbers without a JSON form.
pub fn draw(task: Task<'_>, mut drawn: Vec<Drawn>, seed: u64) -> Draw {
    let Task { sweep, stage, labels } = task;
    drawn.sort_by_cached_key(|of| shuffled(seed, of));
    let simulated = drawn.iter().any(|of| of.simulated);
    let mark = mark(sweep, stage, &drawn, seed);
    let mut lines = Draw { simulated, ..Draw::default() };
    for (place, of) in (1usize..).zip(drawn) {
        let item = format!("{mark}-{place:04}");
        let to_label = ToLabel { item: &item, sees: &of.sees, labels, label: "", simulated };
        push_line(&mut lines.to_label, &to_label);
        push_line(&mut lines.key, &key_to(item, task, of));
    }
    lines
}

fn key_to(item: String, task: Task<'_>, of: Drawn) -> KeyLine {
    let Drawn { prompt, model, condition, repeat, request, simulated, .. } = of;
    let (sweep, stage) = (task.sweep.to_owned(), task.stage.to_owned());
    let labels = task.labels.to_vec();
    KeyLine { item, sweep, stage, prompt, model, condition, repeat, request, labels, simulated }
}

fn in_order<S: Serializer>(sees: &[(String, String)], to: S) -> Result<S::Ok, S::Error> {
    let mut map = to.serialize_map(Some(sees.len()))?;
    for (name, text) in sees {
        map.serialize_entry(name, text)?;
    }
    map.end()
}

fn push_line(lines: &mut String, line: &impl Serialize) {
    lines.push_str(&serde_json::to_string(line).expect("texts and numbers have a JSON form"));
    lines.push('\n');
}

/// Where a transcript comes to stand: a function of the seed and of nothing that was said.
fn shuffled(seed: u64, of: &Drawn) -> Digest {
    Digest::of_value(&(seed, &of.model, &of.condition, &of.prompt, of.repeat))
}

/// Which draw it is.
fn mark(sweep: &str, stage: &str, drawn: &[Drawn], seed: u64) -> String {
    let places: Vec<Digest> = drawn.iter().map(|of| shuffled(seed, of)).collect();
    Digest::of_value(&(sweep, stage, places)).short()
}
