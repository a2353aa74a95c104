//! What is done to texts before they are compared.

use iago_sweep::Normalise;

use crate::number::spell_number;

/// How often the steps are gone through at most. The first round does the work, and the second finds what a later step
/// left for an earlier one.
const ROUNDS_MAX: usize = 8;

/// Applies the steps in order, and again until nothing changes: `! a` trimmed and rid of punctuation is `a`, as `a !` is.
pub(crate) fn normalise(steps: &[Normalise], text: &str) -> String {
    let mut text = text.to_owned();
    for _ in 0..ROUNDS_MAX {
        let next = steps.iter().fold(text.clone(), |text, step| apply(*step, text));
        if next == text {
            break;
        }
        text = next;
    }
    text
}

fn apply(step: Normalise, text: String) -> String {
    match step {
        Normalise::Trim => text.trim().to_owned(),
        Normalise::Lowercase => text.to_lowercase(),
        Normalise::Spaces => join_spaces(&text),
        Normalise::Punctuation => {
            text.chars().filter(|character| !character.is_ascii_punctuation()).collect()
        }
        Normalise::Number => spell_number(&text).unwrap_or(text),
    }
}

fn join_spaces(text: &str) -> String {
    let mut joined = String::with_capacity(text.len());
    for character in text.chars() {
        let space = character.is_whitespace();
        if !space {
            joined.push(character);
        } else if !joined.ends_with(' ') {
            joined.push(' ');
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn each_step_does_what_it_says() {
        for (step, text, normal) in [
            (Normalise::Trim, " a  b\n", "a  b"),
            (Normalise::Lowercase, "ÄbC", "äbc"),
            (Normalise::Spaces, " a \t\n b", " a b"),
            (Normalise::Punctuation, "it's (so).", "its so"),
            (Normalise::Number, "1,200.0", "1200"),
            (Normalise::Number, "12 apples", "12 apples"),
        ] {
            assert_eq!(normalise(&[step], text), normal, "{step} of {text:?}");
        }
    }

    proptest! {
        #[test]
        fn normalising_again_changes_nothing(
            steps in prop::collection::vec(prop::sample::select(Normalise::ALL), 0..6),
            text in "\\PC{0,12}|[-+0-9.,eE ]{0,10}|[ΑΣςİıẞ !a]{0,10}",
        ) {
            let once = normalise(&steps, &text);
            prop_assert_eq!(normalise(&steps, &once), once);
        }
    }
}
