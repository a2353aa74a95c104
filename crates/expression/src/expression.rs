//! The one type that users of the language hold.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::check::{Checked, check, expect_condition, expect_either, expect_number};
use crate::error::{ExpressionError, Fault};
use crate::parse::parse_tokens;
use crate::range::OF_CONDITION;
use crate::scope::Scope;
use crate::syntax::Syntax;
use crate::term::{Meaning, Term};
use crate::token::{KEYWORDS, is_word_character, split_tokens, starts_word};
use crate::truth::Truth;
use crate::value::Value;

/// The longest source, in characters. Expressions in use have under 200.
pub const MAX_SOURCE_CHARACTERS: usize = 4096;

/// How deep parentheses, `not` and unary minus may nest. It bounds the stack of parsing, evaluating and dropping alike.
pub const MAX_NESTING: usize = 64;

/// An expression that was parsed and checked against a [`Scope`]. It prints as it was written.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    source: String,
    meaning: Meaning,
    names: BTreeSet<String>,
    words: BTreeMap<String, BTreeSet<String>>,
}

impl Expression {
    /// Parses an expression that may be a condition or a number; [`is_condition`](Self::is_condition) says which it is.
    ///
    /// # Errors
    ///
    /// The first fault of form from the left or, where the form is right, the first one of names, words and types.
    pub fn parse(source: &str, scope: &Scope) -> Result<Self, ExpressionError> {
        Self::build(source, scope, expect_either)
    }

    /// Parses an expression that must be a condition: something that holds or does not.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and if the result is a number.
    pub fn parse_condition(source: &str, scope: &Scope) -> Result<Self, ExpressionError> {
        Self::build(source, scope, |term, syntax| {
            expect_condition(term, syntax).map(Meaning::Condition)
        })
    }

    /// Parses an expression that must be a number.
    ///
    /// # Errors
    ///
    /// As [`parse`](Self::parse), and if the result is a condition: a rate and a mean have different intervals, and the
    /// choice between them should not hang on a missing operator.
    pub fn parse_number(source: &str, scope: &Scope) -> Result<Self, ExpressionError> {
        Self::build(source, scope, |term, syntax| expect_number(term, syntax).map(Meaning::Number))
    }

    /// The expression as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Every name that the expression reads, whether or not its answer hangs on it.
    #[must_use]
    pub fn names(&self) -> &BTreeSet<String> {
        &self.names
    }

    /// Whether the result is a condition, for [`truth`](Self::truth), rather than a number, for [`number`](Self::number).
    #[must_use]
    pub fn is_condition(&self) -> bool {
        matches!(self.meaning, Meaning::Condition(_))
    }

    /// The truth of a condition. A number has none, and is unknown.
    ///
    /// | | with unknown | with not asked |
    /// | --- | --- | --- |
    /// | `==`, `<`, `<=`, `>`, `>=`, `in` | unknown | false |
    /// | `!=`, `not in` | unknown | true |
    ///
    /// Unknown comes first where both meet. A name that stands alone as a condition means `name == true`. Arithmetic
    /// over something that was not asked is unknown, and so is a comparison with it.
    ///
    /// The lookup may be asked for any of [`names`](Self::names), more than once, and must answer the same each time.
    /// An answer of another type than the scope declared, and a number that is not finite, count as unknown.
    ///
    /// What it says is local: `a == 'x' or a != 'x'` is unknown for an unknown `a`. Whether every value of the unknowns
    /// would give one answer is found by trying them: [`completions`](fn@crate::completions).
    #[must_use]
    pub fn truth(&self, lookup: &dyn Fn(&str) -> Value) -> Truth {
        match &self.meaning {
            Meaning::Condition(condition) => condition.truth(lookup),
            Meaning::Number(_) => Truth::Unknown,
        }
    }

    /// The value of a number, always finite. `None` if anything in it is unknown or was not asked, on division by zero,
    /// and on overflow. A condition has no value, and gives `None`.
    ///
    /// Inside arithmetic, and only there, a condition counts as 1 where it holds and 0 where it does not: the mean of
    /// two graders is `0.5 * (a == 'yes') + 0.5 * (b == 'yes')`. This is the one conversion in the language.
    #[must_use]
    pub fn number(&self, lookup: &dyn Fn(&str) -> Value) -> Option<f64> {
        match &self.meaning {
            Meaning::Condition(_) => None,
            Meaning::Number(quantity) => quantity.number(lookup),
        }
    }

    /// The least and the greatest value that [`number`](Self::number) can have, where the scope is the one that the
    /// expression was parsed with. A condition, which counts as 1 or 0, lies between 0 and 1.
    ///
    /// It is sound and not tight: every part may take each of its values whatever the others are, so `x - x` can be
    /// anything up to the width of `x`. `None` where an end is unknown: a number that was declared without
    /// [bounds](Scope::with_bounds), a divisor that can be 0, and ends beyond what is finite.
    #[must_use]
    pub fn range(&self, scope: &Scope) -> Option<(f64, f64)> {
        match &self.meaning {
            Meaning::Condition(_) => Some(OF_CONDITION),
            Meaning::Number(quantity) => quantity.range(scope),
        }
    }

    /// The words that the expression compares a name with, by `==`, `!=`, `in` or `not in`, on either side. Empty for a
    /// name that it does not read.
    #[must_use]
    pub fn literals_compared_with(&self, name: &str) -> BTreeSet<String> {
        self.words.get(name).cloned().unwrap_or_default()
    }

    fn build(
        source: &str,
        scope: &Scope,
        interpret: fn(Term, &Syntax) -> Result<Meaning, Fault>,
    ) -> Result<Self, ExpressionError> {
        let built = read_syntax(source).and_then(|syntax| {
            let Checked { term, names, words } = check(&syntax, scope)?;
            let meaning = interpret(term, &syntax)?;
            Ok(Self { source: source.to_owned(), meaning, names, words })
        });
        built.map_err(|fault| fault.locate_in(source))
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}

/// Whether an expression can say this name: letters, digits and `_`, not starting with a digit, in parts joined by
/// dots, and no keyword. What a sweep file declares under another name (`free-tier`) could never be read.
#[must_use]
pub fn is_name(text: &str) -> bool {
    !KEYWORDS.contains(&text)
        && text
            .split('.')
            .all(|part| part.starts_with(starts_word) && part.chars().all(is_word_character))
}

fn read_syntax(source: &str) -> Result<Syntax, Fault> {
    if source.chars().nth(MAX_SOURCE_CHARACTERS).is_some() {
        let message = format!("an expression has at most {MAX_SOURCE_CHARACTERS} characters");
        return Err(Fault::new(MAX_SOURCE_CHARACTERS + 1, message));
    }
    let tokens = split_tokens(source)?;
    if tokens.is_empty() {
        return Err(Fault::new(1, "the expression is empty"));
    }
    parse_tokens(&tokens, source.trim_end().chars().count() + 1)
}
