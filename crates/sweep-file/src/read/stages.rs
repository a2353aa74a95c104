//! `[stages.*]`: what is asked of the models, and what of the judges.

use iago_sweep::{
    Criterion, Field, JobId, Message, Question, Required, Role, Stage, StageKind, Votes, VotesError,
};

use crate::reader::{Entry, FLAG, Form, LIST, NUMBER, Pass, TABLE, Table, WHOLE};

/// What a judge says when it cannot tell; never a label.
const ABSTAIN: &str = "abstain";

pub(super) fn read_stages(top: &mut Table<'_>) -> Vec<Stage> {
    let stages = top.entries("stages");
    if stages.is_empty() {
        top.report_missing("stages", Form { example: "{ response = { … } }", ..TABLE });
    }
    let pass = top.pass;
    stages.iter().filter_map(|stage| read_stage(pass, stage)).collect()
}

fn read_stage<'a>(pass: &'a Pass<'a>, stage: &Entry<'a>) -> Option<Stage> {
    // Asked before the table is opened: the kind decides which keys the table has.
    let kind = stage.item.get("kind").and_then(|kind| kind.node.as_text());
    let kind = match kind {
        Some("generate") => pass.read_table(&stage.key, stage.item, read_generate)?,
        Some("judge") => pass.read_table(&stage.key, stage.item, read_judge)?,
        other => {
            report_kind(pass, stage, other);
            return None;
        }
    };
    Some(Stage { name: stage.name.to_owned(), kind })
}

fn report_kind(pass: &Pass<'_>, stage: &Entry<'_>, found: Option<&str>) {
    let kinds = "`kind = \"generate\"` asks the model of the cell, `kind = \"judge\"` a judge";
    let message = match found {
        Some(found) => format!("`{found}` is no kind of stage; {kinds}"),
        None => format!("has to say what the stage does; {kinds}"),
    };
    pass.faults.add(format!("{}.kind", stage.key), message);
}

fn read_generate(table: &mut Table<'_>) -> StageKind {
    table.text("kind");
    if !table.has("messages") {
        table.report_missing("messages", LIST);
    }
    let pass = table.pass;
    let messages = table.items("messages", LIST);
    let messages = messages.iter().filter_map(|message| read_message(pass, message)).collect();
    let fields = table.entries("fields");
    let fields = fields.iter().filter_map(|field| read_field(pass, field)).collect();
    StageKind::Generate { messages, fields }
}

fn read_message<'a>(pass: &'a Pass<'a>, message: &Entry<'a>) -> Option<Message> {
    pass.read_table(&message.key, message.item, |table| Message {
        role: read_role(table),
        template: table.template(),
        when: table.text("when"),
    })
}

fn read_role(table: &mut Table<'_>) -> Role {
    let role = table.required_text("role");
    match role.as_str() {
        "system" => Role::System,
        "assistant" => Role::Assistant,
        "user" | "" => Role::User,
        other => {
            table.fault("role", format!("`{other}` is no role; write system, user or assistant"));
            Role::User
        }
    }
}

fn read_field<'a>(pass: &'a Pass<'a>, field: &Entry<'a>) -> Option<Field> {
    pass.read_table(&field.key, field.item, |table| {
        let tag = table.required_text("tag");
        if !tag.is_empty() && !is_word(&tag) {
            let message =
                format!("`{tag}` is no tag; use letters, digits, `_` and `-`, without < and >");
            table.fault("tag", message);
        }
        Field {
            name: field.name.to_owned(),
            tag,
            repeated: table.flag("repeated").unwrap_or(false),
            required: read_required(table),
            outside: table.text("outside"),
        }
    })
}

/// Required unless it says otherwise: an answer without what was asked for is no answer.
fn read_required(table: &mut Table<'_>) -> Required {
    let Some(node) = table.any("required") else { return Required::Always };
    if let Some(expression) = node.as_text() {
        return Required::When(expression.to_owned());
    }
    let form = Form { noun: "true, false or an expression", ..FLAG };
    match node.as_bool() {
        Some(true) => Required::Always,
        Some(false) => Required::Never,
        None => {
            table.pass.report_form(&table.key_of("required"), node, form);
            Required::Always
        }
    }
}

fn read_judge(table: &mut Table<'_>) -> StageKind {
    table.text("kind");
    let of = table.required_text("of");
    let judge = table.required_text("model");
    let when = table.text("when");
    let sees = table.texts("sees");
    if sees.is_none() {
        let form = Form { noun: "the variables that the judge may see", example: "[\"answer\"]" };
        table.report_missing("sees", form);
    }
    let text = table.template();
    let question = read_question(table);
    let votes = read_votes(table);
    report_votes_without_yes(table, &question, votes.as_ref());
    StageKind::Judge { of, judge, when, sees: sees.unwrap_or_default(), text, question, votes }
}

fn read_question(table: &mut Table<'_>) -> Question {
    let labels = table.texts("labels");
    let criteria = table.items("criteria", LIST);
    let vote = table.text("vote");
    let advice = "`labels` asks for one word, `criteria` with `vote` asks yes/no questions";
    match (labels, table.has("criteria"), vote) {
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
            Question::Labels(Vec::new())
        }
        (None, false, Some(_)) => {
            table.fault("vote", "has no `criteria` to read; give them, or `labels` and no vote");
            Question::Labels(Vec::new())
        }
        (None, false, None) => {
            table.fault("labels", format!("is missing; {advice}"));
            Question::Labels(Vec::new())
        }
        (Some(_), ..) => {
            table.fault("labels", format!("cannot stand beside `criteria` and `vote`; {advice}"));
            Question::Labels(Vec::new())
        }
    }
}

fn check_labels(table: &Table<'_>, labels: &[String]) {
    if labels.len() < 2 {
        table.fault("labels", "has fewer than two labels, so there is nothing to decide; add one");
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

/// Letters, digits, `_` and `-`.
fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}
