//! Which names an expression may read, and what each of them can be.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;

use crate::value::Value;

/// The values that a name can have, beside "not asked" and "unknown", which every name can have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Domain {
    /// Any text, such as a column of the prompt set.
    Text,
    /// A closed set of words, such as the levels of a factor or the labels of a judge. A comparison with any other word
    /// is an error when the expression is parsed.
    OneOf(BTreeSet<String>),
    /// A finite number.
    Number,
    /// A fact that holds or does not; its name may stand alone as a condition.
    Bool,
}

impl Domain {
    /// A closed set of words.
    pub fn one_of<Word: Into<String>>(words: impl IntoIterator<Item = Word>) -> Self {
        Self::OneOf(words.into_iter().map(Into::into).collect())
    }

    /// Every known value in order, ready for [`completions`](fn@crate::completions); `None` where there is no end of them
    /// (text and numbers).
    #[must_use]
    pub fn values(&self) -> Option<Vec<Value>> {
        match self {
            Self::OneOf(words) => Some(words.iter().cloned().map(Value::Text).collect()),
            Self::Bool => Some(vec![Value::Bool(false), Value::Bool(true)]),
            Self::Text | Self::Number => None,
        }
    }
}

/// The names of one place of a sweep file.
///
/// A name that [`is_name`](crate::is_name) refuses can be declared, but no expression can say it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    domains: BTreeMap<String, Domain>,
    /// Of numbers that have any.
    bounds: BTreeMap<String, (i32, i32)>,
}

impl Scope {
    /// A scope without names: only literals can be used.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// This scope and one more name.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, domain: Domain) -> Self {
        self.insert(name, domain);
        self
    }

    /// Declares a name. Declaring it again replaces its domain: whether two things may bear one name is for the caller
    /// to decide, who knows where they were written.
    pub fn insert(&mut self, name: impl Into<String>, domain: Domain) {
        let name = name.into();
        self.bounds.remove(&name);
        self.domains.insert(name, domain);
    }

    /// This scope and one more name: a number that is never outside the bounds, such as a judge's answer on a scale.
    /// Bounds decide nothing but the [range](crate::Expression::range) of an expression; that they are kept is for the
    /// lookup to see to.
    #[must_use]
    pub fn with_bounds(mut self, name: impl Into<String>, bounds: RangeInclusive<i32>) -> Self {
        let name = name.into();
        self.insert(name.clone(), Domain::Number);
        if !bounds.is_empty() {
            self.bounds.insert(name, bounds.into_inner());
        }
        self
    }

    /// The least and the greatest value of a number that was declared with bounds.
    pub(crate) fn bounds(&self, name: &str) -> Option<(f64, f64)> {
        let (least, greatest) = self.bounds.get(name)?;
        Some((f64::from(*least), f64::from(*greatest)))
    }

    /// What a name can be; `None` if it was not declared.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Domain> {
        self.domains.get(name)
    }

    /// The names in alphabetical order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.domains.keys().map(String::as_str)
    }

    /// The name whose closed set holds this word, if there is one; the first in alphabetical order.
    pub(crate) fn find_name_with_word(&self, word: &str) -> Option<&str> {
        self.domains
            .iter()
            .find(|(_, domain)| matches!(domain, Domain::OneOf(words) if words.contains(word)))
            .map(|(name, _)| name.as_str())
    }
}
