//! How numbers and hostile names are written, wherever they are shown.

use crate::report::{Count, Range};

/// A share in percent, or a difference in points, with one decimal.
pub(crate) fn points(share: f64) -> String {
    if !share.is_finite() {
        return "-".to_owned();
    }
    let shown = format!("{:.1}", share * 100.0);
    // A difference of -0.01 points is no minus.
    if shown == "-0.0" { "0.0".to_owned() } else { shown }
}

/// A p-value without its leading zero: `.0003`, `.012`, `1`.
pub(crate) fn p_value(p: f64) -> String {
    let shown = match p {
        p if p < 0.0001 => return "<.0001".to_owned(),
        p if p < 0.001 => format!("{p:.4}"),
        p if p < 0.1 => format!("{p:.3}"),
        p => format!("{p:.2}"),
    };
    match shown.strip_prefix('0') {
        Some(decimals) => decimals.to_owned(),
        None => "1".to_owned(),
    }
}

/// A count with commas between thousands.
pub(crate) fn thousands(count: u64) -> String {
    let digits = count.to_string();
    let mut shown = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

/// `from low to high`, in points, with both ends padded to one width.
pub(crate) fn range(range: &Range, width: usize) -> String {
    format!("[{:>width$}, {:>width$}]", points(range.low), points(range.high))
}

/// The width that the ends of these ranges need.
pub(crate) fn range_width<'a>(ranges: impl IntoIterator<Item = &'a Range>) -> usize {
    let ends = ranges.into_iter().flat_map(|range| [range.low, range.high]);
    ends.map(|end| points(end).len()).max().unwrap_or(0)
}

pub(crate) fn fraction(count: Count) -> String {
    format!("{}/{}", count.yes, count.of)
}

/// Wall-clock time: `41s`, `6m41s`, `2h05m`.
pub(crate) fn duration(seconds: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "saturates, and is never negative"
    )]
    let whole = seconds.max(0.0).round() as u64;
    match (whole / 3600, whole / 60 % 60, whole % 60) {
        (0, 0, seconds) => format!("{seconds}s"),
        (0, minutes, seconds) => format!("{minutes}m{seconds:02}s"),
        (hours, minutes, _) => format!("{hours}h{minutes:02}m"),
    }
}

/// A name or id without what could move the cursor, end the line, or turn the direction of text around.
pub(crate) fn harmless(text: &str) -> String {
    text.chars().filter(|character| !is_harmful(*character)).collect()
}

/// Controls; marks, embeddings, overrides and isolates of direction; zero-width characters; line and paragraph ends; tags.
fn is_harmful(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        )
        || matches!(character, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(character, '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_people_write_them() {
        assert_eq!(
            [points(0.140), points(-0.000_1), points(1.0), points(f64::NAN)],
            ["14.0", "0.0", "100.0", "-"]
        );
        assert_eq!(
            [p_value(0.000_01), p_value(0.000_3), p_value(0.012)],
            ["<.0001", ".0003", ".012"]
        );
        assert_eq!([p_value(0.5), p_value(0.999), p_value(1.0)], [".50", "1", "1"]);
        assert_eq!(
            [thousands(0), thousands(999), thousands(19_500), thousands(1_234_567)],
            ["0", "999", "19,500", "1,234,567"]
        );
        assert_eq!([duration(41.2), duration(401.0), duration(7_500.0)], ["41s", "6m41s", "2h05m"]);
    }

    #[test]
    fn what_moves_the_cursor_or_turns_text_around_is_gone() {
        assert_eq!(harmless("a\u{1b}[2J\nb\u{202e}c\u{200b}é漢"), "a[2Jbcé漢");
    }
}
