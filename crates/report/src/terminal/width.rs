//! How many columns a text takes in a terminal, nearly: enough for tables to line up with names in most scripts.

/// Columns of a text without control characters.
pub(crate) fn columns(text: &str) -> usize {
    text.chars().map(columns_of).sum()
}

/// The text in so many columns, its end replaced by `…` where it is longer.
pub(crate) fn clip(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut clipped = String::new();
    let mut taken = 1;
    for character in text.chars() {
        taken += columns_of(character);
        if taken > width {
            break;
        }
        clipped.push(character);
    }
    clipped.push('…');
    clipped
}

/// The ranges of the Unicode blocks that terminals draw two columns wide, and of combining marks, which take none.
fn columns_of(character: char) -> usize {
    match u32::from(character) {
        0x300..=0x36f | 0x483..=0x489 | 0x591..=0x5bd | 0x610..=0x61a | 0x64b..=0x65f => 0,
        0x1ab0..=0x1aff | 0x1dc0..=0x1dff | 0x20d0..=0x20ff | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f => {
            0
        }
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xac00..=0xd7a3 | 0xf900..=0xfaff => {
            2
        }
        0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 => 2,
        0x1f300..=0x1f64f | 0x1f680..=0x1f6ff | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wide_and_combining_characters_are_counted_as_drawn() {
        assert_eq!([columns("abc"), columns("漢字"), columns("e\u{301}")], [3, 4, 1]);
        assert_eq!([clip("abcdef", 4), clip("漢字漢", 4), clip("ab", 2)], ["abc…", "漢…", "ab"]);
    }
}
