//! Model text is hostile input: it may hold NULs that databases refuse.

use serde::{Deserialize, Serialize};

/// What a model said, exactly, and the provider's own reasoning where it gives one.
///
/// `raw` holds the text as the parser sees it: for a prefilled answer it begins with the prefill.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The answer.
    pub raw: String,
    /// The reasoning that the provider returned apart from the answer.
    pub reasoning: Option<String>,
    /// True where the provider's JSON held something that is no Unicode text (a lone surrogate):
    /// it was replaced by its own escape (`\ud800`) when it was decoded.
    pub altered: bool,
    /// Log probabilities of the answer's tokens as the provider gave them, as JSON; `None` where they
    /// were not asked for or not given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub logprobs: Option<String>,
}

const NUL: char = '\0';
/// The symbol for NUL in Unicode's control pictures: a stand-in that people can read.
const NUL_PICTURE: char = '\u{2400}';
/// Marks that the next character is to be taken literally (SYMBOL FOR DATA LINK ESCAPE).
const ESCAPE: char = '\u{2410}';

// Nearly every text holds none of the three. They are searched for one by one: a search for a single
// character is several times faster than one for any of three, even three times over.

/// Makes a text storable everywhere, reversibly: NUL becomes a picture, and a picture that was in
/// the text already is marked.
pub fn escape(text: &str) -> String {
    if [NUL, NUL_PICTURE, ESCAPE].iter().all(|special| !text.contains(*special)) {
        return text.to_owned();
    }
    let mut escaped = String::with_capacity(text.len() + 8);
    for character in text.chars() {
        match character {
            NUL => escaped.push(NUL_PICTURE),
            NUL_PICTURE | ESCAPE => escaped.extend([ESCAPE, character]),
            other => escaped.push(other),
        }
    }
    escaped
}

/// The text that [`escape`] was given.
pub fn unescape(escaped: &str) -> String {
    if [NUL_PICTURE, ESCAPE].iter().all(|special| !escaped.contains(*special)) {
        return escaped.to_owned();
    }
    let mut text = String::with_capacity(escaped.len());
    let mut characters = escaped.chars();
    while let Some(character) = characters.next() {
        match character {
            NUL_PICTURE => text.push(NUL),
            ESCAPE => text.extend(characters.next()),
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn escaping_is_reversible_and_leaves_no_nul(text in "[\\x00a\u{2400}\u{2410}]*|\\PC*") {
            let escaped = escape(&text);
            prop_assert!(!escaped.contains('\0'));
            prop_assert_eq!(unescape(&escaped), text);
        }
    }
}
