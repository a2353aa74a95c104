//! Raw text → fields, for every source that a field can have: what a model must not get away with, and what must not be
//! held against it.

use iago_grading::{Parsed, parse_answer};
use iago_sweep::{Field, Finish, Parse, Required, Source, Take, Text};
use proptest::prelude::*;

fn field(source: Source) -> Field {
    Field {
        name: "answer".into(),
        source,
        repeated: false,
        required: Required::Always,
        outside: None,
        take: Take::First,
    }
}

fn tag(tag: &str) -> Field {
    field(Source::Tag(tag.into()))
}

fn regex(pattern: &str) -> Field {
    field(Source::Regex(pattern.into()))
}

fn last(field: Field) -> Field {
    Field { take: Take::Last, ..field }
}

fn outside(field: Field) -> Field {
    Field { outside: Some("PAD".into()), ..field }
}

fn repeated(field: Field) -> Field {
    Field { repeated: true, ..field }
}

fn text(raw: &str) -> Text {
    Text { raw: raw.into(), ..Text::default() }
}

fn parse(field: &Field, raw: &str) -> Parsed {
    parse_answer(std::slice::from_ref(field), &[true], &text(raw), Finish::Stop)
}

#[track_caller]
fn expect(field: &Field, raw: &str, parse: Parse, answer: &str) {
    let parsed = self::parse(field, raw);
    let read = parsed.fields.get("answer").map_or("", String::as_str);
    assert_eq!((parsed.parse, read), (parse, answer), "{raw}");
}

#[test]
fn a_draft_in_the_scratchpad_is_no_answer_for_any_source() {
    let raw = "<PAD>Draft: <OUT>yes</OUT> Answer: yes</PAD>\n<OUT>no</OUT> Answer: no";
    expect(&outside(tag("OUT")), raw, Parse::Ok, "no");
    expect(&outside(regex(r"Answer: (\w+)")), raw, Parse::Ok, "no");
    expect(&outside(field(Source::Whole)), raw, Parse::Ok, "<OUT>no</OUT> Answer: no");
    expect(&regex(r"Answer: (\w+)"), raw, Parse::Ok, "yes");
}

#[test]
fn a_tag_quoted_in_the_scratchpad_opens_nothing_outside_of_it() {
    let raw = "<PAD>It goes in <OUT> tags, like <PAD>this</PAD>.</PAD><OUT>x</OUT>";
    expect(&outside(tag("OUT")), raw, Parse::Ok, "x");
}

#[test]
fn a_tag_in_another_case_is_another_tag() {
    for raw in ["<out>x</out>", "<Out>x</Out>", "<OUT>x</out>", "< OUT>x</OUT>", "<OUT >x</OUT>"] {
        let parsed = parse(&tag("OUT"), raw);
        assert_ne!(parsed.parse, Parse::Ok, "{raw}");
        assert!(parsed.fields.is_empty(), "{raw}");
    }
    expect(&regex("(?i)<out>(.*)</out>"), "<Out>x</ouT>", Parse::Ok, "x");
}

#[test]
fn a_mind_changed_between_blocks_is_all_there_in_order() {
    let raw = "<PAD>I could.</PAD>\n<PAD>I will not.</PAD><OUT>yes</OUT><OUT>no</OUT>";
    expect(&repeated(tag("PAD")), raw, Parse::Ok, "I could.\n\nI will not.");
    expect(&tag("PAD"), raw, Parse::Ok, "I could.");
    expect(&last(tag("PAD")), raw, Parse::Ok, "I will not.");
    expect(&last(tag("OUT")), raw, Parse::Ok, "no");
}

#[test]
fn the_last_block_counts_only_if_it_ended() {
    expect(&last(tag("OUT")), "<OUT>yes</OUT> or rather <OUT>n", Parse::Unclosed, "");
    expect(&tag("OUT"), "<OUT>yes</OUT> or rather <OUT>n", Parse::Ok, "yes");
    expect(&last(tag("OUT")), "<OUT>yes</OUT><OUT> </OUT>", Parse::Empty, "");
}

#[test]
fn an_unclosed_scratchpad_swallows_what_comes_behind_it() {
    let raw = "Answer: early <PAD>I think <OUT>yes</OUT> Answer: yes";
    expect(&outside(tag("OUT")), raw, Parse::Unclosed, "");
    expect(&outside(field(Source::Whole)), raw, Parse::Unclosed, "");
    expect(&outside(last(regex(r"Answer: (\w+)"))), raw, Parse::Ok, "early");
    expect(&outside(regex(r"Answer: (yes)")), raw, Parse::Unclosed, "");
    expect(&outside(tag("OUT")), "<PAD>a</PAD><OUT>no</OUT><PAD>never", Parse::Ok, "no");
}

#[test]
fn tags_within_tags_belong_to_the_outer_one() {
    expect(&tag("OUT"), "<OUT>a<OUT>b</OUT>c</OUT>", Parse::Ok, "a<OUT>b</OUT>c");
    expect(&tag("OUT"), "<A><OUT>a<B>b</B></OUT></A>", Parse::Ok, "a<B>b</B>");
    expect(&outside(tag("OUT")), "<OUT>a<PAD>b</PAD>c</OUT>", Parse::Ok, "a\nc");
}

#[test]
fn a_regex_gives_its_first_group_or_all_of_it() {
    let number = r"(?i)answer:\s*(-?[0-9.,]+)";
    expect(&last(regex(number)), "Answer: 3\nno, answer: -1,200.", Parse::Ok, "-1,200.");
    expect(&regex(number), "Answer: 3\nno, answer: 4", Parse::Ok, "3");
    expect(&repeated(regex(number)), "Answer: 3\nno, answer: 4", Parse::Ok, "3\n\n4");
    expect(&regex("[a-z]+@[a-z]+"), "to me@home", Parse::Ok, "me@home");
    expect(&regex("(a)|(b)"), "b", Parse::Empty, "");
    expect(&regex(number), "it is 3", Parse::Missing, "");
}

#[test]
fn a_last_match_that_takes_too_much_to_find_is_missing() {
    let letter = || regex("[A-Z]");
    let usual = "A".repeat(46_000);
    expect(&last(letter()), &usual, Parse::Ok, "A");
    let hostile = "A".repeat(60_000);
    expect(&last(letter()), &hostile, Parse::Missing, "");
    expect(&repeated(letter()), &hostile, Parse::Missing, "");
    expect(&letter(), &hostile, Parse::Ok, "A");
}

#[test]
fn a_regex_that_does_not_compile_finds_nothing() {
    expect(&regex("("), "(", Parse::Missing, "");
}

#[test]
fn the_whole_reply_is_the_reply_without_its_margins() {
    expect(&field(Source::Whole), " I will.\n", Parse::Ok, "I will.");
    expect(&field(Source::Whole), " \n", Parse::Empty, "");
    expect(&outside(field(Source::Whole)), "<PAD>thoughts</PAD> ", Parse::Empty, "");
    expect(&outside(field(Source::Whole)), "a <PAD>b</PAD> c", Parse::Ok, "a \n c");
}

#[test]
fn reasoning_is_what_the_provider_returned_apart_from_the_reply() {
    let parse = |reasoning: Option<&str>, raw: &str| {
        let text = Text { reasoning: reasoning.map(Into::into), ..text(raw) };
        parse_answer(&[field(Source::Reasoning)], &[true], &text, Finish::Stop)
    };
    assert_eq!(parse(Some(" hm "), "No.").fields["answer"], "hm");
    assert_eq!(parse(None, "<PAD>hm</PAD>").parse, Parse::Missing);
    assert_eq!(parse(Some(" "), "No.").parse, Parse::Empty);
    assert_eq!(parse(Some("hm"), " ").parse, Parse::Empty, "it thought, and said nothing");
}

#[test]
fn an_unclosed_tag_of_the_reply_swallows_no_reasoning() {
    let fields =
        [outside(tag("OUT")), Field { name: "thoughts".into(), ..field(Source::Reasoning) }];
    let parsed = parse_answer(&fields, &[false, true], &text("<PAD>never"), Finish::Stop);
    assert_eq!(parsed.parse, Parse::Missing);
}

#[test]
fn how_the_answer_ended_explains_what_is_not_there() {
    for source in
        [tag("OUT"), regex("(x)"), Field { outside: Some("PAD".into()), ..field(Source::Whole) }]
    {
        let parse = |raw: &str, finish| {
            parse_answer(std::slice::from_ref(&source), &[true], &text(raw), finish).parse
        };
        assert_eq!(parse("", Finish::Stop), Parse::Empty);
        assert_eq!(parse("<PAD>so", Finish::Length), Parse::Truncated);
        assert_eq!(parse("<PAD>so", Finish::Refusal), Parse::Refused);
        assert_eq!(parse("<PAD>so", Finish::Filter), Parse::Refused);
        assert_eq!(parse("<OUT>x</OUT>", Finish::Length), Parse::Ok, "it was all there");
        assert_eq!(parse("<OUT>x</OUT>", Finish::Empty), Parse::Empty, "a prefill says nothing");
    }
}

fn any_source() -> impl Strategy<Value = Source> {
    prop_oneof![
        prop::sample::select(vec!["OUT", "PAD", "", "<", "a>b"])
            .prop_map(|t| Source::Tag(t.into())),
        prop::sample::select(vec!["(x)|y", ".*", "", "(?s)<(.*?)>", r"\b", "("])
            .prop_map(|pattern| Source::Regex(pattern.into())),
        Just(Source::Whole),
        Just(Source::Reasoning),
    ]
}

prop_compose! {
    fn any_field()(
        source in any_source(), repeated in any::<bool>(), is_last in any::<bool>(),
        outside in prop::option::of(prop::sample::select(vec!["PAD", "OUT", ""])),
    ) -> Field {
        let take = if is_last { Take::Last } else { Take::First };
        Field { repeated, take, outside: outside.map(Into::into), ..field(source) }
    }
}

proptest! {
    #[test]
    fn no_text_is_too_strange_for_any_source(
        field in any_field(), raw in "(<OUT>|</OUT>|<PAD>|</PAD>|x|y|é|<|>| |\\PC){0,30}",
        reasoning in prop::option::of(".{0,10}"), finish in prop::sample::select(Finish::ALL),
        is_required in any::<bool>(),
    ) {
        let text = Text { raw, reasoning, altered: false, logprobs: None };
        let parsed = parse_answer(&[field], &[is_required], &text, finish);
        if let Some(answer) = parsed.fields.get("answer") {
            prop_assert!(!answer.is_empty() && answer.trim() == answer);
        } else {
            prop_assert!(!is_required || parsed.parse != Parse::Ok);
        }
        prop_assert!(finish != Finish::Empty || parsed.parse != Parse::Ok);
    }

    #[test]
    fn what_stands_in_a_scratchpad_in_front_never_reaches_the_answer(
        source in any_source(), thoughts in "[a-z<>/ ]{0,12}", reply in "(<OUT>x</OUT>|[xy ]){1,4}",
    ) {
        let field = outside(field(source));
        let without = parse(&field, &format!("\n{reply}"));
        let with = parse(&field, &format!("<PAD>{thoughts}</PAD>{reply}"));
        prop_assert_eq!(with.fields, without.fields);
    }
}
