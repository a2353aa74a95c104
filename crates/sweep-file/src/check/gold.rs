//! People's labels are of transcripts that the sweep has: a misspelt one would only make the gold set
//! smaller than it looks.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::suggest;
use iago_sweep::{Plan, Rating};

use crate::fault::Faults;
use crate::read::{Labelled, Line};
use crate::sweep_file::PromptColumns;

/// Checks which transcripts each gold set names. A prompt is known by the rows of the prompt set, so
/// that a subset or a pilot need not have its own gold set.
pub(crate) fn check_labelled(
    faults: &Faults<'_>,
    plan: &Plan,
    labelled: &[Labelled],
    rows: &[PromptColumns],
) {
    let known = Known {
        sweep: &plan.name,
        prompts: rows.iter().map(|row| row.id.as_str()).collect(),
        models: plan.models.iter().map(|model| model.name.as_str()).collect(),
        conditions: plan.conditions.iter().map(|condition| condition.name.as_str()).collect(),
        repeats: plan.repeats,
    };
    for set in labelled {
        // The first line that is wrong speaks for all: they come out of one program.
        if let Some((line, message)) = find_wrong(&known, &set.lines) {
            let path = &set.path;
            faults.add(&*set.key, format!("line {line} of `{path}` {message}"));
        }
    }
}

/// What a line can name.
struct Known<'k> {
    sweep: &'k str,
    prompts: BTreeSet<&'k str>,
    models: Vec<&'k str>,
    conditions: Vec<&'k str>,
    repeats: u32,
}

fn find_wrong(known: &Known<'_>, lines: &[Line]) -> Option<(usize, String)> {
    let mut earlier_lines = BTreeMap::new();
    lines.iter().find_map(|Line { number, rating, sweep }| {
        let Rating { prompt, model, condition, repeat, rater, .. } = rating;
        let transcript = (prompt, model, condition, repeat, rater);
        let earlier = *earlier_lines.entry(transcript).or_insert(*number);
        let again = || {
            let words = "for the transcript of line";
            (earlier != *number)
                .then(|| format!("has a label of `{rater}` {words} {earlier}; keep one"))
        };
        let other = sweep.as_deref().filter(|sweep| *sweep != known.sweep);
        let other = other.map(|other| describe_other(other, known.sweep));
        Some((*number, other.or_else(|| find_unknown(known, rating)).or_else(again)?))
    })
}

/// Names of models and conditions recur, and so do ids of prompts: they tell no sweep from another.
fn describe_other(other: &str, sweep: &str) -> String {
    format!(
        "is of the sweep `{other}`, and this is `{sweep}`; take the labels that were drawn from it"
    )
}

fn find_unknown(known: &Known<'_>, of: &Rating) -> Option<String> {
    let advise = |noun: &str, nouns: &str, said: &str, names: &[&str]| {
        let advice = suggest(said, nouns, names.iter().copied());
        Some(format!("has the {noun} `{said}`, which is not in the sweep; {advice}"))
    };
    if !known.prompts.contains(of.prompt.as_str()) {
        let message = "which is not in the prompt set; correct it, or take the line out";
        return Some(format!("has the prompt `{}`, {message}", of.prompt));
    }
    if !known.models.contains(&of.model.as_str()) {
        return advise("model", "models", &of.model, &known.models);
    }
    if !known.conditions.contains(&of.condition.as_str()) {
        return advise("condition", "conditions", &of.condition, &known.conditions);
    }
    (of.repeat >= known.repeats).then(|| {
        let (repeat, last) = (of.repeat, known.repeats.saturating_sub(1));
        format!("has the repeat {repeat}, and they go from 0 to {last}; correct it")
    })
}
