//! People's labels are of transcripts that the sweep has: a misspelt one would only make the gold set
//! smaller than it looks.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::suggest;
use iago_sweep::{Plan, Rating};

use crate::fault::Faults;
use crate::read::Labelled;
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
        prompts: rows.iter().map(|row| row.id.as_str()).collect(),
        models: plan.models.iter().map(|model| model.name.as_str()).collect(),
        conditions: plan.conditions.iter().map(|condition| condition.name.as_str()).collect(),
        repeats: plan.repeats,
    };
    for set in labelled {
        // The first line that is wrong speaks for all: they come out of one program.
        if let Some((line, message)) = find_wrong(&known, &set.ratings) {
            let path = &set.path;
            faults.add(&*set.key, format!("line {line} of `{path}` {message}"));
        }
    }
}

/// What a line can name.
struct Known<'k> {
    prompts: BTreeSet<&'k str>,
    models: Vec<&'k str>,
    conditions: Vec<&'k str>,
    repeats: u32,
}

fn find_wrong(known: &Known<'_>, ratings: &[(usize, Rating)]) -> Option<(usize, String)> {
    let mut lines = BTreeMap::new();
    ratings.iter().find_map(|(line, rating)| {
        let Rating { prompt, model, condition, repeat, rater, .. } = rating;
        let earlier = *lines.entry((prompt, model, condition, repeat, rater)).or_insert(*line);
        let again = (earlier != *line).then(|| {
            format!("has a label of `{rater}` for the transcript of line {earlier}; keep one")
        });
        Some((*line, find_unknown(known, rating).or(again)?))
    })
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
