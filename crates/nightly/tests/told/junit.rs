//! JUnit XML, read back by a parser that knows nothing of ours, and held to the structure that build servers
//! expect.

use iago_nightly::{Morning, Word, junit};
use proptest::prelude::*;
use roxmltree::{Document, Node};

use crate::mornings;

/// What each element may hold, and which attributes it has to have, as in the schema that Jenkins and GitLab
/// read by.
const ELEMENTS: [(&str, &[&str], &[&str]); 8] = [
    ("testsuites", &["testsuite"], &["name", "tests", "failures", "errors", "time"]),
    (
        "testsuite",
        &["properties", "testcase"],
        &["name", "tests", "failures", "errors", "skipped", "time", "timestamp"],
    ),
    ("properties", &["property"], &[]),
    ("property", &[], &["name", "value"]),
    ("testcase", &["failure", "error", "system-out"], &["name", "classname", "time"]),
    ("failure", &[], &["message", "type"]),
    ("error", &[], &["message", "type"]),
    ("system-out", &[], &[]),
];

fn assert_structure(node: Node<'_, '_>) {
    let tag = node.tag_name().name();
    let known = ELEMENTS.iter().find(|(name, ..)| *name == tag);
    let (_, inside, attributes) = known.unwrap_or_else(|| panic!("<{tag}> is not JUnit's"));
    let has: Vec<&str> = node.attributes().map(|attribute| attribute.name()).collect();
    let missing: Vec<_> = attributes.iter().filter(|name| !has.contains(name)).collect();
    assert_eq!((has.len(), missing), (attributes.len(), Vec::new()), "<{tag}> has {has:?}");
    for child in node.children().filter(Node::is_element) {
        assert!(inside.contains(&child.tag_name().name()), "<{:?}> in <{tag}>", child.tag_name());
        assert_structure(child);
    }
}

/// (cases, failures, errors), counted in the document and as its attributes say.
fn counts(morning: &Morning) -> (usize, usize, usize) {
    let xml = junit(morning);
    let document = Document::parse(&xml).unwrap_or_else(|error| panic!("{error}: {xml}"));
    assert_structure(document.root_element());
    let count = |tag| document.descendants().filter(|node| node.has_tag_name(tag)).count();
    let counts = (count("testcase"), count("failure"), count("error"));
    let names = ["testsuites", "testsuite"];
    for suite in document.descendants().filter(|node| names.contains(&node.tag_name().name())) {
        let said = ["tests", "failures", "errors"].map(|name| suite.attribute(name));
        let counted = [counts.0, counts.1, counts.2].map(|count| count.to_string());
        assert_eq!(said, counted.each_ref().map(|count| Some(count.as_str())));
    }
    counts
}

#[test]
fn every_morning_is_junit_and_only_a_pass_is_green() {
    for (name, morning) in mornings::all() {
        let (cases, failures, errors) = counts(&morning);
        assert!(cases > 0, "{name}");
        assert_eq!(failures + errors == 0, morning.word == Word::Pass, "{name}");
    }
}

#[test]
fn a_regression_is_a_failure_and_all_else_that_is_no_pass_an_error() {
    assert_eq!(counts(&mornings::quiet()), (3, 0, 0));
    assert_eq!(counts(&mornings::regression()), (3, 1, 0));
    assert_eq!(counts(&mornings::inconclusive()), (3, 0, 1));
    for morning in [
        mornings::infrastructure(),
        mornings::changed_model(),
        mornings::changed_judge(),
        mornings::unreliable_baseline(),
        mornings::late(),
    ] {
        assert_eq!(counts(&morning), (1, 0, 1));
    }
}

#[test]
fn a_night_without_gates_or_without_a_verdict_has_one_case_that_is_an_error() {
    for morning in [
        mornings::without_gates(),
        mornings::expired(),
        mornings::not_started(),
        mornings::missed(),
        Morning { word: Word::Pass, ..mornings::without_gates() },
    ] {
        assert_eq!(counts(&morning), (1, 0, 1), "{}", morning.word);
    }
}

#[test]
fn an_advisory_gate_never_fails_and_alone_does_not_pass_the_night() {
    let mut morning = mornings::regression();
    for gate in morning.verdict.iter_mut().flat_map(|verdict| &mut verdict.gates) {
        gate.tier = iago_sweep::Tier::Advisory;
    }
    morning.word = Word::Inconclusive;
    assert_eq!(counts(&morning), (4, 0, 1));
    let xml = junit(&morning);
    assert!(xml.contains("<system-out>regression (advisory)"), "{xml}");
}

#[test]
fn the_suite_says_which_night_it_is() {
    let xml = junit(&mornings::simulated(mornings::regression()));
    let document = Document::parse(&xml).unwrap();
    let properties = document.descendants().filter(|node| node.has_tag_name("property"));
    let properties: Vec<(&str, &str)> = properties
        .map(|node| (node.attribute("name").unwrap(), node.attribute("value").unwrap()))
        .collect();
    assert_eq!(
        properties,
        [
            ("word", "regression"),
            ("exit_code", "1"),
            ("simulated", "true"),
            ("sweep", "s101"),
            ("baseline", "assistant-nightly/2026-09-14"),
            ("baseline_sweep", "s93"),
            ("due", "2026-09-15T00:00:00Z"),
            ("spent", "$11.20"),
        ]
    );
    let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
    assert_eq!(suite.attribute("name"), Some("SIMULATED assistant-nightly 2026-09-15T00:00:00Z"));
    assert_eq!(suite.attribute("time"), Some("2460"));
}

#[test]
fn names_made_to_do_harm_stay_inside_their_attributes() {
    let (cases, failures, _) = counts(&mornings::hostile());
    assert_eq!((cases, failures), (3, 1));
    let xml = junit(&mornings::hostile());
    assert!(!xml.contains("<script>") && !xml.contains(['\u{0}', '\u{1b}', '\u{ffff}']), "{xml}");
    let document = Document::parse(&xml).unwrap();
    let case = document.descendants().find(|node| node.has_tag_name("testcase")).unwrap();
    assert!(case.attribute("name").unwrap().starts_with("</failure><script>"));
}

fn named(name: &str) -> Morning {
    let mut morning = mornings::regression();
    name.clone_into(&mut morning.name);
    morning.run = None;
    for gate in morning.verdict.iter_mut().flat_map(|verdict| &mut verdict.gates) {
        name.clone_into(&mut gate.measure);
    }
    morning
}

proptest! {
    #[test]
    fn no_name_breaks_the_document(name in any::<String>()) {
        prop_assert_eq!(counts(&named(&name)), (3, 1, 0));
    }

    #[test]
    fn a_name_that_can_be_read_is_read_back_as_it_is(name in "[ -~äéß漢→]{1,40}") {
        let xml = junit(&named(&name));
        let document = Document::parse(&xml).unwrap();
        let case = document.descendants().find(|node| node.has_tag_name("testcase")).unwrap();
        prop_assert_eq!(case.attribute("name"), Some(name.as_str()));
    }
}
