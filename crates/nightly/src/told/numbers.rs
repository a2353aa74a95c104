//! How numbers are written for people.

/// What a measure is counted in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// A rate: its values in percent, differences in points.
    Rate,
    /// A mean, in a unit that only its sweep knows.
    Mean,
}

impl Unit {
    pub(super) fn of(is_mean: bool) -> Self {
        if is_mean { Self::Mean } else { Self::Rate }
    }

    /// `91.2%`, `412`.
    pub(super) fn value(self, value: f64) -> String {
        match self {
            Self::Rate => percent(value),
            Self::Mean => figures(value),
        }
    }

    /// The number alone, without a sign that says nothing: `8.2`, `412`.
    pub(super) fn bare(self, difference: f64) -> String {
        match self {
            Self::Rate => decimal(100.0 * difference, 1),
            Self::Mean => figures(difference),
        }
    }

    /// `8.2 points`, `412`.
    pub(super) fn difference(self, difference: f64) -> String {
        match self {
            Self::Rate => format!("{} points", self.bare(difference)),
            Self::Mean => self.bare(difference),
        }
    }
}

/// `91.2%`.
pub(super) fn percent(share: f64) -> String {
    if share.is_finite() { format!("{}%", decimal(100.0 * share, 1)) } else { "-".to_owned() }
}

/// Without its leading zero, and never as zero: `.0003`, `.012`, `1`.
pub(super) fn p_value(p: f64) -> String {
    let shown = match p {
        p if p < 0.0001 => return "< .0001".to_owned(),
        p if p < 0.001 => format!("{p:.4}"),
        p if p < 0.1 => format!("{p:.3}"),
        p => format!("{p:.2}"),
    };
    shown.strip_prefix('0').map_or_else(|| "1".to_owned(), str::to_owned)
}

/// With commas between thousands.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let first = (digits.len() - 1) % 3 + 1;
    let (head, mut rest) = digits.split_at(first);
    let mut shown = head.to_owned();
    while !rest.is_empty() {
        let (thousand, after) = rest.split_at(3);
        shown.push(',');
        shown.push_str(thousand);
        rest = after;
    }
    shown
}

/// `1 prompt`, `2 prompts`.
pub(super) fn plural(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// To three significant digits, as far as there are decimals to cut.
fn figures(value: f64) -> String {
    let size = value.abs();
    match size {
        _ if value != 0.0 && !(0.001..1e7).contains(&size) => format!("{value:.2e}"),
        size if size >= 100.0 => decimal(value, 0),
        size if size >= 10.0 => decimal(value, 1),
        size if size >= 1.0 || value == 0.0 => decimal(value, 2),
        _ => decimal(value, 4),
    }
}

/// No number is "-", and nothing is less than nothing.
fn decimal(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "-".to_owned();
    }
    let shown = format!("{value:.decimals$}");
    let is_zero = shown.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if is_zero { shown.trim_start_matches('-').to_owned() } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_in_percent_and_its_differences_in_points() {
        assert_eq!([Unit::Rate.value(0.912), Unit::Rate.difference(0.05)], ["91.2%", "5.0 points"]);
        assert_eq!([Unit::Rate.bare(-0.000_1), Unit::Rate.value(f64::NAN)], ["0.0", "-"]);
    }

    #[test]
    fn a_mean_has_no_unit() {
        let shown = [412.34, 12.345, 1.2, 0.123_45, -0.5, 0.0].map(|value| Unit::Mean.value(value));
        assert_eq!(shown, ["412", "12.3", "1.20", "0.1235", "-0.5000", "0.00"]);
        assert_eq!(Unit::Mean.difference(0.000_01), "1.00e-5");
    }

    #[test]
    fn counts_and_chances_are_written_as_people_write_them() {
        assert_eq!([0, 999, 19_500, 1_234_567].map(count), ["0", "999", "19,500", "1,234,567"]);
        assert_eq!(
            [0.000_01, 0.000_3, 0.012, 0.5, 1.0].map(p_value),
            ["< .0001", ".0003", ".012", ".50", "1"]
        );
        assert_eq!([plural(1, "prompt"), plural(2, "prompt")], ["1 prompt", "2 prompts"]);
    }
}
