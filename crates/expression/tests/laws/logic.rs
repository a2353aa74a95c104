//! Kleene's logic, in its tables and in whole expressions; and that nothing unknown is ever guessed.

use std::collections::BTreeSet;

use iago_expression::{Truth, Value};
use proptest::prelude::*;

use crate::sketch::{answers, complete, condition, evaluate, number, parse};

const TRUTHS: [Truth; 3] = [Truth::False, Truth::Unknown, Truth::True];

/// Kleene's logic as arithmetic: false, unknown and true are 0, 1 and 2, `and` is the minimum, `or` the maximum.
fn rank(truth: Truth) -> usize {
    TRUTHS.iter().position(|&other| other == truth).expect("all three are listed")
}

#[test]
fn kleenes_tables_are_minimum_maximum_and_mirror() {
    for a in TRUTHS {
        assert_eq!(rank(a.not()), 2 - rank(a));
        for b in TRUTHS {
            assert_eq!(rank(a.and(b)), rank(a).min(rank(b)), "{a:?} and {b:?}");
            assert_eq!(rank(a.or(b)), rank(a).max(rank(b)), "{a:?} or {b:?}");
            assert_eq!(a.and(b).not(), a.not().or(b.not()), "{a:?}, {b:?}");
            assert_eq!(a.or(b).not(), a.not().and(b.not()), "{a:?}, {b:?}");
        }
    }
}

/// Two conditions that say the same of every transcript.
type Law = fn(&str, &str, &str) -> (String, String);

const LAWS: &[(&str, Law)] = &[
    ("and commutes", |a, b, _| (format!("{a} and {b}"), format!("{b} and {a}"))),
    ("or commutes", |a, b, _| (format!("{a} or {b}"), format!("{b} or {a}"))),
    ("and associates", |a, b, c| {
        (format!("({a} and {b}) and {c}"), format!("{a} and ({b} and {c})"))
    }),
    ("or associates", |a, b, c| (format!("({a} or {b}) or {c}"), format!("{a} or ({b} or {c})"))),
    ("and distributes", |a, b, c| {
        (format!("{a} and ({b} or {c})"), format!("({a} and {b}) or ({a} and {c})"))
    }),
    ("or distributes", |a, b, c| {
        (format!("{a} or ({b} and {c})"), format!("({a} or {b}) and ({a} or {c})"))
    }),
    ("and absorbs", |a, b, _| (format!("{a} and ({a} or {b})"), a.to_owned())),
    ("or absorbs", |a, b, _| (format!("{a} or ({a} and {b})"), a.to_owned())),
    ("and of the same", |a, _, _| (format!("{a} and {a}"), a.to_owned())),
    ("or of the same", |a, _, _| (format!("{a} or {a}"), a.to_owned())),
    ("not not", |a, _, _| (format!("not (not {a})"), a.to_owned())),
    ("not of and", |a, b, _| (format!("not ({a} and {b})"), format!("not {a} or not {b}"))),
    ("not of or", |a, b, _| (format!("not ({a} or {b})"), format!("not {a} and not {b}"))),
    ("true changes no and", |a, _, _| (format!("{a} and true"), a.to_owned())),
    ("false changes no or", |a, _, _| (format!("{a} or false"), a.to_owned())),
    ("false decides an and", |a, _, _| (format!("{a} and false"), "false".to_owned())),
    ("true decides an or", |a, _, _| (format!("{a} or true"), "true".to_owned())),
];

proptest! {
    #[test]
    fn the_laws_of_the_logic_hold_for_all_conditions(
        a in condition(2),
        b in condition(2),
        c in condition(2),
        answers in answers(),
    ) {
        let [a, b, c] = [a, b, c].map(|part| format!("({})", part.write_fully()));
        let truth = |source: &str| evaluate(&parse(source), &answers).0;
        for (name, law) in LAWS {
            let (one, other) = law(&a, &b, &c);
            prop_assert_eq!(truth(&one), truth(&other), "{}: {} / {}", name, one, other);
        }
    }

    #[test]
    fn what_is_known_despite_the_unknown_stays_when_the_unknown_becomes_known(
        sketch in prop_oneof![condition(3), number(3)],
        answers in answers(),
    ) {
        let expression = parse(&sketch.write_sparsely());
        let (truth, number) = evaluate(&expression, &answers);
        for completed in complete(&answers) {
            let (truth_then, number_then) = evaluate(&expression, &completed);
            prop_assert!(truth == Truth::Unknown || truth == truth_then, "{} under {:?}", expression, completed);
            prop_assert!(number.is_none() || number == number_then, "{} under {:?}", expression, completed);
        }
    }

    #[test]
    fn a_comparison_with_the_unknown_is_unknown(
        other in prop_oneof![condition(2), number(2)],
        answers in answers(),
        negated in any::<bool>(),
    ) {
        let other = other.write_fully();
        let unknown = if parse(&other).is_condition() { "f" } else { "n" };
        let mut answers = answers;
        answers.insert(unknown.to_owned(), Value::Unknown);
        let operator = if negated { "!=" } else { "==" };
        for source in [format!("{unknown} {operator} ({other})"), format!("({other}) {operator} {unknown}")] {
            prop_assert_eq!(evaluate(&parse(&source), &answers).0, Truth::Unknown, "{}", source);
        }
    }

    #[test]
    fn no_number_is_ever_infinite(sketch in number(3), answers in answers()) {
        if let (_, Some(number)) = evaluate(&parse(&sketch.write_sparsely()), &answers) {
            prop_assert!(number.is_finite());
        }
    }

    #[test]
    fn only_the_names_that_it_says_are_looked_up(sketch in condition(3), answers in answers()) {
        let expression = parse(&sketch.write_sparsely());
        let asked = std::cell::RefCell::new(BTreeSet::new());
        let _ = expression.truth(&|name| {
            asked.borrow_mut().insert(name.to_owned());
            answers[name].clone()
        });
        prop_assert!(asked.borrow().is_subset(expression.names()));
    }
}
