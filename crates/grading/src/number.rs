//! Numbers as people write them.

/// The largest exponent that is read, of either sign: that of the largest finite number is 308.
const EXPONENT_MAX: u32 = 400;

/// The one plain spelling of a decimal number, by its value and without rounding: `1,200.0`, `+1.2e3` and `1200` are all
/// `1200`. `None` for what is no number; commas must part groups of three digits. One full stop or comma behind it is the
/// sentence's.
pub(crate) fn spell_number(text: &str) -> Option<String> {
    let text = text.trim();
    let (negative, unsigned) = match text.strip_prefix(['-', '\u{2212}']) {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let unsigned = unsigned.strip_suffix(['.', ',']).unwrap_or(unsigned);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (unsigned, 0),
    };
    if exponent.unsigned_abs() > EXPONENT_MAX {
        return None;
    }
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let whole = join_groups(whole)?;
    let is_number = fraction.bytes().all(|digit| digit.is_ascii_digit())
        && (!whole.is_empty() || !fraction.is_empty());
    if !is_number {
        return None;
    }
    let point = i64::try_from(whole.len()).ok()? + i64::from(exponent);
    let spelt = place_point(&format!("{whole}{fraction}"), point);
    Some(if negative && spelt != "0" { format!("-{spelt}") } else { spelt })
}

/// The value of a number as [`spell_number`] reads it; always finite.
pub(crate) fn read_number(text: &str) -> Option<f64> {
    spell_number(text)?.parse().ok().filter(|number: &f64| number.is_finite())
}

/// The digits of a whole number, without the commas between its thousands.
fn join_groups(whole: &str) -> Option<String> {
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let rest: Vec<&str> = groups.collect();
    let grouped = rest.is_empty()
        || ((1..=3).contains(&first.len()) && rest.iter().all(|group| group.len() == 3));
    let joined = format!("{first}{}", rest.concat());
    (grouped && joined.bytes().all(|digit| digit.is_ascii_digit())).then_some(joined)
}

/// Digits with a point behind the first `point` of them, and no zero that says nothing.
fn place_point(digits: &str, point: i64) -> String {
    let significant = digits.trim_start_matches('0');
    let leading = digits.len() - significant.len();
    let significant = significant.trim_end_matches('0');
    if significant.is_empty() {
        return "0".to_owned();
    }
    let point = point - i64::try_from(leading).unwrap_or(i64::MAX);
    match usize::try_from(point) {
        Err(_) | Ok(0) => {
            let zeros = usize::try_from(point.unsigned_abs()).unwrap_or(0);
            format!("0.{}{significant}", "0".repeat(zeros))
        }
        Ok(point) if point >= significant.len() => {
            format!("{significant}{}", "0".repeat(point - significant.len()))
        }
        Ok(point) => format!("{}.{}", &significant[..point], &significant[point..]),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn spellings_of_one_number_are_one() {
        for text in ["1200", "1,200", "1,200.0", "+1200.", " 01200 ", "1.2e3", "12E2", "1,200,"] {
            assert_eq!(spell_number(text).as_deref(), Some("1200"), "{text}");
        }
        for (text, spelt) in
            [("-.50", "-0.5"), ("\u{2212}3", "-3"), ("-0.0", "0"), ("5e-3", "0.005"), ("0", "0")]
        {
            assert_eq!(spell_number(text).as_deref(), Some(spelt), "{text}");
        }
    }

    #[test]
    fn what_is_no_number_stays_text() {
        for text in
            ["", ".", "-", "1,20", "12,34,567", "1.2.3", "5%", "1e", "1e999", "x1", "1 2", "٣"]
        {
            assert_eq!(spell_number(text), None, "{text}");
        }
    }

    #[test]
    fn an_exponent_beyond_all_bounds_is_no_number() {
        for text in [
            "1e-2147483648",
            "1e2147483648",
            "1e2147483647",
            "-1e-99999999999",
            "0e-2147483648",
            "1e401",
            "1e-401",
        ] {
            assert_eq!((spell_number(text), read_number(text)), (None, None), "{text}");
        }
    }

    #[test]
    fn large_numbers_are_not_rounded_into_each_other() {
        assert_ne!(spell_number("9007199254740993"), spell_number("9007199254740992"));
    }

    proptest! {
        #[test]
        fn a_spelling_is_its_own_spelling_and_keeps_the_value(number in -1e12f64..1e12) {
            let spelt = spell_number(&number.to_string()).unwrap();
            prop_assert_eq!(spelt.parse::<f64>().unwrap().to_bits(), (number + 0.0).to_bits());
            prop_assert_eq!(spell_number(&spelt), Some(spelt));
        }

        #[test]
        fn a_spelling_is_hardly_longer_than_what_it_spells(
            sign in "[-+\u{2212}]?",
            whole in "[0-9]{0,3}(,?[0-9]{3}){0,400}|0{0,900}",
            fraction in "([.][0-9]{0,900})?",
            exponent in "([eE][-+]?[0-9]{0,12})?",
            behind in "[.,]?",
        ) {
            let text = format!("{sign}{whole}{fraction}{exponent}{behind}");
            let longest = text.len() + EXPONENT_MAX as usize + "-0.".len();
            if let Some(spelt) = spell_number(&text) {
                prop_assert!(spelt.len() <= longest, "{} of {}", spelt.len(), text);
                prop_assert_eq!(spell_number(&spelt), Some(spelt));
            }
            prop_assert!(read_number(&text).is_none_or(f64::is_finite));
        }
    }
}
