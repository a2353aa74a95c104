//! Hostile text as text of Markdown: no markup, no HTML, nobody called by name, no link.

use crate::told::text::{plain, plain_lines};

/// In a paragraph, a heading or a cell of a table.
pub(super) fn inline(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in plain(text).chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            // Hosts look for names, numbers of issues and addresses after all escapes are gone; a comment
            // parts the sign from what follows it.
            '@' | '#' => escaped.extend([c.to_string().as_str(), "<!-- -->"]),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '~' | '!' | '$' => escaped.extend(['\\', c]),
            other => escaped.push(other),
        }
    }
    escaped.replace("://", ":<!-- -->//").replace("www.", "www<!-- -->.")
}

/// A sentence of ours, in which names of others stand between backticks.
pub(super) fn sentence(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return inline(text);
    }
    let part = |(at, part): (usize, &&str)| match at % 2 {
        0 => inline(part),
        _ => code(part),
    };
    parts.iter().enumerate().map(part).collect()
}

/// A name as code, also in a cell of a table.
pub(super) fn code(text: &str) -> String {
    let text = plain(text).replace('|', "\\|");
    let ticks = "`".repeat(longest_run(&text) + 1);
    let is_bare = !text.starts_with('`') && !text.ends_with('`') && !text.trim().is_empty();
    if is_bare { format!("{ticks}{text}{ticks}") } else { format!("{ticks} {text} {ticks}") }
}

/// A text of several lines, between fences that it cannot close.
pub(super) fn fenced(text: &str) -> String {
    let text = plain_lines(text);
    let fence = "`".repeat((longest_run(&text) + 1).max(3));
    format!("{fence}text\n{text}\n{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_no_markup_calls_nobody_and_links_nowhere() {
        assert_eq!(
            inline("**a** <b> [c](d) | `e`"),
            "\\*\\*a\\*\\* &lt;b&gt; \\[c\\](d) \\| \\`e\\`"
        );
        assert_eq!(inline("@all #1 a:b"), "@<!-- -->all #<!-- -->1 a:b");
        assert_eq!(inline("https://a www.a"), "https:<!-- -->//a www<!-- -->.a");
        assert_eq!(inline("a\nb\u{202e}"), "a\\\\u{a}b\\\\u{202e}");
    }

    #[test]
    fn names_between_backticks_are_code() {
        assert_eq!(sentence("model `a|b`: <c>"), "model `a\\|b`: &lt;c&gt;");
        assert_eq!(sentence("one ` is none"), "one \\` is none");
    }

    #[test]
    fn no_text_closes_its_own_fence() {
        assert_eq!(fenced("a"), "```text\na\n```");
        assert_eq!(fenced("````\n</td>\u{1b}"), "`````text\n````\n</td>\\u{1b}\n`````");
        assert_eq!([code("a`b"), code("``"), code("")], ["``a`b``", "``` `` ```", "`  `"]);
    }
}
