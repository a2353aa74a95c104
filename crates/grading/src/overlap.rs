//! How much of a text another one keeps.

use std::collections::BTreeMap;

/// The share of a text's words that stand in another one, from 0 to 1: words without case and punctuation, each counted
/// as often as it stands there, in any order. `None` where either has no words.
#[expect(clippy::cast_precision_loss, reason = "texts have far fewer than 2^52 words")]
pub(crate) fn share_kept(kept_in: &str, text: &str) -> Option<f64> {
    let wanted = count_words(text);
    let total: usize = wanted.values().sum();
    let there = count_words(kept_in);
    let kept: usize =
        wanted.iter().map(|(word, count)| there.get(word).copied().unwrap_or(0).min(*count)).sum();
    (total > 0 && !there.is_empty()).then(|| kept as f64 / total as f64)
}

fn count_words(text: &str) -> BTreeMap<String, usize> {
    let mut words = BTreeMap::new();
    for word in text.to_lowercase().split(|character: char| !character.is_alphanumeric()) {
        if !word.is_empty() {
            *words.entry(word.to_owned()).or_default() += 1;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_count_as_often_as_they_stand_there() {
        assert_eq!(share_kept("The cat, the dog.", "the THE the cat"), Some(0.75));
        assert_eq!(share_kept("c", "a b"), Some(0.0));
    }

    #[test]
    fn nothing_is_said_of_a_text_without_words() {
        assert_eq!(share_kept("anything", " ... "), None);
        assert_eq!(share_kept("???", "a b"), None);
    }
}
