//! Syntax → terms: whether names exist, words can occur, and types fit.

use std::collections::{BTreeMap, BTreeSet};

use crate::check::words::{WordCheck, explain_unknown_name};
use crate::error::{Fault, quote, shorten};
use crate::scope::{Domain, Scope};
use crate::syntax::{Comparator, ListItem, Literal, Node, Syntax};
use crate::term::{Condition, Meaning, Quantity, Term, Text};
use crate::value::Value;

mod words;

/// A term, the names that it reads, and the words that it compares each of them with.
pub(crate) struct Checked {
    pub(crate) term: Term,
    pub(crate) names: BTreeSet<String>,
    pub(crate) words: BTreeMap<String, BTreeSet<String>>,
}

/// Checks a whole expression.
pub(crate) fn check(syntax: &Syntax, scope: &Scope) -> Result<Checked, Fault> {
    let mut checker = Checker { scope, names: BTreeSet::new(), words: BTreeMap::new() };
    let term = checker.check_term(syntax)?;
    Ok(Checked { term, names: checker.names, words: checker.words })
}

pub(crate) fn expect_either(term: Term, syntax: &Syntax) -> Result<Meaning, Fault> {
    match term {
        Term::Number(quantity) => Ok(Meaning::Number(quantity)),
        Term::Text(_) | Term::Condition(_) => {
            expect_condition(term, syntax).map(Meaning::Condition)
        }
    }
}

pub(crate) fn expect_condition(term: Term, syntax: &Syntax) -> Result<Condition, Fault> {
    let Term::Condition(condition) = term else {
        let advice = if let Node::Name(name) = &syntax.node {
            format!("; compare it with something, as in `{} == …`", shorten(name))
        } else {
            String::new()
        };
        return Err(Fault::new(
            syntax.column,
            format!("a condition is needed here, and {}{advice}", describe(syntax, &term)),
        ));
    };
    Ok(condition)
}

pub(crate) fn expect_number(term: Term, syntax: &Syntax) -> Result<Quantity, Fault> {
    match term {
        Term::Number(quantity) => Ok(quantity),
        Term::Text(_) | Term::Condition(_) => Err(Fault::new(
            syntax.column,
            format!("a number is needed here, and {}", describe(syntax, &term)),
        )),
    }
}

struct Checker<'a> {
    scope: &'a Scope,
    names: BTreeSet<String>,
    words: BTreeMap<String, BTreeSet<String>>,
}

impl Checker<'_> {
    fn check_term(&mut self, syntax: &Syntax) -> Result<Term, Fault> {
        let condition = match &syntax.node {
            Node::Literal(literal) => return Ok(Term::from(literal.clone())),
            Node::Name(name) => return self.check_name(name, syntax.column),
            Node::Negative(inner) => {
                return Ok(Term::Number(Quantity::Negative(Box::new(self.check_quantity(inner)?))));
            }
            Node::Product(first, rest) => {
                let first = Box::new(self.check_quantity(first)?);
                return Ok(Term::Number(Quantity::Product(first, self.check_quantities(rest)?)));
            }
            Node::Sum(first, rest) => {
                let first = Box::new(self.check_quantity(first)?);
                return Ok(Term::Number(Quantity::Sum(first, self.check_quantities(rest)?)));
            }
            Node::Comparison(left, comparator, right) => {
                self.check_comparison(left, *comparator, right)?
            }
            Node::Membership { member, negated, list } => {
                self.check_membership(member, *negated, list)?
            }
            Node::Not(inner) => Condition::Not(Box::new(self.check_condition(inner)?)),
            Node::All(parts) => Condition::All(self.check_conditions(parts)?),
            Node::Any(parts) => Condition::Any(self.check_conditions(parts)?),
        };
        Ok(Term::Condition(condition))
    }

    fn check_name(&mut self, name: &str, column: usize) -> Result<Term, Fault> {
        let Some(domain) = self.scope.get(name) else {
            return Err(Fault::new(column, explain_unknown_name(name, self.scope)));
        };
        self.names.insert(name.to_owned());
        let name = name.to_owned();
        Ok(match domain {
            Domain::Text | Domain::OneOf(_) => Term::Text(Text::Name(name)),
            Domain::Number => Term::Number(Quantity::Name(name)),
            Domain::Bool => Term::Condition(Condition::Name(name)),
        })
    }

    fn check_condition(&mut self, syntax: &Syntax) -> Result<Condition, Fault> {
        let term = self.check_term(syntax)?;
        expect_condition(term, syntax)
    }

    fn check_conditions(&mut self, parts: &[Syntax]) -> Result<Vec<Condition>, Fault> {
        parts.iter().map(|part| self.check_condition(part)).collect()
    }

    /// A part of arithmetic, where a condition counts as 1 or 0.
    fn check_quantity(&mut self, syntax: &Syntax) -> Result<Quantity, Fault> {
        match self.check_term(syntax)? {
            Term::Number(quantity) => Ok(quantity),
            Term::Condition(condition) => Ok(Quantity::Indicator(Box::new(condition))),
            text @ Term::Text(_) => {
                let described = describe(syntax, &text);
                Err(Fault::new(
                    syntax.column,
                    format!(
                        "arithmetic needs numbers, and {described}; a comparison within it stands in parentheses"
                    ),
                ))
            }
        }
    }

    fn check_quantities<Role: Copy>(
        &mut self,
        parts: &[(Role, Syntax)],
    ) -> Result<Vec<(Role, Quantity)>, Fault> {
        parts.iter().map(|(role, part)| Ok((*role, self.check_quantity(part)?))).collect()
    }

    fn check_comparison(
        &mut self,
        left: &Syntax,
        comparator: Comparator,
        right: &Syntax,
    ) -> Result<Condition, Fault> {
        let left_term = self.check_term(left)?;
        let right_term = self.check_term(right)?;
        if left_term.kind() != right_term.kind() {
            let (left, right_is) = (describe(left, &left_term), describe(right, &right_term));
            return Err(Fault::new(
                right.column,
                format!("{left} and {right_is}: nothing is converted, so they cannot be compared"),
            ));
        }
        expect_comparable(comparator, left, &left_term)?;
        WordCheck { scope: self.scope, words: &mut self.words }
            .check_pair((left, &left_term), (right, &right_term))?;
        Ok(Condition::Comparison(Box::new(left_term), comparator, Box::new(right_term)))
    }

    fn check_membership(
        &mut self,
        member: &Syntax,
        negated: bool,
        list: &[ListItem],
    ) -> Result<Condition, Fault> {
        let term = self.check_term(member)?;
        for item in list {
            let literal = Term::from(item.literal.clone());
            if literal.kind() != term.kind() {
                let member = describe(member, &term);
                let message = format!(
                    "{member} and this is {}: it can never be in the list",
                    literal.kind().describe()
                );
                return Err(Fault::new(item.column, message));
            }
            WordCheck { scope: self.scope, words: &mut self.words }.check_literal(
                &term,
                &literal,
                item.column,
            )?;
        }
        let list = list.iter().map(|item| Value::from(item.literal.clone())).collect();
        Ok(Condition::Membership { member: Box::new(term), negated, list })
    }
}

/// `==` and `!=` take every type; only numbers have an order.
fn expect_comparable(comparator: Comparator, left: &Syntax, term: &Term) -> Result<(), Fault> {
    match (comparator, term.kind()) {
        (Comparator::Equal | Comparator::NotEqual, _) | (_, Kind::Number) => Ok(()),
        (_, Kind::Text | Kind::Condition) => {
            let symbol = comparator.symbol();
            Err(Fault::new(
                left.column,
                format!("`{symbol}` compares numbers, and {}", describe(left, term)),
            ))
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    Number,
    Condition,
}

impl Kind {
    fn describe(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Number => "a number",
            Self::Condition => "a condition (true or false)",
        }
    }
}

impl Term {
    fn kind(&self) -> Kind {
        match self {
            Self::Text(_) => Kind::Text,
            Self::Number(_) => Kind::Number,
            Self::Condition(_) => Kind::Condition,
        }
    }
}

impl From<Literal> for Term {
    fn from(literal: Literal) -> Self {
        match literal {
            Literal::Text(text) => Self::Text(Text::Literal(text)),
            Literal::Number(number) => Self::Number(Quantity::Literal(number)),
            Literal::Bool(holds) => Self::Condition(Condition::Literal(holds)),
        }
    }
}

/// "`tier` is text", for the middle of a message.
fn describe(syntax: &Syntax, term: &Term) -> String {
    let kind = term.kind().describe();
    match &syntax.node {
        Node::Name(name) => format!("{} is {kind}", quote(name)),
        Node::Literal(Literal::Text(text)) => format!("{} in quotes is {kind}", quote(text)),
        Node::Literal(Literal::Number(number)) => format!("{number} is {kind}"),
        Node::Literal(Literal::Bool(holds)) => format!("{holds} is {kind}"),
        Node::Negative(_)
        | Node::Product(..)
        | Node::Sum(..)
        | Node::Comparison(..)
        | Node::Membership { .. }
        | Node::Not(_)
        | Node::All(_)
        | Node::Any(_) => format!("this is {kind}"),
    }
}
