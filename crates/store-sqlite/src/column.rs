//! Values in and out of columns. What cannot be read back names its table, column and row.

use std::fmt::Display;
use std::str::FromStr;

use iago_store::StoreError;
use iago_sweep::{Digest, JobId, Money, unescape};
use sqlx::sqlite::{Sqlite, SqliteRow};
use sqlx::{Decode, Row, Type};

/// Sixty-four bits without a sign as the signed number with the same bits.
pub(crate) fn bits(number: u64) -> i64 {
    number.cast_signed()
}

/// Compressed bytes of a text or plan.
pub(crate) fn pack(content: &[u8]) -> Vec<u8> {
    lz4_flex::block::compress_prepend_size(content)
}

/// A stored row that is being read.
pub(crate) struct Stored<'r> {
    pub(crate) table: &'static str,
    pub(crate) row: &'r SqliteRow,
}

impl Stored<'_> {
    /// Any value, as the driver reads it.
    pub(crate) fn value<T>(&self, column: &'static str) -> Result<T, StoreError>
    where
        T: for<'v> Decode<'v, Sqlite> + Type<Sqlite>,
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
        let word: String = self.value(column)?;
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

    /// Bytes that [`pack`] wrote.
    pub(crate) fn packed(&self, column: &'static str) -> Result<Vec<u8>, StoreError> {
        self.unpack(column, &self.value::<Vec<u8>>(column)?)
    }

    /// A text that [`pack`] wrote.
    pub(crate) fn packed_text(&self, column: &'static str) -> Result<String, StoreError> {
        String::from_utf8(self.packed(column)?).map_err(|error| self.damage(column, error))
    }

    /// A text that [`pack`] wrote, if there is one.
    pub(crate) fn packed_text_if_any(
        &self,
        column: &'static str,
    ) -> Result<Option<String>, StoreError> {
        let packed: Option<Vec<u8>> = self.value(column)?;
        packed.map(|_| self.packed_text(column)).transpose()
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

    fn unpack(&self, column: &'static str, packed: &[u8]) -> Result<Vec<u8>, StoreError> {
        lz4_flex::block::decompress_size_prepended(packed)
            .map_err(|error| self.damage(column, error))
    }
}
