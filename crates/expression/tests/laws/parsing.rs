//! Reading: what parentheses and quotes change, what never parses, and that nothing makes the parser panic.

use std::collections::BTreeSet;

use iago_expression::{Domain, Expression, Scope, Truth, Value, is_name};
use proptest::prelude::*;

use crate::sketch::{answers, condition, evaluate, number, parse, scope, text};

proptest! {
    #[test]
    fn parentheses_that_precedence_implies_change_nothing(
        sketch in prop_oneof![condition(3), number(3)],
        answers in answers(),
    ) {
        let (sparse, full) = (sketch.write_sparsely(), sketch.write_fully());
        prop_assert_eq!(evaluate(&parse(&sparse), &answers), evaluate(&parse(&full), &answers), "{} / {}", sparse, full);
    }

    #[test]
    fn an_expression_prints_as_what_parses_to_it(sketch in condition(3)) {
        let expression = parse(&sketch.write_sparsely());
        prop_assert_eq!(&parse(&expression.to_string()), &expression);
    }

    /// Whatever stands on the two sides: only what is of one type can be compared.
    #[test]
    fn nothing_is_coerced(
        text in text(),
        number in number(2),
        condition in condition(2),
        operator in prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]),
    ) {
        let sides = [text, number, condition].map(|side| format!("({})", side.write_fully()));
        for (at, left) in sides.iter().enumerate() {
            for right in sides.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, right)| right) {
                let source = format!("{left} {operator} {right}");
                let error = Expression::parse(&source, &scope()).expect_err(&source);
                // At the right side, within its parentheses; or at the left one, which has no order.
                let right_at = left.chars().count() + operator.len() + 3;
                prop_assert!(error.column == 2 || error.column >= right_at, "{}", error);
            }
        }
        for source in [format!("{} and true", sides[0]), format!("not {}", sides[1]), format!("-{}", sides[0])] {
            prop_assert!(Expression::parse(&source, &scope()).is_err(), "{}", source);
        }
    }

    #[test]
    fn any_text_can_be_quoted(text in any::<String>(), mark in prop::sample::select(vec!['\'', '"'])) {
        let escaped = text.replace('\\', "\\\\").replace(mark, &format!("\\{mark}"));
        let expression = parse(&format!("t == {mark}{escaped}{mark}"));
        prop_assert_eq!(expression.truth(&|_| Value::from(text.as_str())), Truth::True);
        prop_assert_eq!(expression.literals_compared_with("t"), BTreeSet::from([text]));
    }

    #[test]
    fn a_name_is_what_an_expression_can_say(name in "[a-c_.1 -]{0,4}|and|in|not|or|true|false|nan") {
        let said = Expression::parse(&name, &Scope::new().with(name.clone(), Domain::Bool));
        let reads_it = said.is_ok_and(|said| said.names().contains(&name));
        prop_assert_eq!(reads_it, is_name(&name));
    }

    #[test]
    fn no_text_makes_the_parser_panic(source in "\\PC*|.*") {
        check_total(&source);
    }

    #[test]
    fn no_sequence_of_tokens_makes_the_parser_panic(tokens in prop::collection::vec(prop::sample::select(TOKENS), 0..12)) {
        check_total(&tokens.concat());
    }
}

const TOKENS: &[&str] = &[
    "c", "t", "n", "f", "nan", "'x'", "\"", "'", "\\", "1", "1e", ".", "0.5", "(", ")", "[", "]",
    ",", "==", "!=", "<", "<=", ">", "=", "+", "-", "*", "/", " ", " and ", " or ", " not ",
    " in ", " true ", "\n", "é", "\u{0}",
];

/// Whatever the source is, it parses to something that evaluates, or to an error that points into it.
fn check_total(source: &str) {
    match Expression::parse(source, &scope()) {
        Ok(expression) => {
            for value in [
                Value::Unknown,
                Value::NotAsked,
                Value::from(0.0),
                Value::from("x"),
                Value::from(true),
            ] {
                let number = expression.number(&|_| value.clone());
                assert!(number.is_none_or(f64::is_finite));
                let decided = expression.truth(&|_| value.clone()).known().is_some();
                assert!(expression.is_condition() || !decided);
            }
        }
        Err(error) => {
            assert!(
                (1..=source.chars().count() + 1).contains(&error.column),
                "{source:?}: {error:?}"
            );
            assert!(error.to_string().ends_with('^'));
        }
    }
}
