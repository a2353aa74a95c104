//! `[stages.S.gold]`: what people said about answers that a judge grades, to hold the judge against.

use iago_sweep::{Digest, Gold, Sampled, Stage};

use crate::reader::{FLAG, Form, Table};
use iago_expression::suggest;

/// What every line has to have; a name of the sweep may stand beside them.
const KEYS: [&str; 6] = ["prompt", "condition", "model", "repeat", "label", "rater"];

/// More labels of one class than anybody ever asked people for.
const PER_CLASS_MAX: i128 = 1_000_000;

/// A line as it stands.
type Row = serde_json::Map<String, serde_json::Value>;

/// The labels of one file.
#[derive(Debug)]
pub(crate) struct Labelled {
    /// The key that names the file.
    pub(crate) key: String,
    pub(crate) path: String,
    /// None where a line is wrong already.
    pub(crate) ratings: Vec<Rating>,
}

/// Whose label a line has, and of which transcript.
#[derive(Debug)]
pub(crate) struct Rating {
    /// The line, from 1.
    pub(crate) line: usize,
    pub(crate) of: Rated,
    pub(crate) rater: String,
}

/// A transcript as a line names it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Rated {
    pub(crate) prompt: String,
    pub(crate) condition: String,
    pub(crate) model: String,
    pub(crate) repeat: u64,
}

pub(super) fn read_gold(table: &mut Table<'_>, stage: &Stage) -> Option<(Gold, Labelled)> {
    let file = table.required_data("path");
    let key = table.key_of("path");
    let ratings = file.content.map(|text| read_lines(table, &file.path, text, &stage.labels()));
    let labelled = Labelled { key, path: file.path, ratings: ratings.unwrap_or_default() };
    let sampled = table.required_word("sampled", "way to draw a gold set", Sampled::ALL);
    if !table.has("min_per_class") {
        let noun = "how many of each class a corrected rate needs";
        table.report_missing("min_per_class", Form { noun, example: "50" });
    }
    let min_per_class = table.whole("min_per_class", 1..=PER_CLASS_MAX);
    if !table.has("anchors") {
        table.report_missing("anchors", FLAG);
    }
    let anchors = table.flag("anchors");
    let gold = Gold {
        stage: stage.name.clone(),
        labels: Digest::of(file.content.unwrap_or_default()),
        sampled: sampled?,
        min_per_class: min_per_class?,
        anchors: anchors?,
    };
    Some((gold, labelled))
}

/// The first line that is wrong speaks for all: they come out of one program.
fn read_lines(table: &Table<'_>, path: &str, content: &str, labels: &[&str]) -> Vec<Rating> {
    let lines = content.lines().zip(1usize..).filter(|(line, _)| !line.trim().is_empty());
    let read = lines
        .map(|(line, number)| read_line(line, number, labels).map_err(|message| (number, message)));
    match read.collect::<Result<Vec<_>, _>>() {
        Ok(ratings) => {
            if ratings.is_empty() {
                let advice = "give it some, or take [gold] out";
                table.fault("path", format!("`{path}` has no labels; {advice}"));
            }
            ratings
        }
        Err((number, message)) => {
            table.fault("path", format!("line {number} of `{path}` {message}"));
            Vec::new()
        }
    }
}

fn read_line(line: &str, number: usize, labels: &[&str]) -> Result<Rating, String> {
    let row: Row = serde_json::from_str(line)
        .map_err(|_error| "is no JSON object; write one on each line".to_owned())?;
    if let Some(message) = find_wrong(&row, labels) {
        return Err(message);
    }
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let of = Rated {
        prompt: text("prompt"),
        condition: text("condition"),
        model: text("model"),
        repeat: row["repeat"].as_u64().unwrap_or_default(),
    };
    Ok(Rating { line: number, of, rater: text("rater") })
}

fn find_wrong(row: &Row, labels: &[&str]) -> Option<String> {
    if let Some(missing) = KEYS.into_iter().find(|key| !row.contains_key(*key)) {
        return Some(format!("has no `{missing}`; each line has {}", KEYS.join(", ")));
    }
    let not_text = KEYS.into_iter().find(|key| *key != "repeat" && !row[*key].is_string());
    if let Some(key) = not_text {
        return Some(format!("has a `{key}` that is no text; write it in quotes"));
    }
    if !row["repeat"].is_u64() {
        return Some("has a `repeat` that is no whole number; the first is 0".to_owned());
    }
    let label = row["label"].as_str().unwrap_or_default();
    let is_known = labels.is_empty() || labels.contains(&label);
    (!is_known).then(|| {
        let advice = suggest(label, "labels", labels.iter().copied());
        format!("has the label `{label}`, which the judge cannot say; {advice}")
    })
}
