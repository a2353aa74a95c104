//! Finding tags in text that somebody else rendered.

/// Which users a conversation is with, as far as the model was told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tier {
    Free,
    Paid,
    /// No tag, one in another casing, or two that contradict each other.
    Unknown,
}

const FREE: &str = "<is_free_tier_user>True</is_free_tier_user>";
const PAID: &str = "<is_free_tier_user>False</is_free_tier_user>";

/// Reads the tier, to the letter: a tag that was rendered wrongly must not work.
pub(crate) fn read_tier(message: &str) -> Tier {
    match (message.contains(FREE), message.contains(PAID)) {
        (true, false) => Tier::Free,
        (false, true) => Tier::Paid,
        (true, true) | (false, false) => Tier::Unknown,
    }
}

/// The user's own request: what stands between the first opening and the last closing tag.
pub(crate) fn read_request(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("<user_input>")?;
    let (request, _) = rest.rsplit_once("</user_input>")?;
    Some(request.trim())
}

/// A section of a judge's message. The last closing tag and the nearest opening one before it are
/// taken, because the instructions above the sections may speak of them.
pub(crate) fn read_section<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let (before, _) = message.rsplit_once(&format!("</{name}>"))?;
    let (_, section) = before.rsplit_once(&format!("<{name}>"))?;
    Some(section.trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tier_is_read_to_the_letter() {
        for (text, tier) in [
            ("x <is_free_tier_user>True</is_free_tier_user> y", Tier::Free),
            ("<is_free_tier_user>False</is_free_tier_user>", Tier::Paid),
            ("<is_free_tier_user>true</is_free_tier_user>", Tier::Unknown),
            ("<is_free_tier_user> True </is_free_tier_user>", Tier::Unknown),
            ("<IS_FREE_TIER_USER>True</IS_FREE_TIER_USER>", Tier::Unknown),
            ("", Tier::Unknown),
        ] {
            assert_eq!(read_tier(text), tier, "{text}");
        }
        assert_eq!(read_tier(&format!("{FREE}{PAID}")), Tier::Unknown);
    }

    #[test]
    fn a_request_is_trimmed_and_needs_both_tags() {
        assert_eq!(read_request("<user_input>\n do it \n</user_input>"), Some("do it"));
        assert_eq!(read_request("<user_input>do it"), None);
    }

    #[test]
    fn a_section_is_found_behind_instructions_that_speak_of_it() {
        let message = "Judge what is in <answer> and </answer>.\n<answer>\nno\n</answer>\nReply.";
        assert_eq!(read_section(message, "answer"), Some("no"));
        assert_eq!(read_section(message, "reasoning"), None);
    }
}
