//! Random expressions over a few names, and random answers for those names.

use std::collections::BTreeMap;

use iago_expression::{Domain, Expression, Scope, Truth, Value, completions};
use proptest::prelude::*;

/// The names of the random expressions, with the values that a random lookup gives them beside "not asked" and
/// "unknown".
pub(crate) fn names() -> Vec<(String, Domain, Vec<Value>)> {
    let row = |name: &str, domain, values| (name.to_owned(), domain, values);
    let texts = || vec![Value::from("x"), Value::from("y")];
    let numbers = |one: f64, other: f64| vec![Value::from(one), Value::from(other)];
    vec![
        row("c", Domain::one_of(["x", "y"]), texts()),
        row("d.e", Domain::one_of(["x", "y"]), texts()),
        row("t", Domain::Text, texts()),
        row("n", Domain::Number, numbers(0.0, 2.0)),
        row("m", Domain::Number, numbers(-1.0, 1e308)),
        row("f", Domain::Bool, vec![Value::from(true), Value::from(false)]),
    ]
}

pub(crate) fn scope() -> Scope {
    names().into_iter().fold(Scope::new(), |scope, (name, domain, _)| scope.with(name, domain))
}

/// An expression that can be written with as many or as few parentheses as one likes.
#[derive(Clone, Debug)]
pub(crate) enum Sketch {
    Leaf(&'static str),
    Before(&'static str, Box<Sketch>),
    Between(Box<Sketch>, &'static str, Box<Sketch>),
    Listed(Box<Sketch>, &'static str),
}

impl Sketch {
    fn strength(&self) -> u8 {
        match self {
            Self::Leaf(_) => 8,
            Self::Listed(..) => 4,
            Self::Before(operator, _) => {
                if *operator == "not " {
                    3
                } else {
                    7
                }
            }
            Self::Between(_, operator, _) => match *operator {
                "or" => 1,
                "and" => 2,
                "+" | "-" => 5,
                "*" | "/" => 6,
                _ => 4,
            },
        }
    }

    pub(crate) fn write_fully(&self) -> String {
        self.write(&|part, _| {
            if part.strength() == 8 {
                part.write_fully()
            } else {
                format!("({})", part.write_fully())
            }
        })
    }

    pub(crate) fn write_sparsely(&self) -> String {
        self.write(&|part, needed| {
            if part.strength() >= needed {
                part.write_sparsely()
            } else {
                format!("({})", part.write_sparsely())
            }
        })
    }

    /// Writes the parts as told; the number is the least strength that a part needs to stand without parentheses.
    fn write(&self, part: &dyn Fn(&Self, u8) -> String) -> String {
        let own = self.strength();
        match self {
            Self::Leaf(text) => (*text).to_owned(),
            Self::Before(operator, inner) => format!("{operator}{}", part(inner, own)),
            Self::Listed(member, list) => format!("{} {list}", part(member, 5)),
            Self::Between(left, operator, right) => {
                let on_the_left = if own == 4 { 5 } else { own };
                format!("{} {operator} {}", part(left, on_the_left), part(right, own + 1))
            }
        }
    }
}

pub(crate) fn between(
    sides: BoxedStrategy<Sketch>,
    operators: &'static [&'static str],
) -> impl Strategy<Value = Sketch> {
    (sides.clone(), prop::sample::select(operators), sides).prop_map(|(left, operator, right)| {
        Sketch::Between(Box::new(left), operator, Box::new(right))
    })
}

pub(crate) fn listed(
    member: BoxedStrategy<Sketch>,
    lists: &'static [&'static str],
) -> impl Strategy<Value = Sketch> {
    (member, prop::sample::select(lists))
        .prop_map(|(member, list)| Sketch::Listed(Box::new(member), list))
}

pub(crate) fn leaf(texts: &'static [&'static str]) -> BoxedStrategy<Sketch> {
    prop::sample::select(texts).prop_map(Sketch::Leaf).boxed()
}

pub(crate) fn text() -> BoxedStrategy<Sketch> {
    leaf(&["c", "d.e", "t", "'x'", "\"y\""])
}

pub(crate) fn condition(depth: u32) -> BoxedStrategy<Sketch> {
    let comparisons = prop_oneof![
        leaf(&["f", "true", "false"]),
        between(text(), &["==", "!="]),
        listed(text(), &["in ['x']", "not in ['x', 'y']"]),
    ];
    if depth == 0 {
        return comparisons.boxed();
    }
    prop_oneof![
        1 => comparisons,
        3 => between(condition(depth - 1), &["and", "or"]),
        1 => between(condition(depth - 1), &["==", "!="]),
        2 => between(number(depth - 1), &["==", "!=", "<", "<=", ">", ">="]),
        1 => listed(number(depth - 1), &["in [0, 2]", "not in [-1]"]),
        1 => condition(depth - 1).prop_map(|inner| Sketch::Before("not ", Box::new(inner))),
    ]
    .boxed()
}

pub(crate) fn number(depth: u32) -> BoxedStrategy<Sketch> {
    let leaves = leaf(&["n", "m", "0", "0.5", "1e308"]);
    if depth == 0 {
        return leaves;
    }
    prop_oneof![
        1 => leaves,
        3 => between(number(depth - 1), &["+", "-", "*", "/"]),
        1 => between(condition(depth - 1), &["+", "*"]),
        1 => number(depth - 1).prop_map(|inner| Sketch::Before("-", Box::new(inner))),
    ]
    .boxed()
}

/// A condition over names whose values can be counted.
pub(crate) fn closed_condition(depth: u32) -> BoxedStrategy<Sketch> {
    let words = leaf(&["c", "d.e", "'x'", "'y'"]);
    let comparisons = prop_oneof![
        leaf(&["f", "true", "false"]),
        between(words.clone(), &["==", "!="]),
        listed(words, &["in ['x']", "not in ['x', 'y']"]),
    ];
    if depth == 0 {
        return comparisons.boxed();
    }
    prop_oneof![
        1 => comparisons,
        3 => between(closed_condition(depth - 1), &["and", "or"]),
        1 => between(closed_condition(depth - 1), &["==", "!="]),
        1 => closed_condition(depth - 1).prop_map(|inner| Sketch::Before("not ", Box::new(inner))),
    ]
    .boxed()
}

/// A number over such names, and over `k`, which the caller gives bounds.
pub(crate) fn closed_number(depth: u32) -> BoxedStrategy<Sketch> {
    let leaves = leaf(&["k", "0", "0.5", "3", "1e-9", "1e200"]);
    if depth == 0 {
        return leaves;
    }
    prop_oneof![
        1 => leaves,
        4 => between(closed_number(depth - 1), &["+", "-", "*", "/"]),
        2 => between(closed_condition(depth - 1), &["+", "-", "*", "/"]),
        1 => closed_number(depth - 1).prop_map(|inner| Sketch::Before("-", Box::new(inner))),
    ]
    .boxed()
}

/// A lookup: one value for each name.
pub(crate) fn answers() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let one = names().into_iter().map(|(name, _, mut values)| {
        values.extend([Value::NotAsked, Value::Unknown, Value::Unknown]);
        (Just(name), prop::sample::select(values))
    });
    one.collect::<Vec<_>>().prop_map(|answers| answers.into_iter().collect())
}

pub(crate) fn parse(source: &str) -> Expression {
    Expression::parse(source, &scope()).unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn evaluate(
    expression: &Expression,
    answers: &BTreeMap<String, Value>,
) -> (Truth, Option<f64>) {
    let lookup = |name: &str| answers[name].clone();
    (expression.truth(&lookup), expression.number(&lookup))
}

/// Every way in which the unknown answers could turn out.
pub(crate) fn complete(answers: &BTreeMap<String, Value>) -> Vec<BTreeMap<String, Value>> {
    let choices: Vec<(String, Vec<Value>)> = names()
        .into_iter()
        .map(|(name, _, mut values)| {
            values.push(Value::NotAsked);
            let known = answers[&name].clone();
            (name, if known == Value::Unknown { values } else { vec![known] })
        })
        .collect();
    completions(&choices).collect()
}
