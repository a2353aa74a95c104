//! Text of others made plain, and text in so many columns.

use unicode_width::UnicodeWidthChar;

/// Narrower than this nothing is laid out; lines are then longer than asked for.
pub(super) const WIDTH_MIN: usize = 40;

/// A text in which everything that moves a cursor, ends a line, turns the direction of text around or cannot
/// be seen stands as its number: `\u{202e}`.
pub(super) fn plain(text: &str) -> String {
    spell_out(text, is_unseen)
}

/// As [`plain`], of a text of several lines: line feeds and tabs stay.
pub(super) fn plain_lines(text: &str) -> String {
    spell_out(text, |c| is_unseen(c) && !matches!(c, '\n' | '\t'))
}

fn spell_out(text: &str, is_told: impl Fn(char) -> bool) -> String {
    let mut spelled = String::with_capacity(text.len());
    for c in text.chars() {
        if is_told(c) {
            spelled.extend(c.escape_unicode());
        } else {
            spelled.push(c);
        }
    }
    spelled
}

/// Controls; marks, embeddings, overrides and isolates of direction; what has no width; line and paragraph
/// ends; tags; noncharacters.
fn is_unseen(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{180b}'..='\u{180f}')
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(c, '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}')
        || matches!(c, '\u{fdd0}'..='\u{fdef}' | '\u{e0000}'..='\u{e0fff}')
        || u32::from(c) & 0xfffe == 0xfffe
}

/// The text, or as much of its beginning as so many characters hold.
pub(super) fn clip(text: &str, max: usize) -> String {
    if text.chars().count() <= max {
        return text.to_owned();
    }
    text.chars().take(max - 1).chain(['…']).collect()
}

/// Columns of a text in a terminal.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(|c| c.width().unwrap_or(0)).sum()
}

/// The text with spaces behind it up to so many columns.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// Lines of at most so many columns, indented.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    width: usize,
    /// The indent of the first line.
    first: usize,
    /// The indent of all others.
    rest: usize,
}

impl Layout {
    /// So far are lines indented that belong to the one above.
    const INDENT: usize = 4;

    /// The first line is not indented.
    pub(super) fn of(width: usize) -> Self {
        Self { width: width.max(WIDTH_MIN), first: 0, rest: Self::INDENT }
    }

    pub(super) fn width(self) -> usize {
        self.width
    }

    /// All lines are indented.
    pub(super) fn inset(self) -> Self {
        Self { first: self.rest, ..self }
    }

    /// A sentence, broken between words.
    pub(super) fn wrap(self, sentence: &str) -> Vec<String> {
        let words: Vec<String> = sentence.split(' ').map(str::to_owned).collect();
        self.items(&words, " ")
    }

    /// As many items on a line as there is room for. An item is only broken if it is longer than a line.
    pub(super) fn items(self, items: &[String], gap: &str) -> Vec<String> {
        let mut lines = Vec::new();
        let mut line = " ".repeat(self.first);
        for item in items.iter().map(|item| plain(item)).filter(|item| !item.is_empty()) {
            let is_fresh = line.trim().is_empty();
            if is_fresh || columns(&line) + columns(gap) + columns(&item) <= self.width {
                line.push_str(if is_fresh { "" } else { gap });
                line.push_str(&item);
            } else {
                let next = format!("{}{item}", " ".repeat(self.rest));
                lines.push(std::mem::replace(&mut line, next));
            }
            while columns(&line) > self.width {
                let (head, rest) = line.split_at(self.break_at(&line));
                lines.push(head.trim_end().to_owned());
                line = format!("{}{}", " ".repeat(self.rest), rest.trim_start());
            }
        }
        lines.extend((!line.trim().is_empty()).then_some(line));
        lines
    }

    /// The byte at which a line that is too long is broken: between words, and where one is too long within
    /// it; never within its indent.
    fn break_at(self, line: &str) -> usize {
        let mut taken = 0;
        let too_far = line.char_indices().find(|(_, c)| {
            taken += c.width().unwrap_or(0);
            taken > self.width
        });
        let end = too_far.map_or(line.len(), |(at, _)| at);
        let start = line.len() - line.trim_start().len();
        line[..end].rfind(' ').filter(|space| *space > start).unwrap_or(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_or_moves_the_cursor_is_spelled_out() {
        assert_eq!(plain("a\u{1b}[2J\u{202e}b\u{200b}é漢"), "a\\u{1b}[2J\\u{202e}b\\u{200b}é漢");
        assert_eq!(plain("a\nb\u{85}"), "a\\u{a}b\\u{85}");
        assert_eq!(plain_lines("a\n\tb\rc"), "a\n\tb\\u{d}c");
    }

    #[test]
    fn no_line_is_wider_than_asked_and_no_word_is_lost() {
        let long = "averyverylongword".repeat(9);
        let sentence =
            format!("one three fifteen characters 漢字漢字漢字 {long} and the end of it");
        for width in 40..90 {
            let lines = Layout::of(width).wrap(&sentence);
            assert!(lines.iter().all(|line| columns(line) <= width), "{width}: {lines:?}");
            let squeezed = |text: &str| text.replace(' ', "");
            assert_eq!(squeezed(&lines.concat()), squeezed(&sentence), "{width}");
        }
    }

    #[test]
    fn items_stay_whole_where_they_fit() {
        let items = ["one and two of them", "three of them", "five of them"].map(str::to_owned);
        let lines = ["one and two of them · three of them", "    five of them"];
        assert_eq!(Layout::of(40).items(&items, " · "), lines);
        let inset = ["    one and two of them · three of them", "    five of them"];
        assert_eq!(Layout::of(40).inset().items(&items, " · "), inset);
        assert_eq!([pad("漢", 4), pad("abcde", 4)], ["漢  ", "abcde"]);
    }
}
