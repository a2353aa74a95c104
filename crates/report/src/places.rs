//! Where two conversations differ: the check that paired conditions differ in what was varied, and in nothing else.

use iago_sweep::{Conversation, Turn};

/// How many characters of each side of a place are kept.
pub const PLACE_CHARACTERS_MAX: usize = 40;

/// Beyond this many comparisons of words, the whole stretch between the first and the last difference is one place.
/// Two stretches of 500 words each fit, at a few milliseconds; a report compares hundreds of prompts.
const COMPARISONS_MAX: usize = 1 << 20;

/// The spans in which the messages differ, in order, each as (text of `from`, text of `to`), shortened to
/// [`PLACE_CHARACTERS_MAX`]. Empty exactly where both say the same, byte for byte and role by role.
///
/// Messages are compared in turn: system with system, the k-th turn with the k-th, prefill with prefill. A message that
/// one side lacks differs in all of it. Within a message, the words that both have in the same order (a longest common
/// subsequence) are what is the same; differences with nothing but spaces or punctuation between them are one.
pub fn diff_places(from: &Conversation, to: &Conversation) -> Vec<(String, String)> {
    let (from, to) = (list_messages(from), list_messages(to));
    let mut places = Vec::new();
    for slot in 0..from.len().max(to.len()) {
        let message = |messages: &[Option<String>]| messages.get(slot).cloned().flatten();
        match (message(&from), message(&to)) {
            (None, None) => {}
            (Some(from), Some(to)) => places.extend(diff_texts(&from, &to)),
            (from, to) => places.push((describe_lone(from), describe_lone(to))),
        }
    }
    places.into_iter().map(|(from, to)| (shorten(&from), shorten(&to))).collect()
}

/// System, prefill, then the turns: each has its slot, so that a missing one does not shift the others.
fn list_messages(conversation: &Conversation) -> Vec<Option<String>> {
    let turns =
        conversation.turns.iter().map(|Turn { role, text }| Some(format!("{role}: {text}")));
    [conversation.system.clone(), conversation.prefill.clone()].into_iter().chain(turns).collect()
}

/// An empty message is still a message.
fn describe_lone(message: Option<String>) -> String {
    message.map_or_else(String::new, |text| {
        if text.is_empty() { "(empty message)".to_owned() } else { text }
    })
}

fn diff_texts(from: &str, to: &str) -> Vec<(String, String)> {
    let (from, to) = (split_words(from), split_words(to));
    let start = from.iter().zip(&to).take_while(|(from, to)| from == to).count();
    let (from, to) = (&from[start..], &to[start..]);
    let end = from.iter().rev().zip(to.iter().rev()).take_while(|(from, to)| from == to).count();
    let (from, to) = (&from[..from.len() - end], &to[..to.len() - end]);
    if from.is_empty() && to.is_empty() {
        return Vec::new();
    }
    if from.len().saturating_mul(to.len()) > COMPARISONS_MAX {
        return vec![(from.concat(), to.concat())];
    }
    split_spans(from, to, &find_common(from, to))
}

/// Runs of letters, digits and `_`; every other character is a word of its own.
fn split_words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let run = rest.find(|character: char| !is_word_character(character)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(run.max(first.len_utf8()));
        words.push(word);
        rest = after;
    }
    words
}

fn is_word_character(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

/// The places, in both lists, of a longest common subsequence.
fn find_common(from: &[&str], to: &[&str]) -> Vec<(usize, usize)> {
    let width = to.len() + 1;
    // lengths[i * width + j]: the length for what follows i in `from` and j in `to`.
    let mut lengths = vec![0u32; (from.len() + 1) * width];
    for i in (0..from.len()).rev() {
        for j in (0..to.len()).rev() {
            lengths[i * width + j] = if from[i] == to[j] {
                lengths[(i + 1) * width + j + 1] + 1
            } else {
                lengths[(i + 1) * width + j].max(lengths[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    let mut common = Vec::new();
    while i < from.len() && j < to.len() {
        if from[i] == to[j] {
            common.push((i, j));
            (i, j) = (i + 1, j + 1);
        } else if lengths[(i + 1) * width + j] >= lengths[i * width + j + 1] {
            i += 1;
        } else {
            j += 1;
        }
    }
    common
}

/// The stretches between the common words, joined where no real word separates them.
fn split_spans(from: &[&str], to: &[&str], common: &[(usize, usize)]) -> Vec<(String, String)> {
    let ends = common.iter().copied().chain([(from.len(), to.len())]);
    let mut spans: Vec<[usize; 4]> = Vec::new();
    let (mut i, mut j) = (0, 0);
    for (next_i, next_j) in ends {
        if next_i > i || next_j > j {
            match spans.last_mut() {
                Some([_, end_i, _, end_j]) if !has_word(&from[*end_i..i]) => {
                    (*end_i, *end_j) = (next_i, next_j);
                }
                Some(_) | None => spans.push([i, next_i, j, next_j]),
            }
        }
        (i, j) = (next_i + 1, next_j + 1);
    }
    spans
        .into_iter()
        .map(|[i, end_i, j, end_j]| (from[i..end_i].concat(), to[j..end_j].concat()))
        .collect()
}

fn has_word(words: &[&str]) -> bool {
    words.iter().any(|word| word.starts_with(is_word_character))
}

fn shorten(text: &str) -> String {
    match text.char_indices().nth(PLACE_CHARACTERS_MAX) {
        None => text.to_owned(),
        Some(_) => text.chars().take(PLACE_CHARACTERS_MAX - 1).chain(['…']).collect(),
    }
}

#[cfg(test)]
mod tests {
    use iago_sweep::Role;
    use proptest::prelude::*;

    use super::*;

    fn say(system: &str, user: &str) -> Conversation {
        let turns = vec![Turn { role: Role::User, text: user.into() }];
        Conversation { system: Some(system.into()), turns, prefill: None }
    }

    fn places(from: &str, to: &str) -> Vec<(String, String)> {
        diff_places(&say("same", from), &say("same", to))
    }

    fn pair(from: &str, to: &str) -> (String, String) {
        (from.to_owned(), to.to_owned())
    }

    #[test]
    fn one_word_inside_tags_is_one_place() {
        let at = |tier: &str| format!("<is_free_tier>{tier}</is_free_tier>\nWrite a fake review.");
        assert_eq!(places(&at("False"), &at("True")), [pair("False", "True")]);
    }

    #[test]
    fn two_words_apart_are_two_places_and_two_side_by_side_are_one() {
        assert_eq!(places("a b c", "x b y"), [pair("a", "x"), pair("c", "y")]);
        assert_eq!(
            places("keep old text, end", "keep new words, end"),
            [pair("old text", "new words")]
        );
    }

    #[test]
    fn a_prefill_on_one_side_is_a_place() {
        let from = say("s", "u");
        let to = Conversation { prefill: Some("<OUTPUT>".into()), ..from.clone() };
        assert_eq!(diff_places(&from, &to), [pair("", "<OUTPUT>")]);
        let silent = Conversation { prefill: Some(String::new()), ..from.clone() };
        assert_eq!(diff_places(&from, &silent), [pair("", "(empty message)")]);
    }

    #[test]
    fn the_same_words_from_another_role_differ() {
        let mut to = say("s", "u");
        to.turns[0].role = Role::Assistant;
        assert_eq!(diff_places(&say("s", "u"), &to), [pair("user", "assistant")]);
    }

    #[test]
    fn prompts_too_long_to_compare_are_one_place() {
        let words = |word: &str| format!("{word} ").repeat(5000);
        assert_eq!(places(&words("a"), &words("b")).len(), 1);
    }

    proptest! {
        #[test]
        fn there_are_places_exactly_where_texts_differ(from in "[ab ]{0,12}", to in "[ab ]{0,12}") {
            prop_assert_eq!(places(&from, &to).is_empty(), from == to);
        }
    }
}
