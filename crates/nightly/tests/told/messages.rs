//! Messages: for programs, for Slack, and who gets which.

use iago_nightly::{
    Missed, Morning, RunState, Schedule, TellOn, Terms, Word, message, notices, slack,
};
use iago_sweep::Digest;
use serde_json::{Value, json};

use crate::mornings::{self, key, run, simulated};

/// Receivers of a schedule, as they stand in its file.
fn schedule(tell: &str) -> Schedule {
    let terms = format!(
        "sweep = \"s.toml\"\ncron = \"0 2 * * *\"\nzone = \"Europe/Zurich\"\ntell = [{tell}]"
    );
    Terms::read(&terms).expect("it is one").pin(key().schedule, Digest::of("sweep"))
}

fn ids(schedule: &Schedule, state: RunState, morning: &Morning) -> Vec<String> {
    notices(schedule, &run(state), morning).into_iter().map(|(_, id, _)| id).collect()
}

#[test]
fn a_message_for_programs_has_every_number() {
    let mut message = message(&simulated(mornings::regression()), "one");
    round(&mut message);
    insta::assert_snapshot!(serde_json::to_string_pretty(&message).unwrap());
}

/// To six decimals: the last ones differ between machines.
fn round(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let cut = number.as_f64().filter(|_| number.is_f64());
            *value = cut.map_or_else(|| json!(number), |cut| json!((cut * 1e6).round() / 1e6));
        }
        Value::Array(list) => list.iter_mut().for_each(round),
        Value::Object(fields) => fields.values_mut().for_each(round),
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

#[test]
fn every_field_of_a_message_stands_in_the_readme() {
    let readme = include_str!("../../README.md");
    let section = readme.split("### `iago.night.v1`").nth(1).unwrap();
    let section = section.split("\n## ").next().unwrap();
    let mut told: Vec<&str> =
        section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect();
    let message = message(&mornings::regression(), "one");
    let mut fields = Vec::new();
    for (field, value) in message.as_object().unwrap() {
        fields.push(field.clone());
        let inside = if let Value::Array(list) = value { list.first() } else { Some(value) };
        for (inner, deep) in inside.and_then(Value::as_object).into_iter().flatten() {
            fields.push(format!("{field}.{inner}"));
            let deep = if inner == "numbers" { deep.as_object() } else { None };
            let deep = deep.into_iter().flatten();
            fields.extend(deep.map(|(deepest, _)| format!("{field}.{inner}.{deepest}")));
        }
    }
    told.sort_unstable();
    fields.sort_unstable();
    // Causes are none of a regression.
    fields.extend(["causes.word", "causes.sentence"].map(str::to_owned));
    fields.sort_unstable();
    assert_eq!(told, fields);
}

#[test]
fn every_morning_is_a_message_of_its_word() {
    for (name, morning) in mornings::all() {
        let told = message(&morning, "id");
        let said = if morning.missed { "missed" } else { morning.word.word() };
        assert_eq!(
            (&told["type"], &told["word"]),
            (&json!("iago.night.v1"), &json!(said)),
            "{name}"
        );
        assert_eq!(told["exit_code"], json!(morning.word.exit_code()), "{name}");
    }
}

#[test]
fn slack_shows_a_regression() {
    let told = slack(&simulated(mornings::regression()));
    insta::assert_snapshot!(serde_json::to_string_pretty(&told).unwrap());
}

#[test]
fn slack_takes_every_morning() {
    let mut crowded = mornings::hostile();
    let verdict = crowded.verdict.as_mut().unwrap();
    verdict.gates = verdict.gates.iter().cycle().take(300).cloned().collect();
    verdict.gates[0].measure = "<&>".repeat(3_000);
    let mornings = mornings::all().into_iter().map(|(_, morning)| morning).chain([crowded]);
    for morning in mornings {
        let told = slack(&simulated(morning));
        let blocks = told["blocks"].as_array().unwrap();
        assert!((2..=50).contains(&blocks.len()));
        let head = blocks[0]["text"]["text"].as_str().unwrap();
        assert!(head.starts_with("SIMULATED ") && head.chars().count() <= 150, "{head}");
        for text in texts(&told) {
            assert!((1..=3_000).contains(&text.chars().count()), "{}", text.len());
        }
        assert!(texts(&told).last().unwrap().starts_with("SIMULATED: planted"));
    }
}

#[test]
fn slack_is_sent_no_markup_of_others() {
    for text in texts(&slack(&mornings::hostile())).into_iter().skip(1) {
        assert!(!text.contains(['<', '>', '\u{202e}', '\u{1b}']), "{text}");
    }
}

#[test]
fn slack_makes_no_links_of_what_looks_like_one() {
    let told = slack(&simulated(mornings::hostile()));
    let blocks = told["blocks"].as_array().unwrap();
    let markup = blocks.iter().filter_map(|block| {
        let section = block.get("text").filter(|text| text["type"] == "mrkdwn");
        section.or(block.pointer("/elements/0"))
    });
    let markup: Vec<&Value> = markup.collect();
    assert_eq!(markup.len(), blocks.len() - 1, "all but the heading");
    assert!(markup.iter().all(|text| text["verbatim"] == json!(true)), "{told}");
}

/// What Slack reads as text: the heading, in which nothing is markup, the fallback, then every other block's.
fn texts(told: &Value) -> Vec<String> {
    let of_block = |block: &Value| {
        let section = block.pointer("/text/text").or(block.pointer("/elements/0/text"));
        section.and_then(Value::as_str).unwrap_or_default().to_owned()
    };
    let blocks = told["blocks"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut texts: Vec<String> = blocks.iter().map(of_block).collect();
    texts.insert(1, told["text"].as_str().unwrap_or_default().to_owned());
    texts
}

#[test]
fn whoever_is_told_gets_a_message_in_the_form_that_they_want_under_an_id_that_never_changes() {
    let schedule = schedule(
        "{ webhook = \"slack\" }, { webhook = \"ops\", format = \"json\" }, \
         { webhook = \"log\", on = [\"pass\"] }",
    );
    let regression = mornings::regression();
    let told = notices(&schedule, &run(RunState::Ended), &regression);
    let expected =
        ["slack", "ops"].map(|to| format!("assistant-nightly/2026-09-15T00:00:00Z/{to}"));
    assert_eq!(told.iter().map(|(_, id, _)| id.clone()).collect::<Vec<_>>(), expected);
    assert!(told[0].2["blocks"].is_array());
    assert_eq!(told[1].2["id"], json!(expected[1]));
    assert_eq!(told, notices(&schedule, &run(RunState::Ended), &regression));
    let pass = ids(&schedule, RunState::Ended, &mornings::quiet());
    assert_eq!(pass, ["assistant-nightly/2026-09-15T00:00:00Z/log"]);
}

#[test]
fn who_wants_to_hear_of_missed_nights_hears_of_them_and_not_of_outages() {
    let schedule = schedule("{ webhook = \"a\", on = [\"missed\"] }");
    let missed = RunState::Missed { why: Missed::Late };
    assert_eq!(ids(&schedule, missed, &mornings::missed()).len(), 1);
    assert_eq!(ids(&schedule, RunState::Ended, &mornings::infrastructure()), [""; 0]);
}

#[test]
fn every_word_is_an_occasion_of_its_own() {
    for word in Word::ALL {
        assert_eq!(TellOn::from(*word).word(), word.word());
    }
    assert_eq!(TellOn::ALL.len(), Word::ALL.len() + 1);
}
