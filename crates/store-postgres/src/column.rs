//! Values in and out of columns. What cannot be read back names its table, column and row.

use std::fmt::Display;
use std::str::FromStr;

use iago_store::StoreError;
use iago_sweep::{Digest, JobId, Money, unescape};
use sqlx::postgres::PgRow;
use sqlx::{Decode, Postgres, Row, Type};

/// Sixty-four bits without a sign as the signed number with the same bits.
pub(crate) fn bits(number: u64) -> i64 {
    number.cast_signed()
}

/// Milliseconds or microseconds, as far as they can be counted.
pub(crate) fn whole(number: u128) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A stored row that is being read.
pub(crate) struct Stored<'r> {
    pub(crate) table: &'static str,
    pub(crate) row: &'r PgRow,
}

impl Stored<'_> {
    /// Any value, as the driver reads it.
    pub(crate) fn value<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: for<'v> Decode<'v, Postgres> + Type<Postgres>,
    {
        self.row.try_get(column).map_err(|error| self.damage(column, error))
    }

    /// A number that [`bits`] wrote.
    pub(crate) fn bits(&self, column: &'static str) -> Result<u64, StoreError> {
        Ok(self.value::<i64>(column)?.cast_unsigned())
    }

    /// A number in a smaller range than the column's.
    pub(crate) fn number<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: TryFrom<i64, Error: Display>,
    {
        let number: i64 = self.value(column)?;
        T::try_from(number).map_err(|error| self.damage(column, error))
    }

    /// One of a fixed set of words.
    pub(crate) fn word<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: FromStr<Err: Display>,
    {
        let word: &str = self.row.try_get(column).map_err(|error| self.damage(column, error))?;
        word.parse().map_err(|error| self.damage(column, error))
    }

    /// An escaped text.
    pub(crate) fn escaped(&self, column: &'static str) -> Result<String, StoreError> {
        Ok(unescape(&self.value::<String>(column)?))
    }

    /// An escaped text that may be absent.
    pub(crate) fn escaped_if_any(
        &self,
        column: &'static str,
    ) -> Result<Option<String>, StoreError> {
        Ok(self.value::<Option<String>>(column)?.as_deref().map(unescape))
    }

    /// A content hash.
    pub(crate) fn digest(&self, column: &'static str) -> Result<Digest, StoreError> {
        let bytes: Vec<u8> = self.value(column)?;
        Digest::from_bytes(&bytes).ok_or_else(|| self.damage(column, "not 32 bytes"))
    }

    /// The job that the row is about.
    pub(crate) fn job(&self) -> Result<JobId, StoreError> {
        JobId::from_number(self.value("job")?).ok_or_else(|| self.damage("job", "negative"))
    }

    /// An amount that may be unknown.
    pub(crate) fn cost(&self) -> Result<Option<Money>, StoreError> {
        Ok(self.value::<Option<i64>>("cost")?.map(Money))
    }

    /// Says that a column of this row cannot be what was written.
    pub(crate) fn damage(&self, column: &'static str, reason: impl Display) -> StoreError {
        let table = self.table;
        let row = ["job", "sweep", "id"].iter().find_map(|key| {
            let number: i64 = self.row.try_get(*key).ok()?;
            Some(format!(" ({key} {number})"))
        });
        let at = format!("{table}.{column}{}", row.unwrap_or_default());
        StoreError::Corrupt { at, reason: reason.to_string() }
    }
}
