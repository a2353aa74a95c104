//! Puts a text in other words, and spoils some of them at the first try.

use crate::ledger::Class;
use crate::ranks::Place;
use crate::tags;

/// Percent of the texts of which the first try loses the second half, and with it all tags there.
const MUTILATES: u64 = 25;

/// The text that is to be put in other words: what stands in `<text>`, or else the request, or
/// else the whole message.
pub(crate) fn find_text(message: &str) -> &str {
    let section = tags::read_section(message, "text").or_else(|| tags::read_request(message));
    section.unwrap_or(message)
}

/// Says the text again, with all of its words and tags between new ones; `turn` counts the tries
/// from 1.
pub(crate) fn answer(text: &str, place: Place, turn: u64) -> (String, Class) {
    let is_spoilt = turn == 1 && place.is_within(MUTILATES);
    let kept = if is_spoilt { first_half(text) } else { text.to_owned() };
    let class = if is_spoilt { Class::Mutilation } else { Class::Paraphrase };
    (format!("<REWRITTEN>\nPut in other words: {kept}\n</REWRITTEN>"), class)
}

/// The text without the tags before and behind it, which a prompt set does not have.
pub(crate) fn trim_tags(text: &str) -> &str {
    let text = text.trim();
    if let Some((_, rest)) = text.strip_prefix('<').and_then(|text| text.split_once('>')) {
        return trim_tags(rest);
    }
    match text.strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
        Some((rest, _)) => trim_tags(rest),
        None => text,
    }
}

/// Half of the words, which drops every tag: a judge of tags sees it whatever half they were in.
fn first_half(text: &str) -> String {
    let words: Vec<_> = text.split_whitespace().filter(|word| !word.contains('<')).collect();
    words[..words.len() / 2].join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_what_stands_in_its_tag() {
        let message =
            "Rewrite what is in <text>.\n<text>\nBe kind. Use <OUTPUT>.\n</text>\nThanks.";
        assert_eq!(find_text(message), "Be kind. Use <OUTPUT>.");
        assert_eq!(find_text("<user_input>\nBe kind.\n</user_input>"), "Be kind.");
        assert_eq!(find_text("Be kind."), "Be kind.");
    }

    #[test]
    fn tags_around_a_text_are_no_part_of_it() {
        for text in ["Be kind.", " <a>Be kind.</a>\n", "Be kind. <OUTPUT> </OUTPUT>"] {
            assert_eq!(trim_tags(text), "Be kind.");
        }
        assert_eq!(trim_tags("1 > 0, 0 < 1"), "1 > 0, 0 < 1");
        assert_eq!(trim_tags("<>"), "");
    }

    #[test]
    fn only_a_first_try_loses_words_and_tags() {
        let text = "Be kind to all of them, and answer in <OUTPUT> tags.";
        let spoilt = |percent: u64, turn| {
            let (said, class) = answer(text, Place::drawn(percent * 100), turn);
            assert_eq!(class == Class::Mutilation, !said.contains("<OUTPUT>"));
            assert_eq!(class == Class::Paraphrase, said.contains(text));
            class == Class::Mutilation
        };
        assert!(spoilt(0, 1) && spoilt(24, 1) && !spoilt(25, 1));
        assert!(!spoilt(0, 2) && !spoilt(0, 3));
    }
}
