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

/// Whether the message speaks of tiers at all, in whatever casing: only a message that does not can
/// count as one without a tag.
pub(crate) fn mentions_tier(message: &str) -> bool {
    message.to_lowercase().contains("is_free_tier_user")
}

/// What stands in a tag, to the letter; nothing without the tag, or where there are several.
pub(crate) fn read_value<'a>(message: &'a str, name: &str) -> Option<&'a str> {
    let (before, rest) = message.split_once(&format!("<{name}>"))?;
    let (value, after) = rest.split_once(&format!("</{name}>"))?;
    let is_only = [before, after].iter().all(|text| !text.contains(&format!("<{name}>")));
    is_only.then_some(value)
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

/// A judge's rubric, which stands above all sections, and one of the sections; nothing without it.
pub(crate) fn split_rubric<'a>(message: &'a str, name: &str) -> Option<(&'a str, &'a str)> {
    let section = read_section(message, name)?;
    // Every section opens on a line of its own, and the rubric's paragraphs do not begin with tags.
    let rubric = message.split_once("\n\n<").map_or("", |(rubric, _)| rubric);
    Some((rubric, section))
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
    fn a_value_is_read_to_the_letter_and_only_if_it_is_the_only_one() {
        let read = |text| read_value(text, "user_plan");
        assert_eq!(read("x <user_plan>free</user_plan> y"), Some("free"));
        assert_eq!(read("<user_plan> free</user_plan>"), Some(" free"));
        for text in ["", "<user_plan>free", "<USER_PLAN>free</USER_PLAN>"] {
            assert_eq!(read(text), None, "{text}");
        }
        assert_eq!(read("<user_plan>free</user_plan><user_plan>pro</user_plan>"), None);
    }

    #[test]
    fn a_tag_that_does_not_work_is_still_no_absence() {
        assert!(mentions_tier(FREE) && mentions_tier("<Is_Free_Tier_User>yes"));
        assert!(!mentions_tier("<user_input>Do it.</user_input>"));
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
