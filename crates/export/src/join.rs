//! What people wrote, put back beside what it is about: the lines of a gold file.

use std::collections::BTreeMap;

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
    prompt: &'a str,
    condition: &'a str,
    model: &'a str,
    repeat: u32,
    label: &'a str,
    rater: &'a str,
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
        let KeyLine { prompt, condition, model, repeat, simulated, .. } = &of;
        let (repeat, simulated) = (*repeat, *simulated);
        let gold = GoldLine { prompt, condition, model, repeat, label, rater, simulated };
        let gold = serde_json::to_string(&gold).expect("texts and numbers have a JSON form");
        joined.lines.extend([&gold, "\n"]);
        joined.labels += 1;
        joined.unlabelled -= 1;
        joined.simulated |= simulated;
    }
    if joined.labels == 0 { Err(JoinError::Nothing) } else { Ok(joined) }
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
    text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty())
}
