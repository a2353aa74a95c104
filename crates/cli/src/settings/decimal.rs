//! Decimals as people write them, read digit by digit: no binary fraction stands between a price and
//! the picodollars that it is.

use std::fmt;

use serde::de::{Deserializer, Error, Visitor};
use serde::{Deserialize, Serialize, Serializer};

/// Decimal places between a dollar and a picodollar.
pub(crate) const PLACES_OF_A_DOLLAR: i32 = 12;
/// Decimal places between a dollar per million tokens and a picodollar per token.
const PLACES_PER_MILLION: i32 = 6;
/// A binary fraction of so many digits is surely the decimal that was written.
const DIGITS_SURE: usize = 15;

/// Why a decimal cannot be read as a whole number of the smallest units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DecimalError {
    /// It is no number, or less than nothing.
    #[error("is not a decimal number of 0 or more, as in \"0.25\" or 7.5e-1")]
    Malformed,
    /// It has digits below the smallest unit.
    #[error("has more digits than a picodollar holds: leave the last ones out")]
    TooFine,
    /// It is beyond 9.2 million dollars.
    #[error("is more than can be counted")]
    TooLarge,
}

/// Dollars per million tokens, kept as picodollars per token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct PerMillion(pub(crate) i64);

/// Dollars, kept as picodollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dollars(pub(crate) i64);

impl PerMillion {
    /// From dollars per million tokens.
    #[cfg(test)]
    pub(crate) fn parse(literal: &str) -> Result<Self, DecimalError> {
        scale(literal, PLACES_PER_MILLION).map(Self)
    }
}

/// As few digits as say it.
impl fmt::Display for PerMillion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimal(f, self.0, PLACES_PER_MILLION)
    }
}

impl fmt::Display for Dollars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_decimal(f, self.0, PLACES_OF_A_DOLLAR)
    }
}

fn write_decimal(f: &mut fmt::Formatter<'_>, units: i64, places: i32) -> fmt::Result {
    let places = places.unsigned_abs();
    let one = 10_i64.pow(places);
    let (whole, rest) = (units / one, units % one);
    let rest = format!("{rest:0>width$}", width = places as usize);
    match rest.trim_end_matches('0') {
        "" => write!(f, "{whole}"),
        rest => write!(f, "{whole}.{rest}"),
    }
}

/// A decimal times a power of ten, which has to come out whole. Underscores may part its digits.
pub(crate) fn scale(literal: &str, places: i32) -> Result<i64, DecimalError> {
    let (mantissa, exponent) = literal.split_once(['e', 'E']).unwrap_or((literal, "0"));
    let exponent: i32 = exponent.parse().map_err(|_not_whole| DecimalError::Malformed)?;
    let mantissa = mantissa.strip_prefix('+').unwrap_or(mantissa).replace('_', "");
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((&mantissa, ""));
    let digits = format!("{whole}{fraction}");
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DecimalError::Malformed);
    }
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Ok(0);
    }
    let dropped = i32::try_from(digits.len() - significant.len());
    let below = i32::try_from(fraction.len());
    let (Ok(dropped), Ok(below)) = (dropped, below) else { return Err(DecimalError::TooFine) };
    let shift = exponent.saturating_add(places).saturating_add(dropped).saturating_sub(below);
    if shift < 0 {
        return Err(DecimalError::TooFine);
    }
    let power = 10_i64.checked_pow(shift.unsigned_abs()).ok_or(DecimalError::TooLarge)?;
    let significant: i64 = significant.parse().map_err(|_too_long| DecimalError::TooLarge)?;
    significant.checked_mul(power).ok_or(DecimalError::TooLarge)
}

/// The decimal that a binary fraction was read from. One of more digits than are sure is what
/// arithmetic left of a shorter one, and is rounded to that.
pub(crate) fn literal_of(number: f64) -> String {
    let shortest = format!("{number:e}");
    let (mantissa, _) = shortest.split_once('e').unwrap_or((&shortest, ""));
    if mantissa.bytes().filter(u8::is_ascii_digit).count() <= DIGITS_SURE {
        return shortest;
    }
    format!("{number:.width$e}", width = DIGITS_SURE - 1)
}

/// Reads a decimal from a text or a number of a settings file.
struct DecimalVisitor {
    places: i32,
}

impl Visitor<'_> for DecimalVisitor {
    type Value = i64;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "a decimal number, such as 0.25 or \"0.25\"")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<i64, E> {
        scale(text.trim(), self.places).map_err(|error| E::custom(format!("`{text}` {error}")))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<i64, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<i64, E> {
        self.visit_str(&number.to_string())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<i64, E> {
        let shortest = format!("{number:e}");
        if literal_of(number) != shortest {
            let message =
                format!("`{number}` has too many digits for a number: write it as a text");
            return Err(E::custom(message));
        }
        self.visit_str(&shortest)
    }
}

impl<'de> Deserialize<'de> for PerMillion {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(DecimalVisitor { places: PLACES_PER_MILLION }).map(Self)
    }
}

impl<'de> Deserialize<'de> for Dollars {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(DecimalVisitor { places: PLACES_OF_A_DOLLAR }).map(Self)
    }
}

/// As a text, which every reader takes as it stands.
impl Serialize for PerMillion {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_back_to_the_picodollar(units in 0..i64::MAX) {
            prop_assert_eq!(PerMillion::parse(&PerMillion(units).to_string()), Ok(PerMillion(units)));
            let dollars = Dollars(units).to_string();
            prop_assert_eq!(scale(&dollars, PLACES_OF_A_DOLLAR), Ok(units));
        }

        #[test]
        fn a_price_of_fifteen_digits_survives_a_binary_fraction(units in 0..1_000_000_000_000_000_i64) {
            let number: f64 = PerMillion(units).to_string().parse().unwrap();
            prop_assert_eq!(PerMillion::parse(&literal_of(number)), Ok(PerMillion(units)));
        }

        #[test]
        fn however_it_is_written_it_is_the_same(units in 0..1_000_000_i64, places in 0..12_i32) {
            let shifted = format!("{units}00e-{}", places + 2);
            let plain = scale(&shifted, 12).unwrap();
            prop_assert_eq!(plain, units * 10_i64.pow(12 - places.unsigned_abs()));
        }
    }

    #[test]
    fn prices_are_read_exactly() {
        for (literal, units) in [
            ("7.5e-1", 750_000),
            ("0.3", 300_000),
            ("15", 15_000_000),
            ("1_000.000001", 1_000_000_001),
            ("0", 0),
            ("0.000", 0),
            ("+2.50", 2_500_000),
        ] {
            assert_eq!(PerMillion::parse(literal), Ok(PerMillion(units)), "{literal}");
        }
        assert_eq!(scale("7.5e-7", PLACES_OF_A_DOLLAR), Ok(750_000));
    }

    #[test]
    fn what_cannot_be_held_exactly_is_refused() {
        assert_eq!(PerMillion::parse("0.0000001"), Err(DecimalError::TooFine));
        assert_eq!(PerMillion::parse("3.0000000000000000001"), Err(DecimalError::TooFine));
        assert_eq!(PerMillion::parse("1e99"), Err(DecimalError::TooLarge));
        assert_eq!(PerMillion::parse("99999999999999999999"), Err(DecimalError::TooLarge));
        for none in ["", "-1", "nan", "inf", "1.2.3", "e5", ".", "1e", "0x10"] {
            assert_eq!(PerMillion::parse(none), Err(DecimalError::Malformed), "{none}");
        }
    }

    #[test]
    fn what_arithmetic_left_of_a_decimal_is_that_decimal() {
        assert_eq!(scale(&literal_of(0.1 + 0.2), 12), Ok(300_000_000_000));
        assert_eq!(scale(&literal_of(7.5e-7), 12), Ok(750_000));
    }
}
