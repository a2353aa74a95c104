//! Which of several options a text names.

use std::cmp::Reverse;
use std::collections::BTreeSet;
use std::ops::Range;

/// The one option that a text names, by its number; `None` if it names none, or several.
///
/// A text that is an option but for case and punctuation around it names it. Otherwise options count where they stand as
/// whole words, exactly cased, because `a` is a word; and not within a longer option.
pub(crate) fn find_choice(among: &[String], text: &str) -> Option<usize> {
    let bare = strip_punctuation(text).to_lowercase();
    let is_bare = |option: &String| option.trim().to_lowercase() == bare;
    let mut same = (0..among.len()).filter(|&option| is_bare(&among[option]));
    if let (Some(option), None) = (same.next(), same.next()) {
        return Some(option);
    }
    let named = drop_parts(find_options(among, text));
    if named.len() == 1 { named.into_iter().next() } else { None }
}

/// Where each option stands as a whole word.
fn find_options(among: &[String], text: &str) -> Vec<(Range<usize>, usize)> {
    let options = among.iter().enumerate();
    options
        .flat_map(|(option, word)| find_words(text, word.trim()).map(move |place| (place, option)))
        .collect()
}

/// The options with a place that is not within a longer one.
///
/// A model can name its options as often as its answer has room, so places are not compared with each other: in order of
/// where they begin, and the longer one first, a place is within another one if one before it reaches as far.
fn drop_parts(mut places: Vec<(Range<usize>, usize)>) -> BTreeSet<usize> {
    places.sort_unstable_by_key(|(place, _)| (place.start, Reverse(place.end)));
    let mut named = BTreeSet::new();
    let mut reached = 0;
    // Options that are spelled alike stand at the same places, and are no parts of each other.
    for same in places.chunk_by(|(place, _), (next, _)| place == next) {
        let end = same[0].0.end;
        if end > reached {
            named.extend(same.iter().map(|(_, option)| *option));
            reached = end;
        }
    }
    named
}

fn strip_punctuation(text: &str) -> &str {
    text.trim_matches(|character: char| {
        character.is_whitespace() || character.is_ascii_punctuation()
    })
}

/// Where a word stands with nothing grown to it.
fn find_words<'t>(text: &'t str, word: &'t str) -> impl Iterator<Item = Range<usize>> + 't {
    let begins = word.chars().next().is_some_and(is_word_part);
    let ends = word.chars().next_back().is_some_and(is_word_part);
    let found = text.match_indices(word).filter(move |(at, _)| {
        let before = text[..*at].chars().next_back().is_some_and(is_word_part);
        let behind = text[at + word.len()..].chars().next().is_some_and(is_word_part);
        let is_grown = begins && before || ends && behind;
        !is_grown && !word.is_empty()
    });
    found.map(move |(at, _)| at..at + word.len())
}

fn is_word_part(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn named<'o>(options: &[&'o str], text: &str) -> Option<&'o str> {
        let among: Vec<String> = options.iter().map(|option| (*option).to_owned()).collect();
        find_choice(&among, text).map(|option| options[option])
    }

    const LETTERS: [&str; 4] = ["A", "B", "C", "D"];

    #[test]
    fn an_option_is_named_alone_or_as_a_word() {
        for text in ["B", "b", "(B)", "**B**.", "The answer is B.", "B) Berlin", "B, and B again"] {
            assert_eq!(named(&LETTERS, text), Some("B"), "{text}");
        }
    }

    #[test]
    fn none_and_several_are_unknown() {
        for text in ["", "E", "I would take a bus", "A or B", "not A but B", "BC", "B_2"] {
            assert_eq!(named(&LETTERS, text), None, "{text}");
        }
    }

    #[test]
    fn an_option_within_a_longer_one_is_not_named() {
        let cities = ["York", "New York"];
        assert_eq!(named(&cities, "It is New York."), Some("New York"));
        assert_eq!(named(&cities, "It is York."), Some("York"));
        assert_eq!(named(&cities, "New York or York"), None);
    }

    #[test]
    fn options_that_differ_in_case_are_told_apart() {
        assert_eq!(named(&["a", "A"], "A"), Some("A"));
    }

    #[test]
    fn an_option_that_is_named_without_end_is_still_one_option() {
        let text = "A ".repeat(300_000);
        assert_eq!(named(&LETTERS, &text), Some("A"));
        assert_eq!(named(&["A A", "A"], &text), Some("A A"));
        assert_eq!(named(&LETTERS, &format!("{text}B")), None);
    }

    proptest! {
        /// The law by which places are dropped, which compares each with all.
        #[test]
        fn an_option_counts_where_no_longer_one_covers_it(
            among in prop::collection::vec("[ab]( [ab]){0,2}", 0..5), text in "[ab ]{0,12}",
        ) {
            let places = find_options(&among, &text);
            let is_part = |place: &Range<usize>| places.iter().any(|(other, _)| {
                other != place && other.start <= place.start && place.end <= other.end
            });
            let whole = places.iter().filter(|(place, _)| !is_part(place));
            let expected: BTreeSet<usize> = whole.map(|(_, option)| *option).collect();
            prop_assert_eq!(drop_parts(places), expected);
        }
    }
}
