//! Whether a word can occur at all, and what was probably meant if it cannot.
//!
//! A comparison with a word that no judge can say would be false for ever: a rate of 0% that nobody would question.

use std::collections::{BTreeMap, BTreeSet};

use crate::error::{Fault, quote, shorten};
use crate::nearest::find_nearest;
use crate::scope::{Domain, Scope};
use crate::syntax::Syntax;
use crate::term::{Term, Text};
use crate::token::KEYWORDS;

/// How many names or words a message lists before it only counts the rest.
const MAX_LISTED: usize = 20;

/// Checks words against the closed sets of a scope, and notes which of them each name was compared with.
pub(crate) struct WordCheck<'a> {
    pub(crate) scope: &'a Scope,
    pub(crate) words: &'a mut BTreeMap<String, BTreeSet<String>>,
}

impl WordCheck<'_> {
    /// The two sides of a comparison, in the order in which they were written.
    pub(crate) fn check_pair(
        &mut self,
        left: (&Syntax, &Term),
        right: (&Syntax, &Term),
    ) -> Result<(), Fault> {
        self.check_literal(left.1, right.1, right.0.column)?;
        self.check_literal(right.1, left.1, left.0.column)?;
        self.check_overlap(left.1, right.1, right.0.column)
    }

    /// A name and a literal word, which stands at `column`; anything else passes.
    pub(crate) fn check_literal(
        &mut self,
        name: &Term,
        literal: &Term,
        column: usize,
    ) -> Result<(), Fault> {
        let (Term::Text(Text::Name(name)), Term::Text(Text::Literal(word))) = (name, literal)
        else {
            return Ok(());
        };
        if let Some(words) = self.find_words(name)
            && !words.contains(word)
        {
            return Err(Fault::new(column, explain_impossible_word(word, name, words)));
        }
        self.words.entry(name.clone()).or_default().insert(word.clone());
        Ok(())
    }

    /// Two names whose closed sets share no word can never be equal.
    fn check_overlap(&self, left: &Term, right: &Term, column: usize) -> Result<(), Fault> {
        let (Term::Text(Text::Name(left)), Term::Text(Text::Name(right))) = (left, right) else {
            return Ok(());
        };
        let (Some(left_words), Some(right_words)) = (self.find_words(left), self.find_words(right))
        else {
            return Ok(());
        };
        if left_words.is_disjoint(right_words) {
            return Err(Fault::new(
                column,
                format!("{} and {} have no value in common", quote(left), quote(right)),
            ));
        }
        Ok(())
    }

    fn find_words(&self, name: &str) -> Option<&BTreeSet<String>> {
        match self.scope.get(name)? {
            Domain::OneOf(words) => Some(words),
            Domain::Text | Domain::Number | Domain::Bool => None,
        }
    }
}

pub(crate) fn explain_unknown_name(name: &str, scope: &Scope) -> String {
    let unknown = quote(name);
    if ["nan", "inf", "infinity"].contains(&name.to_ascii_lowercase().as_str()) {
        return format!("{unknown} is not a number here: every number is finite");
    }
    if let Some(holder) = scope.find_name_with_word(name) {
        return format!(
            "unknown name {unknown}; as a value of {} it stands in quotes: '{}'",
            quote(holder),
            shorten(name)
        );
    }
    if let Some(nearest) = find_nearest(name, scope.names().chain(KEYWORDS)) {
        return format!("unknown name {unknown}; did you mean {}?", quote(nearest));
    }
    match list_words(scope.names()) {
        Some(names) => format!("unknown name {unknown}; the names here are: {names}"),
        None => format!("unknown name {unknown}; there are no names here"),
    }
}

fn explain_impossible_word(word: &str, name: &str, words: &BTreeSet<String>) -> String {
    let (impossible, name) = (quote(word), quote(name));
    let Some(listed) = list_words(words.iter().map(String::as_str)) else {
        return format!("{impossible} is not a value of {name}, which has no values");
    };
    let suggestion = match find_nearest(word, words.iter().map(String::as_str)) {
        Some(nearest) => format!("; did you mean {}?", quote(nearest)),
        None => String::new(),
    };
    format!("{impossible} is not a value of {name}; it is one of: {listed}{suggestion}")
}

/// "a, b, c and 4 more"; `None` for nothing at all.
fn list_words<'a>(words: impl Iterator<Item = &'a str>) -> Option<String> {
    let words: Vec<String> = words.map(shorten).collect();
    let shown = words.get(..MAX_LISTED).unwrap_or(&words).join(", ");
    match words.len() {
        0 => None,
        1..=MAX_LISTED => Some(shown),
        count => Some(format!("{shown} and {} more", count - MAX_LISTED)),
    }
}
