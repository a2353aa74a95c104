//! Lines of text and what each of them is, so that colour is put on last and never counted.

use super::width::columns;
use crate::shown::harmless;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Line {
    text: String,
    tone: Tone,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Plain,
    Heading,
    /// Something that the reader must not overlook.
    Alarm,
}

impl Line {
    pub(crate) fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }

    pub(crate) fn blank() -> Self {
        Self::new(Tone::Plain, "")
    }
}

/// Breaks a text between words, with every line but the first indented. Words longer than a line are broken.
pub(crate) fn wrap(tone: Tone, text: &str, indent: usize, width: usize) -> Vec<Line> {
    let text = harmless(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in
        text.split(' ').flat_map(|word| break_word(word, width.saturating_sub(indent).max(1)))
    {
        let is_start = line.trim().is_empty();
        if !is_start && columns(&line) + 1 + columns(&word) > width {
            lines.push(Line::new(tone, line.trim_end()));
            line = " ".repeat(indent);
        }
        if line.trim().is_empty() && word.is_empty() {
            continue;
        }
        if !line.trim().is_empty() {
            line.push(' ');
        }
        line.push_str(&word);
    }
    lines.push(Line::new(tone, line.trim_end()));
    lines
}

/// Puts as many items on a line as there is room for; an item is only broken if it is longer than a line.
pub(crate) fn wrap_items(tone: Tone, items: &[String], gap: &str, width: usize) -> Vec<Line> {
    let mut lines: Vec<String> = Vec::new();
    for item in items.iter().map(|item| harmless(item)) {
        match lines.last_mut() {
            Some(line) if columns(line) + columns(gap) + columns(&item) <= width => {
                line.push_str(gap);
                line.push_str(&item);
            }
            Some(_) | None => lines.push(item),
        }
    }
    lines.iter().flat_map(|line| wrap(tone, line, 2, width)).collect()
}

/// All lines, each with its end.
pub(crate) fn paint(lines: &[Line], color: bool) -> String {
    let paint = |line: &Line| match line.tone {
        Tone::Heading if color => format!("\u{1b}[1m{}\u{1b}[0m\n", line.text),
        Tone::Alarm if color => format!("\u{1b}[1;31m{}\u{1b}[0m\n", line.text),
        Tone::Plain | Tone::Heading | Tone::Alarm => format!("{}\n", line.text),
    };
    lines.iter().map(paint).collect()
}

fn break_word(word: &str, width: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    for character in word.chars() {
        let last = parts.last_mut().expect("it begins with one part");
        if columns(last) + columns(character.encode_utf8(&mut [0; 4])) > width && !last.is_empty() {
            parts.push(character.into());
        } else {
            last.push(character);
        }
    }
    parts
}
