//! What people wrote, put back beside what it is about: the lines of a gold file.

use std::collections::BTreeMap;

use iago_sweep::Digest;
use serde::{Deserialize, Serialize};

use crate::blind::KeyLine;

/// The lines of a gold file, and what is missing of it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// One JSON object a line, each with a line break, in the order of the labelled file.
    pub lines: String,
    /// How many lines it has.
    pub labels: usize,
    /// How many items of the key have no label: left out, or empty.
    pub unlabelled: usize,
    /// Something in it rests on planted behaviour.
    pub simulated: bool,
}

/// Why labels could not be put back.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum JoinError {
    /// A line of the labelled file is no object with an item and a label.
    #[error(
        "line {line} of the labelled file is no JSON object with an `item` and a `label`; write one \
         on each line, as they were drawn"
    )]
    Labelled {
        /// From 1.
        line: usize,
    },
    /// A line of the key is not as it was drawn.
    #[error(
        "line {line} of the key is not as it was drawn; take the file that was written beside the items"
    )]
    Key {
        /// From 1.
        line: usize,
    },
    /// The key is of another draw.
    #[error(
        "line {line} of the labelled file has the item `{item}`, which is not in the key; take the key that was drawn with it"
    )]
    Unknown {
        /// From 1.
        line: usize,
        /// The item.
        item: String,
    },
    /// One item has two labels.
    #[error(
        "line {line} of the labelled file has the item `{item}` once more; keep one of its labels"
    )]
    Twice {
        /// From 1.
        line: usize,
        /// The item.
        item: String,
    },
    /// The judge cannot say it.
    #[error(
        "line {line} of the labelled file calls the item `{item}` `{label}`, which is no label here; \
         the labels are: {labels}; leave it empty where you cannot tell"
    )]
    NoLabel {
        /// From 1.
        line: usize,
        /// The item.
        item: String,
        /// What it is called.
        label: String,
        /// What it may be called.
        labels: String,
    },
    /// The key is of another sweep.
    #[error("the key is of the sweep `{found}`, and not of `{wanted}`; name the one that it is of")]
    OtherSweep {
        /// The sweep that was named.
        wanted: String,
        /// The sweep that it is of.
        found: String,
    },
    /// There is no label.
    #[error("no item has a label yet; write the judge's words into `label`")]
    Nothing,
}

/// What somebody wrote beside an item. What else stands in the line is theirs.
#[derive(Deserialize)]
struct Labelled {
    item: String,
    label: String,
}

/// A line of a gold file.
#[derive(Serialize)]
struct GoldLine<'a> {
    sweep: &'a str,
    stage: &'a str,
    prompt: &'a str,
    condition: &'a str,
    model: &'a str,
    repeat: u32,
    label: &'a str,
    rater: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<Digest>,
    simulated: bool,
}

/// Puts the labels of one rater back beside their transcripts. Items without a label are counted and
/// left out. `sweep` is the name that the key has to be of, where one is known.
///
/// # Errors
/// Everything that would make a label one of another transcript, or lose one.
///
/// # Panics
/// Never: lines have string keys and no numbers without a JSON form.
pub fn join_labels(
    labelled: &str,
    key: &str,
    rater: &str,
    sweep: Option<&str>,
) -> Result<Joined, JoinError> {
    let mut key = read_key(key, sweep)?;
    let mut joined = Joined { unlabelled: key.len(), ..Joined::default() };
    let mut taken: BTreeMap<String, usize> = BTreeMap::new();
    for (text, line) in numbered(labelled) {
        let Labelled { item, label } =
            serde_json::from_str(text).map_err(|_not_labelled| JoinError::Labelled { line })?;
        if taken.insert(item.clone(), line).is_some() {
            return Err(JoinError::Twice { line, item });
        }
        let of = key.remove(&item).ok_or(JoinError::Unknown { line, item })?;
        let label = label.trim();
        if label.is_empty() {
            continue;
        }
        if !of.labels.is_empty() && !of.labels.iter().any(|word| word == label) {
            let (label, labels) = (label.to_owned(), quoted(&of.labels));
            return Err(JoinError::NoLabel { line, item: of.item, label, labels });
        }
        joined.lines.extend([&gold_line(&of, label, rater), "\n"]);
        joined.labels += 1;
        joined.unlabelled -= 1;
        joined.simulated |= of.simulated;
    }
    if joined.labels == 0 { Err(JoinError::Nothing) } else { Ok(joined) }
}

fn gold_line(of: &KeyLine, label: &str, rater: &str) -> String {
    let KeyLine { sweep, stage, prompt, condition, model, repeat, request, simulated, .. } = of;
    let (repeat, request, simulated) = (*repeat, *request, *simulated);
    let line = GoldLine {
        sweep,
        stage,
        prompt,
        condition,
        model,
        repeat,
        label,
        rater,
        request,
        simulated,
    };
    serde_json::to_string(&line).expect("texts and numbers have a JSON form")
}

fn quoted(words: &[String]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

fn read_key(key: &str, sweep: Option<&str>) -> Result<BTreeMap<String, KeyLine>, JoinError> {
    let mut lines = BTreeMap::new();
    for (text, line) in numbered(key) {
        let of: KeyLine = serde_json::from_str(text).map_err(|_other| JoinError::Key { line })?;
        if let Some(wanted) = sweep.filter(|wanted| *wanted != of.sweep) {
            return Err(JoinError::OtherSweep { wanted: wanted.to_owned(), found: of.sweep });
        }
        if lines.insert(of.item.clone(), of).is_some() {
            return Err(JoinError::Key { line });
        }
    }
    Ok(lines)
}

/// The lines that say something, each with its number from 1.
fn numbered(text: &str) -> impl Iterator<Item = (&str, usize)> {
    // Some editors begin a file with a byte order mark.
    text.trim_start_matches('\u{feff}').lines().zip(1..).filter(|(line, _)| !line.trim().is_empty())
}
