//! Tokens → syntax, by recursive descent: one function for each level of precedence, loosest first.

use crate::MAX_NESTING;
use crate::error::Fault;
use crate::syntax::{Comparator, Factor, ListItem, Literal, Node, Sign, Syntax};
use crate::token::{Placed, Token};

/// Reads all tokens as one expression. `end` is the column just past the last one.
pub(crate) fn parse_tokens(tokens: &[Placed], end: usize) -> Result<Syntax, Fault> {
    let mut parser = Parser { tokens, end, position: 0, nesting: 0 };
    let syntax = parser.parse_any()?;
    match parser.peek() {
        None => Ok(syntax),
        Some(Token::Close) => Err(parser.fault("this `)` closes nothing")),
        Some(Token::Not) => {
            Err(parser.fault("`not` cannot stand here; only `not in` follows a value"))
        }
        Some(_) => Err(parser.fault("expected an operator or the end of the expression")),
    }
}

struct Parser<'a> {
    tokens: &'a [Placed],
    end: usize,
    position: usize,
    nesting: usize,
}

impl Parser<'_> {
    fn parse_any(&mut self) -> Result<Syntax, Fault> {
        self.parse_chain(&Token::Or, Self::parse_all, Node::Any)
    }

    fn parse_all(&mut self) -> Result<Syntax, Fault> {
        self.parse_chain(&Token::And, Self::parse_not, Node::All)
    }

    /// `part (joint part)*`, as one node if there is more than one part.
    fn parse_chain(
        &mut self,
        joint: &Token,
        parse_part: fn(&mut Self) -> Result<Syntax, Fault>,
        join: fn(Vec<Syntax>) -> Node,
    ) -> Result<Syntax, Fault> {
        let first = parse_part(self)?;
        if self.peek() != Some(joint) {
            return Ok(first);
        }
        let column = first.column;
        let mut parts = vec![first];
        while self.take_if(joint) {
            parts.push(parse_part(self)?);
        }
        Ok(Syntax { column, node: join(parts) })
    }

    fn parse_not(&mut self) -> Result<Syntax, Fault> {
        let column = self.column();
        if self.take_if(&Token::Not) {
            let inner = self.nest(column, Self::parse_not)?;
            return Ok(Syntax { column, node: Node::Not(Box::new(inner)) });
        }
        self.parse_comparison()
    }

    fn parse_comparison(&mut self) -> Result<Syntax, Fault> {
        let left = self.parse_sum()?;
        let compared = if let Some(comparator) = self.take_comparator() {
            let right = self.parse_sum()?;
            Syntax {
                column: left.column,
                node: Node::Comparison(Box::new(left), comparator, Box::new(right)),
            }
        } else if let Some(negated) = self.take_membership() {
            let list = self.parse_list()?;
            Syntax {
                column: left.column,
                node: Node::Membership { member: Box::new(left), negated, list },
            }
        } else {
            return Ok(left);
        };
        if self.at_comparison() {
            return Err(self.fault(
                "comparisons do not chain; join two of them with `and`, or use parentheses",
            ));
        }
        Ok(compared)
    }

    fn parse_list(&mut self) -> Result<Vec<ListItem>, Fault> {
        if !self.take_if(&Token::OpenList) {
            return Err(self.fault("`in` is followed by a list of literals, as in ['x', 'y']"));
        }
        if self.peek() == Some(&Token::CloseList) {
            return Err(self.fault("nothing is in an empty list"));
        }
        let mut items = vec![self.parse_list_item()?];
        while self.take_if(&Token::Comma) {
            items.push(self.parse_list_item()?);
        }
        if !self.take_if(&Token::CloseList) {
            return Err(self.fault("expected `,` or `]`"));
        }
        Ok(items)
    }

    fn parse_list_item(&mut self) -> Result<ListItem, Fault> {
        let column = self.column();
        let negative = self.take_if(&Token::Minus);
        let literal = match (self.peek_literal(), negative) {
            (Some(Literal::Number(number)), true) => Literal::Number(-number),
            (Some(literal), false) => literal,
            (None | Some(Literal::Text(_) | Literal::Bool(_)), _) => {
                return Err(
                    self.fault("a list holds literals: quoted texts, numbers, true or false")
                );
            }
        };
        self.position += 1;
        Ok(ListItem { column, literal })
    }

    fn parse_sum(&mut self) -> Result<Syntax, Fault> {
        let first = self.parse_product()?;
        let column = first.column;
        let mut rest = Vec::new();
        while let Some(sign) = self.take_sign() {
            rest.push((sign, self.parse_product()?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Syntax { column, node: Node::Sum(Box::new(first), rest) })
    }

    fn parse_product(&mut self) -> Result<Syntax, Fault> {
        let first = self.parse_negative()?;
        let column = first.column;
        let mut rest = Vec::new();
        while let Some(factor) = self.take_factor() {
            rest.push((factor, self.parse_negative()?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Syntax { column, node: Node::Product(Box::new(first), rest) })
    }

    fn parse_negative(&mut self) -> Result<Syntax, Fault> {
        let column = self.column();
        if self.take_if(&Token::Minus) {
            let inner = self.nest(column, Self::parse_negative)?;
            return Ok(Syntax { column, node: Node::Negative(Box::new(inner)) });
        }
        self.parse_primary()
    }

    fn parse_primary(&mut self) -> Result<Syntax, Fault> {
        let column = self.column();
        if let Some(literal) = self.peek_literal() {
            self.position += 1;
            return Ok(Syntax { column, node: Node::Literal(literal) });
        }
        match self.peek() {
            Some(Token::Name(name)) => {
                let node = Node::Name(name.clone());
                self.position += 1;
                Ok(Syntax { column, node })
            }
            Some(Token::Open) => self.parse_parenthesised(),
            Some(Token::Not) => Err(self.fault(
                "`not` binds less tightly than this operator: put `(not …)` in parentheses",
            )),
            Some(Token::OpenList) => Err(self.fault("a list can only stand after `in`")),
            None => Err(self.fault("the expression ends where a name or a literal should stand")),
            Some(_) => Err(self.fault("expected a name, a literal or `(`")),
        }
    }

    fn parse_parenthesised(&mut self) -> Result<Syntax, Fault> {
        let column = self.column();
        self.position += 1;
        let inner = self.nest(column, Self::parse_any)?;
        if self.take_if(&Token::Close) {
            return Ok(Syntax { column, ..inner });
        }
        match self.peek() {
            None => Err(Fault::new(column, "this `(` is never closed")),
            Some(_) => Err(self.fault("expected an operator or `)`")),
        }
    }

    /// Parses what stands one level deeper. Every way in which the parser can call itself goes through here.
    fn nest(
        &mut self,
        column: usize,
        parse: fn(&mut Self) -> Result<Syntax, Fault>,
    ) -> Result<Syntax, Fault> {
        if self.nesting == MAX_NESTING {
            return Err(Fault::new(column, format!("nested more than {MAX_NESTING} levels deep")));
        }
        self.nesting += 1;
        let inner = parse(self);
        self.nesting -= 1;
        inner
    }

    fn take_comparator(&mut self) -> Option<Comparator> {
        let Some(Token::Compare(comparator)) = self.peek() else { return None };
        let comparator = *comparator;
        self.position += 1;
        Some(comparator)
    }

    /// `in` or `not in`: whether it was negated.
    fn take_membership(&mut self) -> Option<bool> {
        let negated = self.peek() == Some(&Token::Not);
        let keyword = self.tokens.get(self.position + usize::from(negated))?;
        if keyword.token != Token::In {
            return None;
        }
        self.position += 1 + usize::from(negated);
        Some(negated)
    }

    fn at_comparison(&self) -> bool {
        let next = self.tokens.get(self.position + 1).map(|placed| &placed.token);
        match self.peek() {
            Some(Token::Compare(_) | Token::In) => true,
            Some(Token::Not) => next == Some(&Token::In),
            _ => false,
        }
    }

    fn take_sign(&mut self) -> Option<Sign> {
        let sign = match self.peek() {
            Some(Token::Plus) => Sign::Plus,
            Some(Token::Minus) => Sign::Minus,
            _ => return None,
        };
        self.position += 1;
        Some(sign)
    }

    fn take_factor(&mut self) -> Option<Factor> {
        let factor = match self.peek() {
            Some(Token::Times) => Factor::Times,
            Some(Token::Divide) => Factor::Divide,
            _ => return None,
        };
        self.position += 1;
        Some(factor)
    }

    fn peek_literal(&self) -> Option<Literal> {
        if let Some(Token::Literal(literal)) = self.peek() { Some(literal.clone()) } else { None }
    }

    fn take_if(&mut self, token: &Token) -> bool {
        let found = self.peek() == Some(token);
        self.position += usize::from(found);
        found
    }

    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.position).map(|placed| &placed.token)
    }

    fn column(&self) -> usize {
        self.tokens.get(self.position).map_or(self.end, |placed| placed.column)
    }

    fn fault(&self, message: &str) -> Fault {
        Fault::new(self.column(), message)
    }
}
