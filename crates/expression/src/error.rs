//! What is wrong with an expression, and where.

use thiserror::Error;

/// How many characters of a source line are shown around the column.
const MAX_SHOWN_CHARACTERS: usize = 100;

/// How many characters of a name or a word are quoted in a message.
const MAX_QUOTED_CHARACTERS: usize = 60;

/// An expression that cannot be used. It prints as the message, the line, and a caret under the column.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{message}\n{}", self.caret())]
pub struct ExpressionError {
    /// Where the fault is: 1-based, in characters from the start of the source (not of the line). One past the end
    /// where something is missing.
    pub column: usize,
    /// What is wrong and what to write instead, in one line without the place.
    pub message: String,
    /// The expression as it was written, cut to [`MAX_SOURCE_CHARACTERS`](crate::MAX_SOURCE_CHARACTERS).
    // Raw, because `thiserror` takes a plain `source` for the cause of the error.
    pub r#source: String,
}

impl ExpressionError {
    /// The line that holds the column and, under it, a caret: two lines, each indented by two spaces.
    ///
    /// Long lines are cut around the column, and control characters are replaced, so that a hostile sweep file cannot
    /// write to the terminal of who reads the error.
    #[must_use]
    pub fn caret(&self) -> String {
        let (line, offset) = self.find_line();
        let first = offset.saturating_sub(MAX_SHOWN_CHARACTERS / 2);
        let shown: String = line
            .iter()
            .skip(first)
            .take(MAX_SHOWN_CHARACTERS)
            .copied()
            .map(show_character)
            .collect();
        // Tabs stay tabs, so that the caret stands under its column whatever their width.
        let indent: String = line
            .iter()
            .take(offset)
            .skip(first)
            .map(|&c| if c == '\t' { '\t' } else { ' ' })
            .collect();
        let (before, padding) = if first > 0 { ("…", " ") } else { ("", "") };
        let after = if line.len() > first + MAX_SHOWN_CHARACTERS { "…" } else { "" };
        format!("  {before}{shown}{after}\n  {padding}{indent}^")
    }

    /// The characters of the line that holds the column, and the column's 0-based offset in it.
    fn find_line(&self) -> (Vec<char>, usize) {
        let mut offset = self.column.saturating_sub(1);
        for line in self.source.split('\n') {
            let length = line.chars().count();
            if offset <= length {
                return (line.trim_end_matches('\r').chars().collect(), offset);
            }
            offset -= length + 1;
        }
        (Vec::new(), 0)
    }
}

/// A fault without its source, as the stages of parsing report it.
#[derive(Debug, PartialEq)]
pub(crate) struct Fault {
    pub(crate) column: usize,
    pub(crate) message: String,
}

impl Fault {
    pub(crate) fn new(column: usize, message: impl Into<String>) -> Self {
        Self { column, message: message.into() }
    }

    pub(crate) fn locate_in(self, source: &str) -> ExpressionError {
        let source = source.chars().take(crate::MAX_SOURCE_CHARACTERS).collect();
        ExpressionError { column: self.column, message: self.message, source }
    }
}

/// A name or a word as a message quotes it: on one line, and never longer than a line.
pub(crate) fn quote(word: &str) -> String {
    format!("`{}`", shorten(word))
}

/// A name or a word as a list of them shows it: as [`quote`], without the quotes.
pub(crate) fn shorten(word: &str) -> String {
    let mut shown: String = word.chars().take(MAX_QUOTED_CHARACTERS).map(show_character).collect();
    if word.chars().nth(MAX_QUOTED_CHARACTERS).is_some() {
        shown.push('…');
    }
    shown
}

/// Control characters and those that change the direction or the width of what follows cannot be trusted to a terminal.
fn show_character(character: char) -> char {
    match character {
        '\t' => character,
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => char::REPLACEMENT_CHARACTER,
        _ if character.is_control() => char::REPLACEMENT_CHARACTER,
        _ => character,
    }
}
