//! What each form of the language says, row by row.

use iago_expression::{Domain, Expression, Scope, Truth, Value};

use Truth::{False, True, Unknown};

fn scope() -> Scope {
    Scope::new()
        .with("word", Domain::one_of(["x", "y"]))
        .with("other", Domain::one_of(["x", "z"]))
        .with("text", Domain::Text)
        .with("n", Domain::Number)
        .with("m", Domain::Number)
        .with("flag", Domain::Bool)
        .with("sign", Domain::Bool)
}

/// The truth of a condition where every name has the same value, as far as its type allows.
fn truth_with(source: &str, value: &Value) -> Truth {
    Expression::parse_condition(source, &scope()).expect(source).truth(&|_| value.clone())
}

fn number_with(source: &str, value: &Value) -> Option<f64> {
    Expression::parse_number(source, &scope()).expect(source).number(&|_| value.clone())
}

/// A condition or a number over literals only.
fn truth(source: &str) -> Truth {
    truth_with(source, &Value::Unknown)
}

fn number(source: &str) -> Option<f64> {
    number_with(source, &Value::Unknown)
}

#[test]
fn comparisons_of_what_is_known() {
    for (source, expected) in [
        ("'a' == 'a'", True),
        ("'a' == \"a\"", True),
        ("'a' != 'a'", False),
        ("'a' == 'A'", False),
        ("1 == 1.0", True),
        ("1 != 2", True),
        ("1 < 2", True),
        ("2 < 2", False),
        ("2 <= 2", True),
        ("3 > 2", True),
        ("2 > 2", False),
        ("2 >= 2", True),
        ("1 >= 2", False),
        ("true == true", True),
        ("true != false", True),
        ("2 in [1, 2]", True),
        ("-2 in [1, -2]", True),
        ("2 not in [1, 2]", False),
        ("'b' in ['a']", False),
        ("'b' not in ['a']", True),
        ("true in [false]", False),
        ("(1 < 2) == (3 > 2)", True),
        ("1e-3 == 0.001", True),
        ("1E+3 == 1000", True),
    ] {
        assert_eq!(truth(source), expected, "{source}");
    }
}

#[test]
fn a_comparison_with_what_was_not_asked_is_false_and_its_negation_true() {
    for (source, expected) in [
        ("word == 'x'", False),
        ("'x' == word", False),
        ("word != 'x'", True),
        ("word in ['x', 'y']", False),
        ("word not in ['x', 'y']", True),
        ("word == other", False),
        ("word != other", True),
        ("text == ''", False),
        ("n < 1", False),
        ("n <= 1", False),
        ("n > 1", False),
        ("n >= 1", False),
        ("n == 0", False),
        ("n != 0", True),
        ("n not in [0]", True),
        ("(n) < 1", False),
        ("flag", False),
        ("flag == true", False),
        ("flag == false", False),
        ("flag != true", True),
        ("not flag", True),
    ] {
        assert_eq!(truth_with(source, &Value::NotAsked), expected, "{source}");
    }
}

#[test]
fn a_comparison_with_the_unknown_is_unknown() {
    for source in [
        "word == 'x'",
        "word != 'x'",
        "word in ['x', 'y']",
        "word not in ['x', 'y']",
        "word == word",
        "n < 1",
        "n >= 1",
        "n != 0",
        "flag",
        "flag != true",
        "(word == 'x') == (word == 'x')",
        "n + 1 > 0",
    ] {
        assert_eq!(truth_with(source, &Value::Unknown), Unknown, "{source}");
    }
}

#[test]
fn unknown_comes_before_not_asked() {
    let compared = Expression::parse_condition("word != other", &scope()).unwrap();
    let lookup = |name: &str| if name == "word" { Value::NotAsked } else { Value::Unknown };
    assert_eq!(compared.truth(&lookup), Unknown);
}

#[test]
fn arithmetic_over_what_was_not_asked_is_unknown() {
    for source in
        ["n + 1 < 5", "-n < 5", "2 * n != 5", "n + 1 not in [5]", "m < n + 1", "flag + 1 == 1"]
    {
        assert_eq!(truth_with(source, &Value::NotAsked), Unknown, "{source}");
    }
    assert_eq!(number_with("n", &Value::NotAsked), None);
    assert_eq!(number_with("0 * n", &Value::NotAsked), None);
    assert_eq!(number_with("1 - flag", &Value::NotAsked), None);
}

#[test]
fn a_comparison_inside_arithmetic_keeps_its_own_table() {
    assert_eq!(number_with("2 * (word == 'x')", &Value::NotAsked), Some(0.0));
    assert_eq!(number_with("2 * (word != 'x')", &Value::NotAsked), Some(2.0));
    assert_eq!(number_with("2 * (word == 'x')", &Value::Unknown), None);
}

#[test]
fn logic_decides_as_soon_as_the_known_part_does() {
    for (source, expected) in [
        ("flag and false", False),
        ("false and flag", False),
        ("flag and true", Unknown),
        ("flag or true", True),
        ("true or flag", True),
        ("flag or false", Unknown),
        ("not flag", Unknown),
        ("not not true", True),
    ] {
        assert_eq!(truth_with(source, &Value::Unknown), expected, "{source}");
    }
}

#[test]
fn operators_bind_as_documented() {
    for (source, expected) in [
        ("true or false and false", True),
        ("not false and false", False),
        ("not 1 == 2", True),
        ("not true or true", True),
        ("1 + 1 == 2", True),
        ("1 + 2 * 3 == 7", True),
        ("(1 + 2) * 3 == 9", True),
        ("10 - 2 - 3 == 5", True),
        ("12 / 2 / 3 == 2", True),
        ("12 / 2 * 3 == 18", True),
        ("-2 * 3 == -6", True),
        ("2 * -3 == -6", True),
        ("1 - -1 == 2", True),
        ("- - 1 == 1", True),
        ("1-1 == 0", True),
    ] {
        assert_eq!(truth(source), expected, "{source}");
    }
}

#[test]
fn a_number_is_finite_or_unknown() {
    assert_eq!(number("1 / 4"), Some(0.25));
    for source in [
        "1 / 0",
        "0 / 0",
        "-1 / (1 - 1)",
        "1e308 * 10",
        "-1e308 - 1e308",
        "1 / 0 * 0",
        "1 / (1 / 0)",
    ] {
        assert_eq!(number(source), None, "{source}");
        assert_eq!(truth(&format!("{source} < 1")), Unknown, "{source}");
    }
    for number in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(number_with("n", &Value::Number(number)), None);
        assert_eq!(truth_with("n != 0", &Value::Number(number)), Unknown);
    }
}

#[test]
fn a_condition_counts_as_one_or_zero_in_arithmetic_only() {
    assert_eq!(number("true + true"), Some(2.0));
    assert_eq!(number("-(1 == 2) + 3"), Some(3.0));
    assert_eq!(number("(1 < 2) / 4"), Some(0.25));
    assert_eq!(number_with("flag * 3", &Value::Bool(true)), Some(3.0));
    assert!(Expression::parse("flag == 1", &scope()).is_err());
}

#[test]
fn an_answer_of_another_type_is_unknown() {
    assert_eq!(truth_with("text == '1'", &Value::Number(1.0)), Unknown);
    assert_eq!(truth_with("n == 1", &Value::from("1")), Unknown);
    assert_eq!(truth_with("flag", &Value::Number(1.0)), Unknown);
    assert_eq!(number_with("n", &Value::Bool(true)), None);
    assert_eq!(number_with("flag + 0", &Value::Number(1.0)), None);
}

#[test]
fn a_condition_has_no_number_and_a_number_no_truth() {
    assert_eq!(Expression::parse("1 == 1", &scope()).unwrap().number(&|_| Value::Unknown), None);
    assert_eq!(Expression::parse("1 + 1", &scope()).unwrap().truth(&|_| Value::Unknown), Unknown);
}

#[test]
fn space_and_line_breaks_do_not_matter() {
    let spread = Expression::parse("\n  word == 'x'\n\tor flag  ", &scope()).unwrap();
    assert_eq!(spread.truth(&|_| Value::Bool(true)), True);
    assert_eq!(truth("1<2 and(2<3)"), True);
}

#[test]
fn a_keyword_may_be_part_of_a_dotted_name() {
    let scope = Scope::new().with("a.in", Domain::Bool).with("notable", Domain::Bool);
    let both = Expression::parse_condition("not a.in and notable", &scope).unwrap();
    assert_eq!(both.names().len(), 2);
}
