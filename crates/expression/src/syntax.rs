//! An expression as it was written: its shape, before anyone asks whether it makes sense.
//!
//! Chains (`a + b - c`, `a and b and c`) are one node with many parts, so that the depth of a tree is bounded by the
//! nesting of its source and not by its length.

use crate::value::Value;

/// One node and the column where it starts.
#[derive(Debug)]
pub(crate) struct Syntax {
    pub(crate) column: usize,
    pub(crate) node: Node,
}

#[derive(Debug)]
pub(crate) enum Node {
    Literal(Literal),
    Name(String),
    Negative(Box<Syntax>),
    Product(Box<Syntax>, Vec<(Factor, Syntax)>),
    Sum(Box<Syntax>, Vec<(Sign, Syntax)>),
    Comparison(Box<Syntax>, Comparator, Box<Syntax>),
    Membership { member: Box<Syntax>, negated: bool, list: Vec<ListItem> },
    Not(Box<Syntax>),
    All(Vec<Syntax>),
    Any(Vec<Syntax>),
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Literal {
    Text(String),
    Number(f64),
    Bool(bool),
}

#[derive(Debug)]
pub(crate) struct ListItem {
    pub(crate) column: usize,
    pub(crate) literal: Literal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// How a part of a sum enters it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Sign {
    Plus,
    Minus,
}

/// How a part of a product enters it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Factor {
    Times,
    Divide,
}

impl Comparator {
    pub(crate) fn symbol(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }
}

impl From<Literal> for Value {
    fn from(literal: Literal) -> Self {
        match literal {
            Literal::Text(text) => Self::Text(text),
            Literal::Number(number) => Self::Number(number),
            Literal::Bool(holds) => Self::Bool(holds),
        }
    }
}
