//! What holds for every expression and every lookup.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::{Domain, Expression, Scope, Truth, Value, completions, is_name};
use proptest::prelude::*;

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

/// The names of the random expressions, with the values that a random lookup gives them beside "not asked" and
/// "unknown".
fn names() -> Vec<(String, Domain, Vec<Value>)> {
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

fn scope() -> Scope {
    names().into_iter().fold(Scope::new(), |scope, (name, domain, _)| scope.with(name, domain))
}

/// An expression that can be written with as many or as few parentheses as one likes.
#[derive(Clone, Debug)]
enum Sketch {
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

    fn write_fully(&self) -> String {
        self.write(&|part, _| {
            if part.strength() == 8 {
                part.write_fully()
            } else {
                format!("({})", part.write_fully())
            }
        })
    }

    fn write_sparsely(&self) -> String {
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

fn between(
    sides: BoxedStrategy<Sketch>,
    operators: &'static [&'static str],
) -> impl Strategy<Value = Sketch> {
    (sides.clone(), prop::sample::select(operators), sides).prop_map(|(left, operator, right)| {
        Sketch::Between(Box::new(left), operator, Box::new(right))
    })
}

fn listed(
    member: BoxedStrategy<Sketch>,
    lists: &'static [&'static str],
) -> impl Strategy<Value = Sketch> {
    (member, prop::sample::select(lists))
        .prop_map(|(member, list)| Sketch::Listed(Box::new(member), list))
}

fn leaf(texts: &'static [&'static str]) -> BoxedStrategy<Sketch> {
    prop::sample::select(texts).prop_map(Sketch::Leaf).boxed()
}

fn text() -> BoxedStrategy<Sketch> {
    leaf(&["c", "d.e", "t", "'x'", "\"y\""])
}

fn condition(depth: u32) -> BoxedStrategy<Sketch> {
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

fn number(depth: u32) -> BoxedStrategy<Sketch> {
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

/// A lookup: one value for each name.
fn answers() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let one = names().into_iter().map(|(name, _, mut values)| {
        values.extend([Value::NotAsked, Value::Unknown, Value::Unknown]);
        (Just(name), prop::sample::select(values))
    });
    one.collect::<Vec<_>>().prop_map(|answers| answers.into_iter().collect())
}

fn parse(source: &str) -> Expression {
    Expression::parse(source, &scope()).unwrap_or_else(|error| panic!("{error}"))
}

fn evaluate(expression: &Expression, answers: &BTreeMap<String, Value>) -> (Truth, Option<f64>) {
    let lookup = |name: &str| answers[name].clone();
    (expression.truth(&lookup), expression.number(&lookup))
}

/// Every way in which the unknown answers could turn out.
fn complete(answers: &BTreeMap<String, Value>) -> Vec<BTreeMap<String, Value>> {
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
    fn de_morgans_laws_hold_for_every_pair_of_conditions(
        a in condition(2),
        b in condition(2),
        answers in answers(),
    ) {
        let (a, b) = (a.write_fully(), b.write_fully());
        let truth = |source: String| evaluate(&parse(&source), &answers).0;
        prop_assert_eq!(truth(format!("not (({a}) and ({b}))")), truth(format!("not ({a}) or not ({b})")));
        prop_assert_eq!(truth(format!("not (({a}) or ({b}))")), truth(format!("not ({a}) and not ({b})")));
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

    #[test]
    fn an_expression_prints_as_what_parses_to_it(sketch in condition(3)) {
        let expression = parse(&sketch.write_sparsely());
        prop_assert_eq!(&parse(&expression.to_string()), &expression);
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

    #[test]
    fn completions_reach_every_combination_once_and_in_order(counts in prop::collection::vec(0_usize..4, 0..5)) {
        let names: Vec<(String, Vec<Value>)> = (0_u8..)
            .zip(&counts)
            .map(|(place, &count)| (format!("name{place}"), count_up_to(count)))
            .collect();
        let all: Vec<Vec<f64>> = completions(&names).map(|completion| read_numbers(&completion)).collect();
        prop_assert_eq!(all.len(), counts.iter().product::<usize>());
        // Strictly rising, the first name slowest: so none comes twice, and with that many none is missing.
        prop_assert!(all.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", all);
        prop_assert!(all.iter().all(|one| one.len() == names.len()));
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

fn count_up_to(count: usize) -> Vec<Value> {
    (0_u8..).take(count).map(|value| Value::from(f64::from(value))).collect()
}

fn read_numbers(completion: &BTreeMap<String, Value>) -> Vec<f64> {
    completion
        .values()
        .map(|value| if let Value::Number(number) = value { *number } else { f64::NAN })
        .collect()
}
