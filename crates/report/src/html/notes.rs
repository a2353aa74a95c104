//! What stands below a table.

use super::escape::escape;
use crate::terminal::Footnotes;

/// The sentences of a table's letters, then what else is to be said of its rows; nothing if there is neither.
pub(crate) fn describe_notes(footnotes: &Footnotes, notes: &[String]) -> String {
    let lettered = footnotes.list();
    let notes: String =
        lettered.iter().chain(notes).map(|note| format!("<li>{}</li>", escape(note))).collect();
    if notes.is_empty() { notes } else { format!("<ul class=\"notes\">{notes}</ul>\n") }
}

/// What stands in place of an interval.
pub(crate) fn mark_caution(footnotes: &Footnotes, caution: &str) -> String {
    format!("no interval {}", footnotes.mark(caution))
}
