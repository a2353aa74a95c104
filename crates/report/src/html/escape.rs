//! Hostile text to text of a page.

use crate::report::Report;
use crate::shown::harmless;

/// A text that is only text wherever it stands: in an element, in a quoted attribute, in SVG.
pub(crate) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in harmless(text).chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            other => escaped.push(other),
        }
    }
    escaped
}

/// What stands before a heading under which anything is planted.
pub(crate) fn mark(report: &Report, simulated: bool) -> String {
    match report.mark(simulated).trim_end() {
        "" => String::new(),
        mark => format!("<span class=\"mark\">{mark}</span> "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_ends_a_text_or_an_attribute_is_left() {
        assert_eq!(
            escape("<a href='x' id=\"y\">&\u{0}"),
            "&lt;a href=&#39;x&#39; id=&quot;y&quot;&gt;&amp;"
        );
    }
}
