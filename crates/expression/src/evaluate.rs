//! What an expression says of one transcript.
//!
//! The order of the rules matters: unknown first, then not asked, then the comparison itself. Whatever is unknown stays
//! unknown whatever it is compared with, and so a known answer can never change when an unknown becomes known.

use crate::syntax::{Comparator, Factor, Sign};
use crate::term::{Condition, Quantity, Term, Text};
use crate::truth::Truth;
use crate::value::Value;

/// Answers for the names.
pub(crate) type Lookup<'a> = dyn Fn(&str) -> Value + 'a;

impl Condition {
    pub(crate) fn truth(&self, lookup: &Lookup<'_>) -> Truth {
        match self {
            Self::Literal(holds) => Truth::from(*holds),
            // A name that stands alone means `name == true`, so that `not name` and `name != true` agree.
            Self::Name(name) => {
                compare(&read_bool(name, lookup), Comparator::Equal, &Value::Bool(true))
            }
            Self::Comparison(left, comparator, right) => {
                compare(&left.value(lookup), *comparator, &right.value(lookup))
            }
            Self::Membership { member, negated, list } => {
                find(&member.value(lookup), *negated, list)
            }
            Self::Not(inner) => inner.truth(lookup).not(),
            Self::All(parts) => {
                parts.iter().fold(Truth::True, |all, part| all.and(part.truth(lookup)))
            }
            Self::Any(parts) => {
                parts.iter().fold(Truth::False, |any, part| any.or(part.truth(lookup)))
            }
        }
    }
}

impl Quantity {
    /// `None` as soon as any part is unknown, not asked, or no longer a finite number.
    pub(crate) fn number(&self, lookup: &Lookup<'_>) -> Option<f64> {
        match self {
            Self::Literal(number) => Some(*number),
            Self::Name(name) => match read_number(name, lookup) {
                Value::Number(number) => Some(number),
                Value::Text(_) | Value::Bool(_) | Value::NotAsked | Value::Unknown => None,
            },
            Self::Indicator(condition) => condition.indicator(lookup),
            Self::Negative(inner) => inner.number(lookup).map(|number| -number),
            Self::Product(first, rest) => {
                rest.iter().try_fold(first.number(lookup)?, |product, (factor, part)| {
                    scale(product, *factor, part.number(lookup)?)
                })
            }
            Self::Sum(first, rest) => {
                rest.iter().try_fold(first.number(lookup)?, |sum, (sign, part)| {
                    add(sum, *sign, part.number(lookup)?)
                })
            }
        }
    }
}

impl Condition {
    /// 1 or 0. A name that was not asked has neither: it stands in the arithmetic itself, not in a comparison within it.
    fn indicator(&self, lookup: &Lookup<'_>) -> Option<f64> {
        let holds = match Term::read_condition(self, lookup) {
            Value::Bool(holds) => holds,
            Value::Text(_) | Value::Number(_) | Value::NotAsked | Value::Unknown => return None,
        };
        Some(if holds { 1.0 } else { 0.0 })
    }
}

impl Term {
    /// One side of a comparison. Only a bare name can be "not asked": arithmetic over one is unknown.
    fn value(&self, lookup: &Lookup<'_>) -> Value {
        match self {
            Self::Text(Text::Literal(text)) => Value::Text(text.clone()),
            Self::Text(Text::Name(name)) => read_text(name, lookup),
            Self::Number(Quantity::Name(name)) => read_number(name, lookup),
            Self::Number(quantity) => quantity.number(lookup).map_or(Value::Unknown, Value::Number),
            Self::Condition(condition) => Self::read_condition(condition, lookup),
        }
    }

    fn read_condition(condition: &Condition, lookup: &Lookup<'_>) -> Value {
        if let Condition::Name(name) = condition {
            read_bool(name, lookup)
        } else {
            Value::from(condition.truth(lookup))
        }
    }
}

/// The tables of a comparison. Numbers that cannot be ordered do not reach it; they would be unknown.
fn compare(left: &Value, comparator: Comparator, right: &Value) -> Truth {
    match (left, right) {
        (Value::Unknown, _) | (_, Value::Unknown) => return Truth::Unknown,
        (Value::NotAsked, _) | (_, Value::NotAsked) => {
            return Truth::from(comparator == Comparator::NotEqual);
        }
        _ => {}
    }
    let ordering = match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.partial_cmp(right),
        (Value::Text(left), Value::Text(right)) => Some(left.cmp(right)),
        (Value::Bool(left), Value::Bool(right)) => Some(left.cmp(right)),
        _ => None,
    };
    ordering.map_or(Truth::Unknown, |ordering| {
        Truth::from(match comparator {
            Comparator::Equal => ordering.is_eq(),
            Comparator::NotEqual => ordering.is_ne(),
            Comparator::Less => ordering.is_lt(),
            Comparator::LessOrEqual => ordering.is_le(),
            Comparator::Greater => ordering.is_gt(),
            Comparator::GreaterOrEqual => ordering.is_ge(),
        })
    })
}

/// `in` is "equal to one of them" and `not in` its opposite, so that both follow the table of `==`.
fn find(member: &Value, negated: bool, list: &[Value]) -> Truth {
    let found = list
        .iter()
        .fold(Truth::False, |found, item| found.or(compare(member, Comparator::Equal, item)));
    if negated { found.not() } else { found }
}

fn scale(product: f64, factor: Factor, part: f64) -> Option<f64> {
    match factor {
        Factor::Times => keep_finite(product * part),
        // By zero it gives an infinity or NaN, and neither is kept.
        Factor::Divide => keep_finite(product / part),
    }
}

fn add(sum: f64, sign: Sign, part: f64) -> Option<f64> {
    match sign {
        Sign::Plus => keep_finite(sum + part),
        Sign::Minus => keep_finite(sum - part),
    }
}

fn keep_finite(number: f64) -> Option<f64> {
    number.is_finite().then_some(number)
}

// A lookup that answers with another type than was declared knows less than it claims: its answer counts as unknown
// and is never converted.

fn read_text(name: &str, lookup: &Lookup<'_>) -> Value {
    match lookup(name) {
        known @ (Value::Text(_) | Value::NotAsked) => known,
        Value::Number(_) | Value::Bool(_) | Value::Unknown => Value::Unknown,
    }
}

fn read_number(name: &str, lookup: &Lookup<'_>) -> Value {
    match lookup(name) {
        Value::Number(number) => keep_finite(number).map_or(Value::Unknown, Value::Number),
        Value::NotAsked => Value::NotAsked,
        Value::Text(_) | Value::Bool(_) | Value::Unknown => Value::Unknown,
    }
}

fn read_bool(name: &str, lookup: &Lookup<'_>) -> Value {
    match lookup(name) {
        known @ (Value::Bool(_) | Value::NotAsked) => known,
        Value::Text(_) | Value::Number(_) | Value::Unknown => Value::Unknown,
    }
}
