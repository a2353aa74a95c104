//! What code says of an answer.

use iago_grading::score;
use iago_sweep::{Expected, Label, Normalise, Says, Scorer};
use proptest::prelude::*;

fn expected(normalise: &[Normalise]) -> Expected {
    Expected { field: "answer".into(), text: String::new(), normalise: normalise.to_vec() }
}

fn number(within: f64) -> Scorer {
    Scorer::Number { field: "answer".into(), equals: String::new(), within }
}

fn choice() -> Scorer {
    let among = ["A", "B", "C", "D"].map(str::to_owned).to_vec();
    Scorer::Choice { field: "answer".into(), among, equals: String::new() }
}

fn overlap(share: f64) -> Scorer {
    Scorer::Overlap { field: "answer".into(), with: String::new(), share }
}

fn regex(pattern: &str) -> Scorer {
    Scorer::Regex { field: "answer".into(), pattern: pattern.into() }
}

fn schema(schema: &str) -> Scorer {
    Scorer::Schema { field: "answer".into(), schema: schema.into() }
}

#[track_caller]
fn expect(scorer: &Scorer, field: &str, expected: &str, says: &str) {
    let label = match score(scorer, Some(field), Some(expected)) {
        Label::Word(word) => word,
        Label::Abstained => "unknown".to_owned(),
    };
    assert_eq!(label, says, "{field:?} against {expected:?}");
}

#[test]
fn exact_compares_what_is_left_after_normalisation() {
    let number = Scorer::Exact(expected(&[Normalise::Trim, Normalise::Number]));
    expect(&number, "1,200.", "1200.0", "yes");
    expect(&number, "1201", "1200", "no");
    expect(&number, "twelve", "12", "no");
    let words = Scorer::Exact(expected(&[
        Normalise::Lowercase,
        Normalise::Punctuation,
        Normalise::Spaces,
        Normalise::Trim,
    ]));
    expect(&words, "  It's  OVER!", "its over", "yes");
    expect(&Scorer::Exact(expected(&[])), "Paris", "paris", "no");
}

#[test]
fn contains_and_prefix_look_for_the_expected_text() {
    let lowercase = [Normalise::Lowercase];
    expect(&Scorer::Contains(expected(&lowercase)), "It is PARIS.", "Paris", "yes");
    expect(&Scorer::Contains(expected(&lowercase)), "It is Rome.", "Paris", "no");
    expect(&Scorer::Prefix(expected(&[])), "<accept> Sure", "<accept>", "yes");
    expect(&Scorer::Prefix(expected(&[])), "No <accept>", "<accept>", "no");
}

#[test]
fn a_blank_expected_text_is_missing_and_fits_nothing() {
    for scorer in [
        Scorer::Exact(expected(&[])),
        Scorer::Contains(expected(&[])),
        Scorer::Prefix(expected(&[])),
    ] {
        expect(&scorer, "anything", " ", "unknown");
    }
    expect(&Scorer::Exact(expected(&[Normalise::Punctuation])), "??", "!!", "unknown");
}

#[test]
fn a_field_of_which_nothing_is_left_is_unknown_and_not_wrong() {
    for scorer in [Scorer::Exact, Scorer::Contains, Scorer::Prefix] {
        expect(&scorer(expected(&[Normalise::Punctuation])), "? ??", "Paris", "unknown");
        expect(&scorer(expected(&[])), "???", "Paris", "no");
    }
    expect(&overlap(0.5), "???", "Paris", "unknown");
}

#[test]
fn a_choice_is_right_wrong_or_none() {
    expect(&choice(), "The answer is (B).", "B", "yes");
    expect(&choice(), "b", "B", "yes");
    expect(&choice(), "C", "B", "no");
    expect(&choice(), "B or C", "B", "unknown");
    expect(&choice(), "neither", "B", "unknown");
    expect(&choice(), "B", "E", "unknown");
}

#[test]
fn a_number_is_near_enough_or_not() {
    expect(&number(0.01), "0.30", "0.29", "yes");
    expect(&number(0.01), "0.31", "0.29", "no");
    expect(&number(0.0), "1,000", "1e3", "yes");
    expect(&number(0.0), "about 3", "3", "unknown");
    expect(&number(0.0), "3", "three", "unknown");
}

#[test]
fn an_overlap_counts_the_words_that_were_kept() {
    expect(&overlap(0.7), "the quick brown fox", "The quick, brown dog", "yes");
    expect(&overlap(0.8), "the quick brown fox", "The quick, brown dog", "no");
    expect(&overlap(0.5), "anything", "--", "unknown");
}

#[test]
fn a_regex_and_a_schema_need_nothing_expected() {
    let says = |scorer: &Scorer, field| score(scorer, Some(field), None);
    let word = |word: &str| Label::Word(word.into());
    assert_eq!(says(&regex("^I (can't|won't)"), "I won't."), word("yes"));
    assert_eq!(says(&regex("^I (can't|won't)"), "Sure."), word("no"));
    assert_eq!(says(&schema(r#"{"required": ["a"]}"#), r#"{"a": 1}"#), word("yes"));
    assert_eq!(says(&schema(r#"{"required": ["a"]}"#), "a: 1"), word("no"));
}

#[test]
fn what_is_not_there_is_unknown_to_every_scorer() {
    for scorer in all_scorers() {
        assert_eq!(score(&scorer, None, Some("x")), Label::Abstained, "{scorer:?}");
        let needs_expected = !scorer.templates().is_empty();
        let without = score(&scorer, Some("x"), None);
        assert!(!needs_expected || without == Label::Abstained, "{scorer:?}");
    }
}

fn all_scorers() -> Vec<Scorer> {
    let program = "p".to_owned();
    vec![
        Scorer::Exact(expected(Normalise::ALL)),
        Scorer::Contains(expected(&[Normalise::Lowercase])),
        Scorer::Prefix(expected(&[])),
        regex("a|b"),
        regex("("),
        choice(),
        number(0.5),
        number(f64::NAN),
        overlap(0.5),
        schema(r#"{"type": "object"}"#),
        schema("{"),
        Scorer::External { program, sees: Vec::new(), says: Says::Number },
    ]
}

proptest! {
    #[test]
    fn every_scorer_says_one_of_its_labels_or_abstains(
        field in prop::option::of(".*|[-+0-9.,eE]{0,12}"),
        expected in prop::option::of(".*|[-+0-9.,eE]{0,12}|[A-D]"),
    ) {
        for scorer in all_scorers() {
            if let Label::Word(word) = score(&scorer, field.as_deref(), expected.as_deref()) {
                prop_assert!(scorer.labels().contains(&word.as_str()));
            }
        }
    }

    #[test]
    fn what_is_expected_is_right(text in "[a-zA-Z0-9é]{1,10}( [a-z]{1,5})?") {
        for normalise in [&[][..], Normalise::ALL] {
            for scorer in [
                Scorer::Exact(expected(normalise)),
                Scorer::Contains(expected(normalise)),
                Scorer::Prefix(expected(normalise)),
                overlap(1.0),
            ] {
                prop_assert_eq!(score(&scorer, Some(&text), Some(&text)), Label::Word("yes".into()));
            }
        }
    }
}
