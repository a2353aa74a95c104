//! Raw text → fields: the ways in which models break a format, and the ways in which they only seem to.

use iago_grading::{Parsed, parse_answer};
use iago_sweep::{Field, Finish, Parse, Required, Source, Take, Text};
use proptest::prelude::*;

fn field(name: &str, tag: &str, repeated: bool, outside: Option<&str>) -> Field {
    Field {
        name: name.into(),
        source: Source::Tag(tag.into()),
        repeated,
        required: Required::Always,
        outside: outside.map(Into::into),
        take: Take::First,
    }
}

fn fields() -> [Field; 2] {
    [field("reasoning", "PAD", true, None), field("answer", "OUTPUT", false, Some("PAD"))]
}

fn parse_as(raw: &str, required: &[bool], finish: Finish) -> Parsed {
    parse_answer(&fields(), required, &Text { raw: raw.into(), ..Text::default() }, finish)
}

fn parse(raw: &str) -> Parsed {
    parse_as(raw, &[true, true], Finish::Stop)
}

#[track_caller]
fn expect_fields(raw: &str, reasoning: &str, answer: &str) {
    let parsed = parse(raw);
    let read = |name: &str| parsed.fields.get(name).map(String::as_str);
    assert_eq!(
        (parsed.parse, read("reasoning"), read("answer")),
        (Parse::Ok, Some(reasoning), Some(answer)),
        "{raw}"
    );
}

#[test]
fn a_draft_in_the_scratchpad_is_not_the_answer() {
    expect_fields(
        "<PAD>Draft: <OUTPUT>Sure!</OUTPUT> No.</PAD>\n<OUTPUT> I will not. </OUTPUT>",
        "Draft: <OUTPUT>Sure!</OUTPUT> No.",
        "I will not.",
    );
}

#[test]
fn a_tag_that_is_only_mentioned_breaks_nothing() {
    let mention = "I will write <OUTPUT> later";
    expect_fields(&format!("<PAD>{mention}</PAD><OUTPUT>x</OUTPUT>"), mention, "x");
    let mention = "I must end it with </OUTPUT>";
    expect_fields(&format!("<PAD>{mention}</PAD><OUTPUT>x</OUTPUT>"), mention, "x");
    let mention = "I am to think in <PAD> tags.";
    expect_fields(&format!("<PAD>{mention}</PAD><OUTPUT>x</OUTPUT>"), mention, "x");
    let mention = "My <PAD> stays private.";
    expect_fields(&format!("<PAD>r</PAD><OUTPUT>{mention}</OUTPUT>"), "r", mention);
}

#[test]
fn all_scratchpad_blocks_are_the_reasoning_in_order() {
    expect_fields(
        "<PAD>I could help.</PAD> <PAD>\nNo, I changed my mind.</PAD><PAD> </PAD><OUTPUT>No.</OUTPUT>",
        "I could help.\n\nNo, I changed my mind.",
        "No.",
    );
}

#[test]
fn drafts_between_scratchpad_blocks_do_count_as_the_first_answer() {
    let raw = "<PAD>a</PAD><OUTPUT>first</OUTPUT><PAD>b</PAD><OUTPUT>second</OUTPUT>";
    expect_fields(raw, "a\n\nb", "first");
}

#[test]
fn an_answer_within_an_answer_belongs_to_it() {
    expect_fields(
        "<PAD>r</PAD><OUTPUT>Say <OUTPUT>this</OUTPUT> to them.</OUTPUT>",
        "r",
        "Say <OUTPUT>this</OUTPUT> to them.",
    );
}

#[test]
fn what_is_wrong_is_said_by_its_first_cause() {
    for (raw, expected) in [
        ("", Parse::Empty),
        (" \n\t", Parse::Empty),
        ("I'm sorry, I can't help with that.", Parse::Missing),
        ("<PAD>r</PAD> and no output tag", Parse::Missing),
        ("<pad>r</pad><output>x</output>", Parse::Missing),
        ("<PAD>r</PAD><Output>x</Output>", Parse::Missing),
        ("<PAD>r</PAD><OUTPUT>x", Parse::Unclosed),
        ("<PAD>r</PAD><OUTPUT> </OUTPUT>", Parse::Empty),
        ("<PAD> </PAD><OUTPUT>x</OUTPUT>", Parse::Empty),
        ("<PAD>never closed <OUTPUT>x</OUTPUT>", Parse::Unclosed),
        ("<PAD>never closed, no answer", Parse::Unclosed),
        ("<PAD>a</PAD><PAD>never closed <OUTPUT>x</OUTPUT>", Parse::Unclosed),
        ("<OUTPUT>x</OUTPUT>", Parse::Missing),
    ] {
        assert_eq!(parse(raw).parse, expected, "{raw}");
    }
}

#[test]
fn the_answer_in_an_unclosed_scratchpad_is_never_read() {
    let parsed = parse("<PAD>never closed <OUTPUT>x</OUTPUT>");
    assert!(!parsed.fields.contains_key("answer"));
    let optional = parse_as("<PAD>never closed <OUTPUT>x</OUTPUT>", &[false, true], Finish::Stop);
    assert_eq!(optional.parse, Parse::Unclosed, "also where the scratchpad is optional");
}

#[test]
fn the_finish_explains_what_cannot_be_read_and_nothing_else() {
    for finish in Finish::ALL.iter().filter(|finish| **finish != Finish::Empty) {
        assert_eq!(
            parse_as("<PAD>r</PAD><OUTPUT>x</OUTPUT>", &[true, true], *finish).parse,
            Parse::Ok
        );
    }
    for raw in ["", "<PAD>r</PAD><OUTPUT>x", "no tags", "<PAD></PAD>"] {
        let parse = |finish| parse_as(raw, &[true, true], finish).parse;
        assert_eq!(parse(Finish::Refusal), Parse::Refused, "{raw}");
        assert_eq!(parse(Finish::Filter), Parse::Refused, "{raw}");
        assert_eq!(parse(Finish::Length), Parse::Truncated, "{raw}");
    }
    let prefilled = parse_as("<OUTPUT>", &[false, true], Finish::Empty);
    assert_eq!(prefilled.parse, Parse::Empty, "nothing was said behind the prefill");
}

#[test]
fn an_optional_field_that_is_absent_is_simply_not_there() {
    let parsed = parse_as("<OUTPUT>x</OUTPUT>", &[false, true], Finish::Stop);
    assert_eq!(parsed.parse, Parse::Ok);
    assert_eq!(parsed.fields.into_iter().collect::<Vec<_>>(), [("answer".into(), "x".into())]);
}

#[test]
fn silence_is_empty_even_where_nothing_is_required() {
    assert_eq!(parse_as(" ", &[false, false], Finish::Stop).parse, Parse::Empty);
    assert_eq!(parse_as("words", &[false, false], Finish::Stop).parse, Parse::Ok);
}

/// Text made of tags, halves of tags and words, where most of the trouble is.
fn tangled() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(vec![
        "<PAD>",
        "</PAD>",
        "<OUTPUT>",
        "</OUTPUT>",
        "<",
        ">",
        "/",
        "PAD",
        "OUT",
        "PUT",
        " ",
        "\n",
        "é",
        "x",
    ]);
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn no_text_is_too_strange(
        raw in ".*", required in any::<[bool; 2]>(), finish in 0..Finish::ALL.len(),
    ) {
        parse_as(&raw, &required, Finish::ALL[finish]);
    }

    #[test]
    fn what_is_read_is_trimmed_text_of_the_answer(raw in tangled()) {
        let parsed = parse(&raw);
        for content in parsed.fields.values() {
            prop_assert!(!content.is_empty());
            prop_assert_eq!(content.trim(), content);
        }
        if let Some(answer) = parsed.fields.get("answer") {
            let scratchpad = answer.split_once("<PAD>").map_or("", |(_, behind)| behind);
            prop_assert!(!scratchpad.contains("</PAD>"), "a judge would see a scratchpad");
        }
        prop_assert_eq!(parsed.parse == Parse::Ok, parsed.fields.len() == 2);
    }

    #[test]
    fn fields_that_were_written_are_read_back(
        reasoning in prop::collection::vec("[a-zé<>/ ]{0,8}[a-z]", 1..4),
        answer in "[a-zé<>/ ]{0,8}[a-z]",
        before in "[a-z ]{0,5}", after in "[a-z ]{0,5}",
    ) {
        let pads: Vec<String> = reasoning.iter().map(|block| format!("<PAD>{block}</PAD>")).collect();
        let raw = format!("{before}{}\n<OUTPUT>{answer}</OUTPUT>{after}", pads.join(&before));
        let parsed = parse(&raw);
        let trimmed: Vec<&str> = reasoning.iter().map(|block| block.trim()).collect();
        prop_assert_eq!(parsed.parse, Parse::Ok);
        prop_assert_eq!(&parsed.fields["reasoning"], &trimmed.join("\n\n"));
        prop_assert_eq!(parsed.fields["answer"].as_str(), answer.trim());
    }

    #[test]
    fn a_scratchpad_in_front_never_changes_the_answer(
        quoted in "[a-z ]{0,6}", draft in "[a-z]{1,6}", answer in "[a-z]{1,6}",
    ) {
        for scratchpad in [
            format!("{quoted}<OUTPUT>{draft}</OUTPUT>"),
            format!("{quoted}<OUTPUT>{draft}"),
            format!("{quoted}</OUTPUT>{draft}"),
            format!("{quoted}<PAD>{draft}</PAD>"),
        ] {
            let parsed = parse(&format!("<PAD>{scratchpad}.</PAD><OUTPUT>{answer}</OUTPUT>"));
            prop_assert_eq!(&parsed.fields["answer"], &answer);
        }
    }
}
