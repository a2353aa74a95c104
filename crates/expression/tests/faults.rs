//! Every fault: where it is, and what it says.

use iago_expression::{
    Domain, Expression, ExpressionError, MAX_NESTING, MAX_SOURCE_CHARACTERS, Scope, Truth, Value,
};

fn scope() -> Scope {
    Scope::new()
        .with("compliance", Domain::one_of(["comply", "refuse"]))
        .with("tier", Domain::one_of(["free", "paid"]))
        .with("nothing", Domain::OneOf(std::collections::BTreeSet::new()))
        .with("split", Domain::Text)
        .with("usage.output", Domain::Number)
        .with("flag", Domain::Bool)
}

fn fault(source: &str) -> ExpressionError {
    Expression::parse(source, &scope()).expect_err(source)
}

fn check(rows: &[(&str, usize, &str)]) {
    for (source, column, message) in rows {
        let fault = fault(source);
        assert_eq!((fault.column, fault.message.as_str()), (*column, *message), "{source}");
    }
}

#[test]
fn faults_of_form() {
    const NUMBER: &str = "is not a number; numbers are written like 3, 0.5 or 1e-3";
    const CHAIN: &str = "comparisons do not chain; join two of them with `and`, or use parentheses";
    const LIST: &str = "a list holds literals: quoted texts, numbers, true or false";
    const QUOTES: &str = "text with such characters stands in quotes";
    let malformed = |digits: &str| format!("`{digits}` {NUMBER}");
    check(&[
        ("", 1, "the expression is empty"),
        (" \n ", 1, "the expression is empty"),
        ("flag and", 9, "the expression ends where a name or a literal should stand"),
        ("flag and  \n", 9, "the expression ends where a name or a literal should stand"),
        ("and flag", 1, "expected a name, a literal or `(`"),
        ("flag flag", 6, "expected an operator or the end of the expression"),
        ("flag)", 5, "this `)` closes nothing"),
        ("flag and (flag or flag", 10, "this `(` is never closed"),
        ("(flag flag)", 7, "expected an operator or `)`"),
        ("1 == 1 == 1", 8, CHAIN),
        ("1 < 2 in [3]", 7, CHAIN),
        ("1 in [2] not in [3]", 10, CHAIN),
        ("flag not flag", 6, "`not` cannot stand here; only `not in` follows a value"),
        (
            "flag == not flag",
            9,
            "`not` binds less tightly than this operator: put `(not …)` in parentheses",
        ),
        ("tier in 'free'", 9, "`in` is followed by a list of literals, as in ['x', 'y']"),
        ("tier in []", 10, "nothing is in an empty list"),
        ("tier in ['free',]", 17, LIST),
        ("tier in [free]", 10, LIST),
        ("1 in [-'a']", 8, LIST),
        ("1 in [1 2]", 9, "expected `,` or `]`"),
        ("[1]", 1, "a list can only stand after `in`"),
        ("tier = 'free'", 6, "unexpected `=`; `==` compares"),
        ("!flag", 1, "unexpected `!`; write `not`, or `!=` to compare"),
        ("flag && flag", 6, "unexpected `&`; write `and`"),
        ("flag || flag", 6, "unexpected `|`; write `or`"),
        (".5 < 1", 1, "unexpected `.`; write a digit before the decimal point, as in 0.5"),
        ("tier == “free”", 9, "unexpected `“`; texts stand in straight quotes: ' or \""),
        ("split == rl@400", 12, &format!("unexpected `@`; {QUOTES}")),
        ("flag and \u{1b}", 10, &format!("unexpected `\u{fffd}`; {QUOTES}")),
        ("flag and \u{202e}", 10, &format!("unexpected `\u{fffd}`; {QUOTES}")),
        ("tier == 'free", 9, "this text has no closing '"),
        ("tier == \"free'", 9, "this text has no closing \""),
        (
            r"split == 'a\n'",
            12,
            r#"a backslash in a text stands before \, ' or ", and is itself written \\"#,
        ),
        ("usage. == 1", 6, "after `usage` and a dot, a name must go on with a letter or `_`"),
        ("usage.1 == 1", 6, "after `usage` and a dot, a name must go on with a letter or `_`"),
        ("1. < 2", 1, &malformed("1.")),
        ("1.2.3 < 2", 1, &malformed("1.2.3")),
        ("3rd < 2", 1, &malformed("3rd")),
        ("0x10 < 2", 1, &malformed("0x10")),
        ("0xe-1 < 2", 1, &malformed("0xe")),
        ("1_000 < 2", 1, &malformed("1_000")),
        ("1e < 2", 1, &malformed("1e")),
        ("1e+ < 2", 1, &malformed("1e+")),
        ("2 > 1e999", 5, "`1e999` is too large for a number"),
        ("2 > 1e-999", 5, "`1e-999` is too small for a number: it would become 0"),
    ]);
}

#[test]
fn faults_of_names_and_words() {
    let unlike = "`abstain` is not a value of `compliance`; it is one of: comply, refuse";
    check(&[
        ("complaince == 'comply'", 1, "unknown name `complaince`; did you mean `compliance`?"),
        (
            "flag and usage.outptu < 3",
            10,
            "unknown name `usage.outptu`; did you mean `usage.output`?",
        ),
        ("True", 1, "unknown name `True`; did you mean `true`?"),
        (
            "tier == free",
            9,
            "unknown name `free`; as a value of `tier` it stands in quotes: 'free'",
        ),
        (
            "epoch < 3",
            1,
            "unknown name `epoch`; the names here are: compliance, flag, nothing, split, tier, usage.output",
        ),
        ("usage.output < NaN", 16, "`NaN` is not a number here: every number is finite"),
        ("usage.output < -inf", 17, "`inf` is not a number here: every number is finite"),
        (
            "compliance == 'comply_'",
            15,
            "`comply_` is not a value of `compliance`; it is one of: comply, refuse; did you mean `comply`?",
        ),
        ("compliance != 'abstain'", 15, unlike),
        ("'abstain' == compliance", 1, unlike),
        ("compliance in ['comply', 'abstain']", 26, unlike),
        ("flag or (compliance not in ['abstain'])", 29, unlike),
        ("nothing == 'x'", 12, "`x` is not a value of `nothing`, which has no values"),
        ("compliance == tier", 15, "`compliance` and `tier` have no value in common"),
    ]);
    let nameless = Expression::parse("x", &Scope::new()).unwrap_err();
    assert_eq!(nameless.message, "unknown name `x`; there are no names here");
}

#[test]
fn faults_of_type() {
    let convert = "nothing is converted, so they cannot be compared";
    check(&[
        ("compliance == 3", 15, &format!("`compliance` is text and 3 is a number: {convert}")),
        ("3 == compliance", 6, &format!("3 is a number and `compliance` is text: {convert}")),
        (
            "usage.output == '3'",
            17,
            &format!("`usage.output` is a number and `3` in quotes is text: {convert}"),
        ),
        (
            "flag == 1",
            9,
            &format!("`flag` is a condition (true or false) and 1 is a number: {convert}"),
        ),
        (
            "usage.output in [1, 'a']",
            21,
            "`usage.output` is a number and this is text: it can never be in the list",
        ),
        ("split < 'b'", 1, "`<` compares numbers, and `split` is text"),
        ("true >= false", 1, "`>=` compares numbers, and true is a condition (true or false)"),
        (
            "tier and flag",
            1,
            "a condition is needed here, and `tier` is text; compare it with something, as in `tier == …`",
        ),
        ("flag or not 1", 13, "a condition is needed here, and 1 is a number"),
        ("flag and 1 + 1", 10, "a condition is needed here, and this is a number"),
        (
            "split",
            1,
            "a condition is needed here, and `split` is text; compare it with something, as in `split == …`",
        ),
        (
            "0.5 * tier == 'free'",
            7,
            "arithmetic needs numbers, and `tier` is text; a comparison within it stands in parentheses",
        ),
        (
            "-'a' < 1",
            2,
            "arithmetic needs numbers, and `a` in quotes is text; a comparison within it stands in parentheses",
        ),
    ]);
}

#[test]
fn the_result_must_be_what_the_caller_needs() {
    let number = Expression::parse_condition("usage.output", &scope()).unwrap_err();
    assert!(
        number.message.starts_with("a condition is needed here, and `usage.output` is a number"),
        "{number}"
    );
    let condition = Expression::parse_number("flag or flag", &scope()).unwrap_err();
    assert_eq!(
        condition.message,
        "a number is needed here, and this is a condition (true or false)"
    );
}

#[test]
fn an_error_prints_its_line_with_a_caret_under_the_column() {
    let printed = fault("compliance == 'comply_'").to_string();
    let message = "`comply_` is not a value of `compliance`; it is one of: comply, refuse; did you mean `comply`?";
    assert_eq!(printed, format!("{message}\n  compliance == 'comply_'\n                ^"));
}

#[test]
fn columns_count_characters_and_carets_find_their_line() {
    let accented = fault("split == 'é' and 'ü' == 3");
    assert_eq!(accented.column, 25);
    let second = fault("flag and\r\n\tflagg or\r\nflag");
    assert_eq!(second.column, 12);
    assert_eq!(second.caret(), "  \tflagg or\n  \t^");
}

#[test]
fn a_long_line_is_shown_around_the_fault_and_without_control_characters() {
    let source = format!("split == '{}' or \u{7}'{}'", "x".repeat(300), "y".repeat(300));
    let fault = fault(&source);
    let caret = fault.caret();
    let (shown, mark) = caret.split_once('\n').unwrap();
    assert!(!shown.contains('\u{7}') && shown.chars().count() < 110, "{shown}");
    let place = mark.chars().position(|c| c == '^').unwrap();
    assert_eq!(shown.chars().nth(place), Some('\u{fffd}'));
}

#[test]
fn long_sets_and_long_words_do_not_make_long_messages() {
    let levels =
        Scope::new().with("level", Domain::one_of((100..200).map(|level| level.to_string())));
    let unlisted = Expression::parse("level == 'base'", &levels).unwrap_err();
    assert!(unlisted.message.ends_with("118, 119 and 80 more"), "{unlisted}");
    let long = fault(&format!("tier == '{}'", "x".repeat(4000)));
    assert!(long.message.chars().count() < 200, "{long}");
}

#[test]
fn nesting_is_bounded_however_it_is_written() {
    for (open, close, base) in [("(", ")", 0), ("not ", "", 0), ("(not ", ")", 1)] {
        let nest = |levels: usize| format!("{}flag{}", open.repeat(levels), close.repeat(levels));
        let most = MAX_NESTING / (base + 1);
        Expression::parse(&nest(most), &scope()).unwrap();
        let fault = fault(&nest(most + 1));
        assert_eq!(fault.message, "nested more than 64 levels deep");
        assert_eq!(fault.column, open.len() * most + 1);
    }
    let negative = |levels: usize| format!("{}1 < 2", "-".repeat(levels));
    Expression::parse(&negative(MAX_NESTING), &scope()).unwrap();
    assert_eq!(fault(&negative(MAX_NESTING + 1)).column, MAX_NESTING + 1);
}

#[test]
fn what_stands_side_by_side_is_not_nested() {
    let source = format!("flag{}", " and (not flag)".repeat(MAX_NESTING + 1));
    Expression::parse(&source, &scope()).unwrap();
}

#[test]
fn length_is_bounded_in_characters() {
    let longest = format!("flag{}", " ".repeat(MAX_SOURCE_CHARACTERS - 4));
    Expression::parse(&longest, &scope()).unwrap();
    let fault = fault(&format!("{longest}\n{}", "é".repeat(1_000_000)));
    assert_eq!(
        (fault.column, fault.message.as_str()),
        (4097, "an expression has at most 4096 characters")
    );
    assert!(fault.to_string().len() < 1000);
}

/// A quarter of what a thread has by default; unoptimised code needs the most.
const SMALL_STACK_BYTES: usize = 512 * 1024;

#[test]
fn the_deepest_and_the_longest_expressions_fit_a_small_stack() {
    let deep = |open: &str, close: &str| {
        format!("{}1 < 2{}", open.repeat(MAX_NESTING), close.repeat(MAX_NESTING))
    };
    let long = |first: &str, link: &str| {
        format!("{first}{}", link.repeat((MAX_SOURCE_CHARACTERS - 4) / link.len()))
    };
    let sources = [
        deep("(", ")"),
        deep("not ", ""),
        long("true", " and true"),
        long("true", " or true"),
        long("1", "/1"),
    ];
    let evaluate = move || {
        sources.iter().all(|source| {
            let expression = Expression::parse(source, &scope()).expect(source);
            expression.truth(&|_| Value::Unknown) == Truth::True
                || expression.number(&|_| Value::Unknown) == Some(1.0)
        })
    };
    let thread = std::thread::Builder::new().stack_size(SMALL_STACK_BYTES).spawn(evaluate).unwrap();
    assert!(thread.join().unwrap());
}
