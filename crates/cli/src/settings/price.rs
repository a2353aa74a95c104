//! What a model costs, as settings say it: in `prices.toml`, and under an endpoint of its own.

use std::collections::BTreeMap;

use iago_sweep::{LongPrice, Price};
use serde::{Deserialize, Serialize};

use crate::settings::decimal::PerMillion;

/// Dollars per million tokens. What is absent costs as much as other tokens of its kind.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PriceSection {
    pub(crate) input: PerMillion,
    pub(crate) output: PerMillion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cached_input: Option<PerMillion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_write: Option<PerMillion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reasoning: Option<PerMillion>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) long: Vec<LongSection>,
}

/// What all tokens of a call cost instead whose prompt is longer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LongSection {
    pub(crate) above_tokens: u64,
    pub(crate) input: PerMillion,
    pub(crate) output: PerMillion,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cached_input: Option<PerMillion>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) cache_write: Option<PerMillion>,
}

impl PriceSection {
    /// As the rest of the program counts it.
    pub(crate) fn price(&self) -> Price {
        Price {
            input: self.input.0,
            cached_input: self.cached_input.unwrap_or(self.input).0,
            cache_write: self.cache_write.unwrap_or(self.input).0,
            output: self.output.0,
            reasoning: self.reasoning.map(|reasoning| reasoning.0),
            long: self.long.iter().map(LongSection::price).collect(),
        }
    }
}

impl PriceSection {
    /// Lengths that no call has apart from others.
    pub(crate) fn check(&self) -> Result<(), String> {
        let mut above: Vec<u64> = self.long.iter().map(|long| long.above_tokens).collect();
        above.sort_unstable();
        if above.first() == Some(&0) {
            return Err("above_tokens must be 1 or more".to_owned());
        }
        match above.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(format!("two prices hold above {} tokens; take one out", pair[0])),
            None => Ok(()),
        }
    }
}

impl LongSection {
    fn price(&self) -> LongPrice {
        LongPrice {
            above: self.above_tokens,
            input: self.input.0,
            cached_input: self.cached_input.unwrap_or(self.input).0,
            cache_write: self.cache_write.unwrap_or(self.input).0,
            output: self.output.0,
        }
    }
}

/// An id, or how ids begin: a `*` anywhere else would be waited for in an id, and never come.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    if name.strip_suffix('*').unwrap_or(name).contains('*') {
        return Err(format!(
            "`{name}`: a `*` stands for how an id goes on, at its end only; write one entry for each \
             beginning"
        ));
    }
    Ok(())
}

/// The entry for a model id: the one of its very name, or of the longest prefix that ends in `*`.
pub(crate) fn entry_of<'a, T>(
    entries: &'a BTreeMap<String, T>,
    id: &str,
) -> Option<(&'a str, &'a T)> {
    if let Some((name, entry)) = entries.get_key_value(id) {
        return Some((name, entry));
    }
    let fits = |name: &&String| name.strip_suffix('*').is_some_and(|start| id.starts_with(start));
    let longest = entries.keys().filter(fits).max_by_key(|name| name.len())?;
    Some((longest, &entries[longest]))
}

/// Whether every model that `name` stands for has an entry already.
pub(crate) fn is_covered<T>(entries: &BTreeMap<String, T>, name: &str) -> bool {
    covering(entries, name).is_some()
}

/// The entry that stands for every model that `name` stands for: one of that very name, or a prefix.
pub(crate) fn covering<'a, T>(entries: &'a BTreeMap<String, T>, name: &str) -> Option<&'a str> {
    let start = name.strip_suffix('*').unwrap_or(name);
    let covers = |own: &&String| {
        *own == name || own.strip_suffix('*').is_some_and(|own| start.starts_with(own))
    };
    entries.keys().find(covers).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(names: &[&str]) -> BTreeMap<String, ()> {
        names.iter().map(|name| ((*name).to_owned(), ())).collect()
    }

    #[test]
    fn a_name_goes_before_a_prefix_and_a_long_prefix_before_a_short_one() {
        let entries = entries(&["gpt-6", "gpt-*", "gpt-6*", "*"]);
        let of = |id: &str| entry_of(&entries, id).map(|(name, ())| name);
        assert_eq!(of("gpt-6"), Some("gpt-6"));
        assert_eq!(of("gpt-6-sol"), Some("gpt-6*"));
        assert_eq!(of("gpt-5"), Some("gpt-*"));
        assert_eq!(of("claude"), Some("*"));
        assert_eq!(entry_of(&self::entries(&["gpt-6"]), "gpt-6-sol"), None);
    }

    #[test]
    fn a_prefix_covers_what_it_stands_for_and_no_more() {
        let own = entries(&["gpt-6*", "claude"]);
        for (name, covered) in [
            ("gpt-6-sol", true),
            ("gpt-6-*", true),
            ("gpt-*", false),
            ("claude", true),
            ("claude-9", false),
        ] {
            assert_eq!(is_covered(&own, name), covered, "{name}");
        }
    }
}
