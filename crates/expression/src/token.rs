//! Source text → tokens, each with the column where it starts.

use crate::error::{Fault, quote};
use crate::syntax::{Comparator, Literal};

/// One token and where it starts (1-based, in characters).
#[derive(Debug)]
pub(crate) struct Placed {
    pub(crate) token: Token,
    pub(crate) column: usize,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Token {
    Name(String),
    Literal(Literal),
    And,
    Or,
    Not,
    In,
    Compare(Comparator),
    Plus,
    Minus,
    Times,
    Divide,
    Open,
    Close,
    OpenList,
    CloseList,
    Comma,
}

/// The words that cannot be names, as they are written.
pub(crate) const KEYWORDS: [&str; 6] = ["and", "false", "in", "not", "or", "true"];

/// Splits a source into tokens.
pub(crate) fn split_tokens(source: &str) -> Result<Vec<Placed>, Fault> {
    let characters: Vec<char> = source.chars().collect();
    let mut reader = Reader { characters: &characters, position: 0 };
    let mut tokens = Vec::new();
    while reader.skip_space() {
        let column = reader.column();
        tokens.push(Placed { token: reader.read_token()?, column });
    }
    Ok(tokens)
}

struct Reader<'a> {
    characters: &'a [char],
    position: usize,
}

impl Reader<'_> {
    fn read_token(&mut self) -> Result<Token, Fault> {
        match self.peek() {
            Some('\'' | '"') => self.read_text(),
            Some('0'..='9') => self.read_number(),
            Some('A'..='Z' | 'a'..='z' | '_') => self.read_word(),
            _ => self.read_symbol(),
        }
    }

    /// A name or a keyword. Only an undotted word can be a keyword.
    fn read_word(&mut self) -> Result<Token, Fault> {
        let mut word = self.take_while(is_word_character);
        while self.peek() == Some('.') {
            let column = self.column();
            self.position += 1;
            if !self.peek().is_some_and(starts_word) {
                return Err(Fault::new(
                    column,
                    format!(
                        "after {} and a dot, a name must go on with a letter or `_`",
                        quote(&word)
                    ),
                ));
            }
            word.push('.');
            word.push_str(&self.take_while(is_word_character));
        }
        Ok(recognise_word(word))
    }

    fn read_text(&mut self) -> Result<Token, Fault> {
        let column = self.column();
        let mut text = String::new();
        let mark = self.take();
        loop {
            match self.take() {
                None => {
                    let mark = mark.unwrap_or('\'');
                    return Err(Fault::new(column, format!("this text has no closing {mark}")));
                }
                Some('\\') => text.push(self.read_escaped()?),
                closing if closing == mark => return Ok(Token::Literal(Literal::Text(text))),
                Some(character) => text.push(character),
            }
        }
    }

    fn read_escaped(&mut self) -> Result<char, Fault> {
        let column = self.position;
        match self.take() {
            Some(escaped @ ('\\' | '\'' | '"')) => Ok(escaped),
            _ => Err(Fault::new(
                column,
                r#"a backslash in a text stands before \, ' or ", and is itself written \\"#,
            )),
        }
    }

    fn read_number(&mut self) -> Result<Token, Fault> {
        let column = self.column();
        let start = self.position;
        // The whole run first, so that `1.2.3` and `3rd` are one bad number, not a good one and a riddle.
        while self.peek().is_some_and(|next| {
            is_word_character(next) || next == '.' || self.continues_exponent(start, next)
        }) {
            self.position += 1;
        }
        let digits: String = self.characters[start..self.position].iter().collect();
        decode_number(&digits)
            .map(|number| Token::Literal(Literal::Number(number)))
            .map_err(|reason| Fault::new(column, format!("{} {reason}", quote(&digits))))
    }

    /// Whether a sign belongs to the exponent before it, as in `1e-3`.
    fn continues_exponent(&self, start: usize, next: char) -> bool {
        let run = &self.characters[start..self.position];
        let Some(('e' | 'E', mantissa)) = run.split_last() else { return false };
        matches!(next, '+' | '-') && mantissa.iter().all(|&c| c.is_ascii_digit() || c == '.')
    }

    fn read_symbol(&mut self) -> Result<Token, Fault> {
        let column = self.column();
        let first = self.take();
        let doubled = self.peek();
        let (token, length) = match (first, doubled) {
            (Some('='), Some('=')) => (Token::Compare(Comparator::Equal), 2),
            (Some('!'), Some('=')) => (Token::Compare(Comparator::NotEqual), 2),
            (Some('<'), Some('=')) => (Token::Compare(Comparator::LessOrEqual), 2),
            (Some('>'), Some('=')) => (Token::Compare(Comparator::GreaterOrEqual), 2),
            (Some('<'), _) => (Token::Compare(Comparator::Less), 1),
            (Some('>'), _) => (Token::Compare(Comparator::Greater), 1),
            (Some('+'), _) => (Token::Plus, 1),
            (Some('-'), _) => (Token::Minus, 1),
            (Some('*'), _) => (Token::Times, 1),
            (Some('/'), _) => (Token::Divide, 1),
            (Some('('), _) => (Token::Open, 1),
            (Some(')'), _) => (Token::Close, 1),
            (Some('['), _) => (Token::OpenList, 1),
            (Some(']'), _) => (Token::CloseList, 1),
            (Some(','), _) => (Token::Comma, 1),
            (other, _) => return Err(Fault::new(column, explain_character(other.unwrap_or(' ')))),
        };
        self.position += length - 1;
        Ok(token)
    }

    /// Moves to the next token; false at the end.
    fn skip_space(&mut self) -> bool {
        while self.peek().is_some_and(char::is_whitespace) {
            self.position += 1;
        }
        self.peek().is_some()
    }

    fn take_while(&mut self, belongs: impl Fn(char) -> bool) -> String {
        let start = self.position;
        while self.peek().is_some_and(&belongs) {
            self.position += 1;
        }
        self.characters[start..self.position].iter().collect()
    }

    fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.position += 1;
        Some(next)
    }

    fn peek(&self) -> Option<char> {
        self.characters.get(self.position).copied()
    }

    fn column(&self) -> usize {
        self.position + 1
    }
}

fn recognise_word(word: String) -> Token {
    match word.as_str() {
        "true" => Token::Literal(Literal::Bool(true)),
        "false" => Token::Literal(Literal::Bool(false)),
        "and" => Token::And,
        "or" => Token::Or,
        "not" => Token::Not,
        "in" => Token::In,
        _ => Token::Name(word),
    }
}

/// A finite number of the form `digits[.digits][e[+-]digits]`.
///
/// Stricter than the standard library, which also takes `1.`, `inf`, and turns what it cannot hold into infinity or zero.
fn decode_number(digits: &str) -> Result<f64, &'static str> {
    const MALFORMED: &str = "is not a number; numbers are written like 3, 0.5 or 1e-3";
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = mantissa
        .split_once('.')
        .map_or((mantissa, None), |(whole, fraction)| (whole, Some(fraction)));
    let exponent = exponent.map(|signed| signed.strip_prefix(['+', '-']).unwrap_or(signed));
    let parts = [Some(whole), fraction, exponent];
    if !parts
        .into_iter()
        .flatten()
        .all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(MALFORMED);
    }
    let number: f64 = digits.parse().or(Err(MALFORMED))?;
    if !number.is_finite() {
        return Err("is too large for a number");
    }
    if number == 0.0 && mantissa.bytes().any(|byte| matches!(byte, b'1'..=b'9')) {
        return Err("is too small for a number: it would become 0");
    }
    Ok(number)
}

fn explain_character(character: char) -> String {
    let advice = match character {
        '=' => "`==` compares",
        '!' => "write `not`, or `!=` to compare",
        '&' => "write `and`",
        '|' => "write `or`",
        '.' => "write a digit before the decimal point, as in 0.5",
        '‘' | '’' | '“' | '”' | '`' => "texts stand in straight quotes: ' or \"",
        _ => "text with such characters stands in quotes",
    };
    format!("unexpected {}; {advice}", quote(character.encode_utf8(&mut [0; 4])))
}

pub(crate) fn starts_word(character: char) -> bool {
    character.is_ascii_alphabetic() || character == '_'
}

pub(crate) fn is_word_character(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}
