//! Ranges: no number is ever outside of its own.

use std::collections::BTreeMap;

use iago_expression::{Domain, Expression, Scope, Value, completions};
use proptest::prelude::*;

use crate::sketch::closed_number;

const BOUNDS: std::ops::RangeInclusive<i32> = -2..=3;

fn scope() -> Scope {
    crate::sketch::scope().with_bounds("k", BOUNDS)
}

/// Every value of every closed name, unknown and not asked among them.
fn all_answers() -> impl Iterator<Item = BTreeMap<String, Value>> {
    let names = ["c", "d.e", "f", "k"].map(|name| {
        let values = scope().get(name).and_then(Domain::values);
        let mut values =
            values.unwrap_or_else(|| BOUNDS.map(|number| Value::from(f64::from(number))).collect());
        values.extend([Value::NotAsked, Value::Unknown]);
        (name.to_owned(), values)
    });
    completions(&names).collect::<Vec<_>>().into_iter()
}

fn range(source: &str) -> Option<(f64, f64)> {
    Expression::parse(source, &scope()).expect(source).range(&scope())
}

proptest! {
    #[test]
    fn every_number_lies_within_its_range(sketch in closed_number(3)) {
        let expression = Expression::parse_number(&sketch.write_sparsely(), &scope()).expect("a number");
        let range = expression.range(&scope());
        for answers in all_answers() {
            let number = expression.number(&|name| answers[name].clone());
            if let (Some((least, greatest)), Some(number)) = (range, number) {
                prop_assert!((least..=greatest).contains(&number), "{} is {} under {:?}", expression, number, answers);
            }
        }
        prop_assert!(range.is_none_or(|(least, greatest)| least <= greatest && least.is_finite() && greatest.is_finite()));
    }
}

#[test]
fn the_ends_are_those_of_interval_arithmetic() {
    for (source, expected) in [
        ("0.5", (0.5, 0.5)),
        ("-0.5", (-0.5, -0.5)),
        ("k", (-2.0, 3.0)),
        ("-k", (-3.0, 2.0)),
        ("f + 0", (0.0, 1.0)),
        ("0.5 * (c == 'x') + 0.5 * (d.e == 'x')", (0.0, 1.0)),
        ("(c == 'x') - (d.e == 'x')", (-1.0, 1.0)),
        ("k - k", (-5.0, 5.0)),
        ("k * k", (-6.0, 9.0)),
        ("-2 * k", (-6.0, 4.0)),
        ("(k - 1) / 4", (-0.75, 0.5)),
        ("1 / (k + 3)", (1.0 / 6.0, 1.0)),
        ("f / -2", (-0.5, 0.0)),
        // A condition as such, as it would count in arithmetic.
        ("c == 'x'", (0.0, 1.0)),
    ] {
        assert_eq!(range(source), Some(expected), "{source}");
    }
}

#[test]
fn without_a_known_end_there_is_no_range() {
    for source in [
        "n",
        "n * 0",
        "1 / k",
        "1 / f",
        "1 / (k + 2)",
        "1 / 0",
        "f + n",
        "k / (k - k)",
        "1e308 * 10",
    ] {
        assert_eq!(range(source), None, "{source}");
    }
}

#[test]
fn bounds_belong_to_the_latest_declaration() {
    let parse = |scope: &Scope| Expression::parse("k", scope).expect("a number").range(scope);
    assert_eq!(parse(&scope().with_bounds("k", 1..=10)), Some((1.0, 10.0)));
    assert_eq!(parse(&scope().with("k", Domain::Number)), None);
    #[expect(clippy::reversed_empty_ranges, reason = "bounds that leave no value are none")]
    let reversed = scope().with_bounds("k", 10..=1);
    assert_eq!(parse(&reversed), None);
}
