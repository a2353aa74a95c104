//! Parquet: rows of typed columns, as text.

use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field;
use bytes::Bytes;

use crate::error::{Fault, Located};
use crate::set::Values;

/// Reads every row. What other formats call a line is the number of the row here, from 1.
pub(crate) fn read_rows(bytes: &[u8]) -> Result<Vec<Values>, Located> {
    let broken = |line, error: ::parquet::errors::ParquetError| Located {
        line,
        fault: Fault::Malformed { reason: format!("no readable Parquet: {error}") },
    };
    let reader = SerializedFileReader::new(Bytes::copy_from_slice(bytes))
        .map_err(|error| broken(None, error))?;
    let rows = reader.get_row_iter(None).map_err(|error| broken(None, error))?;
    (1..)
        .zip(rows)
        .map(|(line, row)| {
            let row = row.map_err(|error| broken(Some(line), error))?;
            let cell = |(column, field): (&String, &Field)| {
                spell(column, field).map(|text| (column.clone(), text))
            };
            let values: Result<_, Fault> = row.get_column_iter().map(cell).collect();
            values.map(|values| Values { line, values }).map_err(|fault| Located::at(line, fault))
        })
        .collect()
}

/// A value as text: numbers in their shortest form, nothing guessed.
fn spell(column: &str, field: &Field) -> Result<String, Fault> {
    let not_text = |found| Err(Fault::NotText { column: column.to_owned(), found });
    match field {
        Field::Str(text) => Ok(text.clone()),
        Field::Bool(value) => Ok(value.to_string()),
        Field::Byte(value) => Ok(value.to_string()),
        Field::Short(value) => Ok(value.to_string()),
        Field::Int(value) => Ok(value.to_string()),
        Field::Long(value) => Ok(value.to_string()),
        Field::UByte(value) => Ok(value.to_string()),
        Field::UShort(value) => Ok(value.to_string()),
        Field::UInt(value) => Ok(value.to_string()),
        Field::ULong(value) => Ok(value.to_string()),
        Field::Float(value) => Ok(value.to_string()),
        Field::Double(value) => Ok(value.to_string()),
        Field::Null => not_text("null"),
        Field::Bytes(bytes) => match bytes.as_utf8() {
            Ok(text) => Ok(text.to_owned()),
            Err(_not_utf8) => not_text("bytes that are no UTF-8 text"),
        },
        Field::Group(_) | Field::ListInternal(_) | Field::MapInternal(_) => not_text("nested data"),
        Field::Float16(_)
        | Field::Decimal(_)
        | Field::Date(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_)
        | Field::TimestampMillis(_)
        | Field::TimestampMicros(_) => {
            not_text("a decimal, a date or a time; write it as a string")
        }
    }
}
