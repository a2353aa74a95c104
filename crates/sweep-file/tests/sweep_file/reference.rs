//! `config/sweeps/README.md`, the reference of the language: what it shows compiles, and it has every
//! word that the language knows.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;
use std::fs;
use std::path::{Path, PathBuf};

use iago_sweep::{
    Better, ControlKind, Effort, FigureKind, Finish, Generalise, MissingAs, Normalise, Parse, Plan,
    Sampled, Spend, Take, Tier,
};
use iago_sweep_file::{Duplicates, PromptColumns, SweepFile};

const PAGE: &str = include_str!("../../../../config/sweeps/README.md");

/// A block that is a file of its own.
const WHOLE: &str = "# whole file";

/// A block that can take the place of the one before it.
const INSTEAD: &str = "# instead";

/// What the page's files are called, with what the examples need to find in them.
const TEXTS: [(&str, &str); 6] = [
    ("base.md", "You work at {{ lab }}. Be kind. Explain each step. Answer in <ANSWER>.\n"),
    ("rules.md", "Keep to the rules."),
    ("audited.md", "{{ notice }} {{ rules }}\n{{ question }}\n{{ closing }}\n"),
    ("judge.md", "The reasoning: {{ thoughts }}\n"),
    ("schema.json", r#"{"type": "object"}"#),
    (
        "gold.jsonl",
        r#"{"prompt": "q1", "condition": "base/plain", "model": "base", "repeat": 0, "label": "good", "rater": "a"}"#,
    ),
];

/// Words of the readers that nobody writes into a file: nouns of their messages.
const NOUNS: [&str; 4] = ["direction", "generalisation", "normalisation", "occurrence"];

/// The blocks of this kind, in order.
fn blocks(kind: &str) -> Vec<String> {
    let fence = format!("```{kind}\n");
    let begun = PAGE.split(fence.as_str()).skip(1);
    begun.map(|rest| rest.split("```").next().unwrap_or_default().to_owned()).collect()
}

fn compile(file: &str) -> Plan {
    let texts = TEXTS.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let prompts = ["q1", "q2", "q3"].map(|id| {
        let text = format!("What is {id}?");
        let columns = [
            ("id", id),
            ("text", &text),
            ("answer", "4"),
            ("letter", "B"),
            ("category", "sums"),
            ("control", "yes"),
            ("licence", "CC0"),
            ("split", "test"),
        ];
        let columns = columns.map(|(column, text)| (column.to_owned(), text.to_owned()));
        PromptColumns { id: id.to_owned(), columns: columns.into() }
    });
    let compiled = SweepFile::parse("README.md", file)
        .and_then(|file| file.compile(&BTreeMap::from(texts), &prompts));
    compiled.unwrap_or_else(|errors| panic!("{errors}\n\n{file}"))
}

#[test]
fn every_example_of_the_reference_compiles() {
    let (whole, parts): (Vec<_>, Vec<_>) =
        blocks("toml").into_iter().partition(|block| block.starts_with(WHOLE));
    let (mut said, mut others) = (Vec::new(), Vec::new());
    for part in parts {
        if part.starts_with(INSTEAD) {
            let before = said.len().checked_sub(1).expect("it stands behind another block");
            others.push((before, part));
        } else {
            said.push(part);
        }
    }
    assert!(!whole.is_empty() && said.len() > 10 && !others.is_empty(), "the page has blocks");
    for file in &whole {
        compile(file);
    }
    let plan = compile(&said.concat());
    assert_eq!((plan.models.len(), plan.texts.len(), plan.gates.len()), (4, 1, 2));
    assert_eq!((plan.controls.len(), plan.gold.len()), (3, 1));
    for (place, other) in others {
        let mut said = said.clone();
        said[place] = other;
        compile(&said.concat());
    }
}

/// What stands in blocks and between backticks, in words.
fn words_in_code() -> BTreeSet<&'static str> {
    let mut words = BTreeSet::new();
    let mut is_block = false;
    for line in PAGE.lines() {
        if line.starts_with("```") {
            is_block = !is_block;
            continue;
        }
        let code = line.split('`').enumerate().filter(|(part, _)| is_block || part % 2 == 1);
        let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
        words.extend(code.flat_map(|(_, code)| code.split(move |c| !is_part(c))));
    }
    words
}

fn assert_on_the_page<'w>(from: &str, wanted: impl IntoIterator<Item = &'w str>) {
    let words = words_in_code();
    let missing: Vec<_> = wanted.into_iter().filter(|word| !words.contains(word)).collect();
    assert!(missing.is_empty(), "{from}: config/sweeps/README.md does not mention {missing:?}");
}

/// The sources that take keys.
fn readers() -> Vec<PathBuf> {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let listed = fs::read_dir(source.join("read")).expect("the readers are there");
    let mut readers: Vec<PathBuf> =
        listed.map(|entry| entry.expect("it can be listed").path()).collect();
    readers.extend([source.join("read.rs"), source.join("texts.rs")]);
    readers
}

/// Keys stand in the readers as text in lower case, and little else does.
#[test]
fn every_key_of_the_language_is_in_the_reference() {
    let is_key = |text: &&str| {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        text.len() > 1 && text.bytes().all(fits) && !NOUNS.contains(text)
    };
    for path in readers() {
        let source = fs::read_to_string(&path).expect("a reader is text");
        let code = source.split("#[cfg(test)]").next().unwrap_or_default().lines();
        let code = code.filter(|line| !line.trim_start().starts_with("//"));
        let texts = code.flat_map(|line| line.split('"').skip(1).step_by(2));
        assert_on_the_page(&path.display().to_string(), texts.filter(is_key));
    }
}

#[test]
fn every_word_of_the_closed_sets_is_in_the_reference() {
    fn say<T: Display>(all: &[T]) -> Vec<String> {
        all.iter().map(ToString::to_string).collect()
    }
    let sets = [
        say(Better::ALL),
        say(ControlKind::ALL),
        say(Duplicates::ALL),
        say(Effort::ALL),
        say(FigureKind::ALL),
        say(Finish::ALL),
        say(Generalise::ALL),
        say(MissingAs::ALL),
        say(Normalise::ALL),
        say(Parse::ALL),
        say(Sampled::ALL),
        say(Spend::ALL),
        say(Take::ALL),
        say(Tier::ALL),
    ];
    assert_on_the_page("iago_sweep", sets.iter().flatten().map(String::as_str));
}
