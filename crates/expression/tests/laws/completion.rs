//! Completions: every way in which the unknown could turn out, and so every class that can still be reached.

use std::collections::{BTreeMap, BTreeSet};

use iago_expression::{Domain, Expression, Truth, Value, completions};
use proptest::prelude::*;

use crate::sketch::{closed_condition, parse, scope};

/// The names whose values can be counted.
const CLOSED: [&str; 3] = ["c", "d.e", "f"];

/// The classes of a transcript, the first that holds wins; `None` where none does.
type Class = Option<usize>;

proptest! {
    /// Whatever the truth turns out to be, its class was foreseen; and no class is foreseen that some
    /// truth does not come to.
    #[test]
    fn completions_find_the_reachable_classes_exactly(
        classes in prop::collection::vec(closed_condition(2), 1..4),
        turned_out in turned_out(),
        hidden in prop::collection::vec(any::<bool>(), CLOSED.len()),
    ) {
        let classes: Vec<Expression> = classes.iter().map(|class| parse(&class.write_sparsely())).collect();
        let known: BTreeMap<String, Value> = turned_out
            .iter()
            .zip(&hidden)
            .map(|((name, value), hidden)| {
                (name.clone(), if *hidden { Value::Unknown } else { value.clone() })
            })
            .collect();
        let foreseen = reachable(&classes, &known);
        prop_assert!(foreseen.contains(&class_of(&classes, &turned_out)), "{:?} of {:?}", turned_out, classes);
        prop_assert_eq!(&foreseen, &reachable_by_hand(&classes, &known));
        if let Some(decided) = decided_class(&classes, &known) {
            prop_assert_eq!(foreseen, BTreeSet::from([decided]));
        }
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

fn turned_out() -> impl Strategy<Value = BTreeMap<String, Value>> {
    let one = CLOSED.map(|name| (Just(name.to_owned()), prop::sample::select(values_of(name))));
    Vec::from(one).prop_map(|answers| answers.into_iter().collect())
}

fn values_of(name: &str) -> Vec<Value> {
    scope()
        .get(name)
        .and_then(Domain::values)
        .expect("the values of the closed names can be counted")
}

fn reachable(classes: &[Expression], known: &BTreeMap<String, Value>) -> BTreeSet<Class> {
    let choices: Vec<(String, Vec<Value>)> = known
        .iter()
        .map(|(name, value)| {
            let open = *value == Value::Unknown;
            (name.clone(), if open { values_of(name) } else { vec![value.clone()] })
        })
        .collect();
    completions(&choices).map(|completion| class_of(classes, &completion)).collect()
}

/// The same by three loops over all there is.
fn reachable_by_hand(classes: &[Expression], known: &BTreeMap<String, Value>) -> BTreeSet<Class> {
    let fits = |name: &str, value: &Value| known[name] == Value::Unknown || known[name] == *value;
    let mut reachable = BTreeSet::new();
    for c in values_of("c").into_iter().filter(|value| fits("c", value)) {
        for d in values_of("d.e").into_iter().filter(|value| fits("d.e", value)) {
            for f in values_of("f").into_iter().filter(|value| fits("f", value)) {
                let values = [c.clone(), d.clone(), f];
                let all = CLOSED.map(str::to_owned).into_iter().zip(values).collect();
                reachable.insert(class_of(classes, &all));
            }
        }
    }
    reachable
}

fn class_of(classes: &[Expression], answers: &BTreeMap<String, Value>) -> Class {
    classes.iter().position(|class| class.truth(&|name| answers[name].clone()) == Truth::True)
}

/// The class that is certain without a completion: all before it are known not to hold.
fn decided_class(classes: &[Expression], known: &BTreeMap<String, Value>) -> Option<Class> {
    for (at, class) in classes.iter().enumerate() {
        match class.truth(&|name| known[name].clone()) {
            Truth::True => return Some(Some(at)),
            Truth::False => {}
            Truth::Unknown => return None,
        }
    }
    Some(None)
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
