//! `[stages.S.gold]`: what people said about answers that a judge grades, to hold the judge against.

use iago_sweep::{Digest, Gold, Rating, Sampled, Stage};

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
    pub(crate) lines: Vec<Line>,
}

/// One line of such a file.
#[derive(Debug)]
pub(crate) struct Line {
    /// From 1.
    pub(crate) number: usize,
    pub(crate) rating: Rating,
    /// The sweep that it says it is of.
    pub(crate) sweep: Option<String>,
}

pub(super) fn read_gold(table: &mut Table<'_>, stage: &Stage) -> Option<(Gold, Labelled)> {
    let file = table.required_data("path");
    let key = table.key_of("path");
    let lines = file.content.map(|text| read_lines(table, &file.path, text, stage));
    let lines = lines.unwrap_or_default();
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
        ratings: lines.iter().map(|line| line.rating.clone()).collect(),
    };
    Some((gold, Labelled { key, path: file.path, lines }))
}

/// The first line that is wrong speaks for all: they come out of one program.
fn read_lines(table: &Table<'_>, path: &str, content: &str, stage: &Stage) -> Vec<Line> {
    // Some editors begin a file with a byte order mark.
    let content = content.trim_start_matches('\u{feff}');
    let lines = content.lines().zip(1usize..).filter(|(line, _)| !line.trim().is_empty());
    let read = lines
        .map(|(line, number)| read_line(line, number, stage).map_err(|message| (number, message)));
    match read.collect::<Result<Vec<_>, _>>() {
        Ok(lines) => {
            if lines.is_empty() {
                let advice = "give it some, or take [gold] out";
                table.fault("path", format!("`{path}` has no labels; {advice}"));
            }
            lines
        }
        Err((number, message)) => {
            table.fault("path", format!("line {number} of `{path}` {message}"));
            Vec::new()
        }
    }
}

fn read_line(line: &str, number: usize, stage: &Stage) -> Result<Line, String> {
    let row: Row = serde_json::from_str(line)
        .map_err(|_error| "is no JSON object; write one on each line".to_owned())?;
    let wrong = find_wrong(&row, &stage.labels()).or_else(|| find_other_stage(&row, &stage.name));
    if let Some(message) = wrong {
        return Err(message);
    }
    let text = |key: &str| row[key].as_str().unwrap_or_default().to_owned();
    let repeat = row["repeat"].as_u64().unwrap_or_default();
    let rating = Rating {
        prompt: text("prompt"),
        model: text("model"),
        condition: text("condition"),
        repeat: u32::try_from(repeat).unwrap_or(u32::MAX),
        rater: text("rater"),
        label: text("label"),
        request: read_request(&row)?,
    };
    Ok(Line { number, rating, sweep: optional_text(&row, "sweep")?.map(str::to_owned) })
}

fn read_request(row: &Row) -> Result<Option<Digest>, String> {
    let Some(hex) = optional_text(row, "request")? else { return Ok(None) };
    let wrong = || format!("has the request `{hex}`, which is no hash; take it as it was drawn");
    Digest::from_hex(hex).map(Some).ok_or_else(wrong)
}

/// A label is about what one judge is asked: the words of two of them may be the same.
fn find_other_stage(row: &Row, stage: &str) -> Option<String> {
    match optional_text(row, "stage") {
        Ok(Some(said)) if said != stage => Some(format!(
            "has a label of stage `{said}`, and this is the gold of `{stage}`; give each its own file"
        )),
        Ok(_) => None,
        Err(message) => Some(message),
    }
}

/// What only lines have that were drawn.
fn optional_text<'r>(row: &'r Row, key: &str) -> Result<Option<&'r str>, String> {
    let Some(value) = row.get(key).filter(|value| !value.is_null()) else { return Ok(None) };
    let not_text = || format!("has a `{key}` that is no text; write it in quotes");
    value.as_str().map(Some).ok_or_else(not_text)
}

fn find_wrong(row: &Row, labels: &[&str]) -> Option<String> {
    if let Some(missing) = KEYS.into_iter().find(|key| !row.contains_key(*key)) {
        return Some(format!("has no `{missing}`; each line has {}", KEYS.join(", ")));
    }
    let not_text = KEYS.into_iter().find(|key| *key != "repeat" && !row[*key].is_string());
    if let Some(key) = not_text {
        return Some(format!("has a `{key}` that is no text; write it in quotes"));
    }
    let Some(repeat) = row["repeat"].as_u64() else {
        return Some("has a `repeat` that is no whole number; the first is 0".to_owned());
    };
    if u32::try_from(repeat).is_err() {
        return Some(format!("has the repeat {repeat}, which no sweep comes to; correct it"));
    }
    let label = row["label"].as_str().unwrap_or_default();
    let is_known = labels.is_empty() || labels.contains(&label);
    (!is_known).then(|| {
        let advice = suggest(label, "labels", labels.iter().copied());
        format!("has the label `{label}`, which the judge cannot say; {advice}")
    })
}
