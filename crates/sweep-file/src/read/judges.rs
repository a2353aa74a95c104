//! `kind = "judge"`: who is asked about an answer, what, and how its votes are counted.

use iago_sweep::{Criterion, JobId, Question, StageKind, Votes, VotesError};

use super::stages::is_word;
use crate::reader::{Entry, Form, LIST, NUMBER, Table, WHOLE};

/// What a judge says when it cannot tell; never a label.
const ABSTAIN: &str = "abstain";

/// A longer scale is no question that a model or a person can answer.
const STEPS_MAX: usize = 20;

/// A report keeps the label of a vote in one byte, of which two values say that there is none.
const LABELS_MAX: usize = 254;

/// The ends of a scale lie within these.
const SCALE: std::ops::RangeInclusive<i128> = -1000..=1000;

pub(super) fn read_judge(table: &mut Table<'_>) -> StageKind {
    let of = table.required_text("of");
    let judge = table.required_text("model");
    let when = table.text("when");
    let sees = read_sees(table, "the variables that the judge may see");
    let text = table.template();
    let question = read_question(table);
    let votes = read_votes(table);
    report_votes_without_yes(table, &question, votes.as_ref());
    StageKind::Judge { of, judge, when, after: None, sees, text, question, votes }
}

/// What somebody who grades may see.
pub(super) fn read_sees(table: &mut Table<'_>, noun: &'static str) -> Vec<String> {
    let sees = table.texts("sees");
    if sees.is_none() {
        table.report_missing("sees", Form { noun, example: "[\"answer\"]" });
    }
    sees.unwrap_or_default()
}

fn read_question(table: &mut Table<'_>) -> Question {
    let labels = table.texts("labels");
    let criteria = table.items("criteria", LIST);
    let vote = table.text("vote");
    let scale = table.table("scale", read_scale);
    let nothing = Question::Labels(Vec::new());
    let advice = "`labels` asks for one word, `criteria` with `vote` asks yes/no questions, \
                  `scale` asks for a number";
    match (labels, table.has("criteria"), vote) {
        (None, false, None) if table.has("scale") => Question::Scale(scale.unwrap_or_default()),
        (labels, criteria, vote) if table.has("scale") => {
            let others =
                [("labels", labels.is_some()), ("criteria", criteria), ("vote", vote.is_some())];
            let beside = others.into_iter().find(|(_, there)| *there).map_or("", |(name, _)| name);
            table.fault("scale", format!("cannot stand beside `{beside}`; {advice}"));
            nothing
        }
        (Some(labels), false, None) => {
            check_labels(table, &labels);
            Question::Labels(labels)
        }
        (None, true, Some(vote)) => {
            Question::Criteria { criteria: read_criteria(table, &criteria), vote }
        }
        (None, true, None) => {
            table.fault(
                "vote",
                "is missing; say when the criteria make a yes, as in `vote = \"a and not b\"`",
            );
            nothing
        }
        (None, false, Some(_)) => {
            table.fault("vote", "has no `criteria` to read; give them, or `labels` and no vote");
            nothing
        }
        (None, false, None) => {
            table.fault("labels", format!("is missing; {advice}"));
            nothing
        }
        (Some(_), ..) => {
            table.fault("labels", format!("cannot stand beside `criteria` and `vote`; {advice}"));
            nothing
        }
    }
}

/// The whole numbers from one end to the other.
fn read_scale(table: &mut Table<'_>) -> Vec<String> {
    for name in ["from", "to"] {
        if !table.has(name) {
            table.report_missing(name, WHOLE);
        }
    }
    let (from, to) = (table.whole::<i32>("from", SCALE), table.whole::<i32>("to", SCALE));
    let (Some(from), Some(to)) = (from, to) else { return Vec::new() };
    let steps: Vec<String> = (from..=to).map(|step| step.to_string()).collect();
    match steps.len() {
        0 | 1 => table.fault("to", "has to be above `from`, so that there is something to decide"),
        2..=STEPS_MAX => {}
        many => {
            let message = format!("makes a scale of {many} steps, and {STEPS_MAX} is the limit");
            table.fault("to", format!("{message}; take a shorter one"));
        }
    }
    steps
}

/// Whether the words that a judge or a program may say can be told apart.
pub(super) fn check_labels(table: &Table<'_>, labels: &[String]) {
    match labels.len() {
        0 | 1 => table
            .fault("labels", "has fewer than two labels, so there is nothing to decide; add one"),
        2..=LABELS_MAX => {}
        many => {
            let message = format!("has {many} labels, and {LABELS_MAX} is the limit");
            // What else is wrong with so many would only bury it.
            return table.fault("labels", format!("{message}; take fewer, or ask in two stages"));
        }
    }
    for (position, label) in labels.iter().enumerate() {
        let same = labels[..position].iter().find(|earlier| earlier.eq_ignore_ascii_case(label));
        if let Some(same) = same {
            let message =
                format!("`{label}` and `{same}` are one label; case does not tell them apart");
            table.fault("labels", message);
        } else if !is_word(label) {
            table.fault(
                "labels",
                format!("`{label}` is no label; use letters, digits, `_` and `-`"),
            );
        } else if label.eq_ignore_ascii_case(ABSTAIN) {
            let message =
                format!("`{label}` is what a judge says when it cannot tell; take another word");
            table.fault("labels", message);
        }
    }
}

fn read_criteria(table: &Table<'_>, criteria: &[Entry<'_>]) -> Vec<Criterion> {
    if criteria.is_empty() {
        table.fault("criteria", "is empty; ask at least one question");
    }
    let pass = table.pass;
    let read = |entry: &Entry<'_>| {
        pass.read_table(&entry.key, entry.item, |table| Criterion {
            name: table.required_text("name"),
            ask: read_ask(table),
        })
    };
    criteria.iter().filter_map(read).collect()
}

/// A question stands on one line of the judge's instruction.
fn read_ask(table: &mut Table<'_>) -> String {
    let ask = table.required_text("ask");
    if ask.contains(['\n', '\r']) {
        table.fault(
            "ask",
            "has a line break; a question stands on one line of what the judge reads",
        );
    }
    ask
}

/// Quorum and threshold have no defaults: they decide what is reported.
fn read_votes(table: &mut Table<'_>) -> Option<Votes> {
    let count = table.whole("votes", 1..=i128::from(JobId::VOTES_MAX));
    let quorum = table.whole("quorum", 0..=i128::from(u32::MAX));
    let threshold = table.number("threshold", f64::MIN..=f64::MAX);
    if !table.has("votes") {
        for name in ["quorum", "threshold"] {
            if table.has(name) {
                table.fault(name, "has no `votes` to count; add `votes = 5`, or take it out");
            }
        }
        return None;
    }
    for (name, form) in [("quorum", WHOLE), ("threshold", NUMBER)] {
        if !table.has(name) {
            table.report_missing(name, form);
        }
    }
    Votes::new(count?, quorum?, threshold?)
        .inspect_err(|error| {
            let name = match error {
                VotesError::Quorum { .. } => "quorum",
                VotesError::Threshold(_) => "threshold",
            };
            table.fault(name, error.to_string());
        })
        .ok()
}

/// Votes are counted as shares of yes, so their labels can only be yes and no.
fn report_votes_without_yes(table: &Table<'_>, question: &Question, votes: Option<&Votes>) {
    let mut labels = question.labels();
    labels.sort_unstable();
    if votes.is_some() && !labels.is_empty() && labels != ["no", "yes"] {
        let advice = "use `labels = [\"yes\", \"no\"]` or criteria";
        table.fault(
            "votes",
            format!("count the share of `yes`, which is not among the labels; {advice}"),
        );
    }
}
