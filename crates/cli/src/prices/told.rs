//! What an import says of itself: each model that it added, changed or left.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::import::Imported;
use super::litellm::{LICENCE, NAME};
use crate::args::PricesImportArgs;
use crate::exit::Stop;
use crate::output::{data, talk};
use crate::plain::{plain_json, plain_line};
use crate::settings::price::PriceSection;
use crate::watch::grouped;

/// Models of one fate that are named one by one; with `--json` all are.
const NAMED_MAX: usize = 20;

/// Says it, to people or to scripts.
pub(super) fn tell(
    args: &PricesImportArgs,
    imported: &Imported,
    left_out: &BTreeMap<String, String>,
) -> Result<(), Stop> {
    if args.json {
        return data(&format!("{}\n", plain_json(&in_json(imported, left_out))));
    }
    data(&in_words(imported, left_out))?;
    talk(&format!("{} from {NAME} ({LICENCE}): {}", args.into.display(), counted(imported)));
    Ok(())
}

fn counted(imported: &Imported) -> String {
    let left = imported.left_by_hand.len() + imported.left_from_before.len();
    let counts = [
        (imported.added.len(), "added"),
        (imported.changed.len(), "changed"),
        (imported.unchanged.len(), "the same as before"),
        (left, "left as they were"),
        (imported.dropped.len(), "dropped"),
    ];
    let said = counts.iter().filter(|(count, _)| *count > 0);
    let said: Vec<_> =
        said.map(|(count, what)| format!("{} {what}", grouped(*count as u64))).collect();
    said.join(", ")
}

fn in_words(imported: &Imported, left_out: &BTreeMap<String, String>) -> String {
    let added = imported.added.iter().map(|(id, price)| format!("added: {id}: {}", words(price)));
    // What money rests on and is not what it was is named without a bound.
    let changed = imported
        .changed
        .iter()
        .map(|(id, (old, new))| format!("changed: {id}: {} -> {}", words(old), words(new)));
    let by_hand = imported.left_by_hand.iter().map(|(id, own)| match id == own {
        true => format!("left: {id}: you wrote its price"),
        false => format!("left: {id}: you wrote the price of `{own}`"),
    });
    let from_before =
        imported.left_from_before.iter().map(|id| format!("left: {id}: the map does not name it"));
    let dropped = imported.dropped.iter().map(|id| format!("dropped: {id}"));
    let moved = imported.moved.iter();
    let moved = moved.map(|id| format!("moved: {id}: above the line, where yours stand"));
    let doubles = imported.doubles.iter();
    let doubles =
        doubles.map(|id| format!("taken out below the line: {id}: the same stands above it"));
    let left_out = left_out.iter().map(|(id, why)| format!("not taken: {id}: {why}"));
    let mut text = String::new();
    list(&mut text, added, NAMED_MAX);
    list(&mut text, changed, usize::MAX);
    list(&mut text, by_hand, NAMED_MAX);
    list(&mut text, from_before, NAMED_MAX);
    list(&mut text, dropped, NAMED_MAX);
    list(&mut text, moved, usize::MAX);
    list(&mut text, doubles, usize::MAX);
    list(&mut text, left_out, NAMED_MAX);
    text
}

/// Lines up to a number, and how many more of their kind there are.
fn list(text: &mut String, lines: impl Iterator<Item = String>, max: usize) {
    let mut more = 0_u64;
    let mut kind = String::new();
    for (number, line) in lines.enumerate() {
        if number < max {
            text.extend([plain_line(&line).as_str(), "\n"]);
        } else {
            more += 1;
            kind = line.split(':').next().unwrap_or_default().to_owned();
        }
    }
    if more > 0 {
        text.extend([format!("{kind}: {} more, which --json names\n", grouped(more))]);
    }
}

/// A price in a few words: dollars per million tokens.
pub(super) fn words(price: &PriceSection) -> String {
    let mut words = format!("input {}", price.input);
    let further = [
        ("cached", price.cached_input),
        ("written", price.cache_write),
        ("output", Some(price.output)),
        ("reasoning", price.reasoning),
    ];
    for (name, price) in further {
        words.extend(price.map(|price| format!(", {name} {price}")));
    }
    for long in &price.long {
        let above = grouped(long.above_tokens);
        words.extend([format!(", above {above} tokens {}/{}", long.input, long.output)]);
    }
    words
}

fn in_json(imported: &Imported, left_out: &BTreeMap<String, String>) -> Value {
    let changed = imported.changed.iter();
    let changed: BTreeMap<_, _> = changed
        .map(|(id, (before, after))| (id, json!({ "before": before, "after": after })))
        .collect();
    json!({
        "unit": "dollars per million tokens",
        "added": imported.added,
        "changed": changed,
        "unchanged": imported.unchanged,
        "left_by_hand": imported.left_by_hand,
        "left_from_before": imported.left_from_before,
        "dropped": imported.dropped,
        "moved": imported.moved,
        "taken_out_below": imported.doubles,
        "not_taken": left_out,
    })
}
