//! `[stages.*]`: what is asked of the models, what of the judges, and what code says.

use iago_sweep::{Again, Follows, Gold, Message, Role, Stage, StageKind};

use super::fields::read_fields;
use super::gold::{Labelled, read_gold};
use super::judges::read_judge;
use super::scores::read_score;
use super::sequence::put_in_order;
use crate::reader::{Entry, Form, LIST, Pass, TABLE, TEXT, Table, WHOLE};

/// How often a model may be asked again: what it takes to be understood, and no way to spend a budget.
const TRIES: std::ops::RangeInclusive<i128> = 2..=16;

/// The stages, each after those that it waits for, and people's labels of what they say.
pub(super) fn read_stages(top: &mut Table<'_>) -> (Vec<Stage>, Vec<Gold>, Vec<Labelled>) {
    let entries = top.entries("stages");
    if entries.is_empty() {
        top.report_missing("stages", Form { example: "{ response = { … } }", ..TABLE });
    }
    let pass = top.pass;
    let (mut stages, mut golds, mut labelled) = (Vec::new(), Vec::new(), Vec::new());
    for (stage, said) in entries.iter().filter_map(|entry| read_stage(pass, entry)) {
        stages.push(stage);
        let (gold, lines) = said.unzip();
        golds.extend(gold);
        labelled.extend(lines);
    }
    (put_in_order(&pass.faults, stages), golds, labelled)
}

fn read_stage<'a>(
    pass: &'a Pass<'a>,
    entry: &Entry<'a>,
) -> Option<(Stage, Option<(Gold, Labelled)>)> {
    // Asked before the table is opened: the kind decides which keys the table has.
    let kind = entry.item.get("kind").and_then(|kind| kind.node.as_text());
    let read: fn(&mut Table<'a>) -> StageKind = match kind {
        Some("generate") => |table| read_generate(table),
        Some("judge") => |table| read_judge(table),
        Some("score") => |table| read_score(table),
        other => {
            report_kind(pass, entry, other);
            return None;
        }
    };
    pass.read_table(&entry.key, entry.item, |table| {
        table.text("kind");
        let stage = Stage { name: entry.name.to_owned(), kind: read(table) };
        let is_judge = matches!(stage.kind, StageKind::Judge { .. });
        let gold = is_judge.then(|| table.table("gold", |table| read_gold(table, &stage)));
        (stage, gold.flatten().flatten())
    })
}

fn report_kind(pass: &Pass<'_>, stage: &Entry<'_>, found: Option<&str>) {
    let kinds = "`kind = \"generate\"` asks the model of the cell, `kind = \"judge\"` a judge, and \
                 `kind = \"score\"` runs code";
    let message = match found {
        Some(found) => format!("`{found}` is no kind of stage; {kinds}"),
        None => format!("has to say what the stage does; {kinds}"),
    };
    pass.faults.add(format!("{}.kind", stage.key), message);
}

fn read_generate(table: &mut Table<'_>) -> StageKind {
    if !table.has("messages") {
        table.report_missing("messages", LIST);
    }
    let follows = read_follows(table);
    let helper = table.text("model");
    let pass = table.pass;
    let messages = table.items("messages", LIST);
    let messages = messages.iter().filter_map(|message| read_message(pass, message)).collect();
    let fields = read_fields(table);
    let again = read_again(table, fields.is_empty());
    StageKind::Generate { follows, helper, messages, fields, again }
}

fn read_follows(table: &mut Table<'_>) -> Option<Follows> {
    let (of, when) = (table.text("of"), table.text("when"));
    let continues = table.flag("continues");
    let Some(of) = of else {
        if table.has("when") {
            table.fault(
                "when",
                "has no `of`: what stands at the beginning is asked of every transcript; add \
                 `of`, or leave cells out with `exclude`",
            );
        }
        if table.has("continues") {
            table.fault("continues", "has no `of` to continue; add `of`, or take it out");
        }
        return None;
    };
    Some(Follows { of, when, after: None, continues: continues.unwrap_or(false) })
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

fn read_again(table: &mut Table<'_>, without_fields: bool) -> Option<Again> {
    let goes_on = table.table("continue", read_continue);
    let resampled = table.table("resample", read_resample);
    if table.has("continue") && table.has("resample") {
        let advice = "an answer is either completed or asked for anew; keep one of the two";
        table.fault("resample", format!("stands beside `continue`; {advice}"));
    }
    if table.has("continue") && without_fields {
        table.fault(
            "continue",
            "goes on until the fields can be read, and there are none; add [fields], or take it \
             out",
        );
    }
    goes_on.or(resampled)
}

fn read_continue(table: &mut Table<'_>) -> Again {
    let turns_max = read_tries(table, "turns_max");
    Again::Continue { turns_max, message: table.required_text("message") }
}

fn read_resample(table: &mut Table<'_>) -> Again {
    let tries_max = read_tries(table, "tries_max");
    if !table.has("until") {
        let noun = "the score stage that says when an answer will do";
        table.report_missing("until", Form { noun, ..TEXT });
    }
    Again::Resample { tries_max, until: table.text("until").unwrap_or_default() }
}

fn read_tries(table: &mut Table<'_>, name: &'static str) -> u32 {
    if !table.has(name) {
        table.report_missing(name, Form { example: "3", ..WHOLE });
    }
    table.whole(name, TRIES).unwrap_or(2)
}

/// Letters, digits, `_` and `-`.
pub(super) fn is_word(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-')
}
