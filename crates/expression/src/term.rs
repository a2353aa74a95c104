//! An expression that makes sense: each node has one type, so that evaluation has nothing left to refuse.

use crate::syntax::{Comparator, Factor, Sign};
use crate::value::Value;

/// What a whole expression is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Meaning {
    Condition(Condition),
    Number(Quantity),
}

/// Anything that can stand on one side of a comparison.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Term {
    Text(Text),
    Number(Quantity),
    Condition(Condition),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Text {
    Literal(String),
    Name(String),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Quantity {
    Literal(f64),
    Name(String),
    /// A condition as a number: 1 or 0.
    Indicator(Box<Condition>),
    Negative(Box<Self>),
    Product(Box<Self>, Vec<(Factor, Self)>),
    Sum(Box<Self>, Vec<(Sign, Self)>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    Literal(bool),
    Name(String),
    /// Both sides are of one type; only numbers are ordered.
    Comparison(Box<Term>, Comparator, Box<Term>),
    /// The list holds literals of the member's type.
    Membership {
        member: Box<Term>,
        negated: bool,
        list: Vec<Value>,
    },
    Not(Box<Self>),
    All(Vec<Self>),
    Any(Vec<Self>),
}
