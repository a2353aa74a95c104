//! CSV and TSV: a row of column names, then rows of values, which may contain line breaks.

use csv::{ByteRecord, Position, ReaderBuilder, StringRecord};

use crate::error::{Fault, Located};
use crate::quotes;
use crate::set::{Values, check_names};

/// Reads every row after the first, each value under its column's name.
pub(crate) fn read_rows(
    text: &str,
    separator: u8,
    id_column: Option<&str>,
) -> Result<Vec<Values>, Located> {
    quotes::check(text, separator)?;
    let mut records = Records::new(text, separator);
    let Some((header_line, header)) = records.next()? else {
        return Ok(Vec::new());
    };
    check_names(header.iter(), id_column).map_err(|fault| Located::at(header_line, fault))?;
    let mut rows = Vec::new();
    while let Some((line, record)) = records.next()? {
        let values = name_values(&header, &record).map_err(|fault| Located::at(line, fault))?;
        rows.push(Values { line, values });
    }
    Ok(rows)
}

fn name_values(
    header: &StringRecord,
    record: &StringRecord,
) -> Result<Vec<(String, String)>, Fault> {
    if let Some(column) = header.get(record.len()) {
        return Err(Fault::MissingColumn { column: column.to_owned() });
    }
    if record.len() > header.len() {
        let last = header.iter().next_back().unwrap_or_default().to_owned();
        return Err(Fault::ExtraValues { found: record.len(), expected: header.len(), last });
    }
    let owned = |(column, value): (&str, &str)| (column.to_owned(), value.to_owned());
    Ok(header.iter().zip(record).map(owned).collect())
}

/// The records of a text with the lines on which they start.
struct Records<'a> {
    text: &'a [u8],
    reader: csv::Reader<&'a [u8]>,
    /// How far lines are counted: this byte is on this line.
    counted: (usize, u64),
}

impl<'a> Records<'a> {
    fn new(text: &'a str, separator: u8) -> Self {
        let reader = ReaderBuilder::new()
            .delimiter(separator)
            .has_headers(false)
            .flexible(true) // row lengths are checked here, with the name of the column
            .from_reader(text.as_bytes());
        Self { text: text.as_bytes(), reader, counted: (0, 1) }
    }

    fn next(&mut self) -> Result<Option<(u64, StringRecord)>, Located> {
        let mut record = ByteRecord::new();
        let read = self.reader.read_byte_record(&mut record);
        let line = self.count_lines(record.position().map_or(0, Position::byte));
        let malformed = |reason: String| Located::at(line, Fault::Malformed { reason });
        if !read.map_err(|error| malformed(error.to_string()))? {
            return Ok(None);
        }
        let record = StringRecord::from_byte_record(record);
        record.map(|text| Some((line, text))).map_err(|error| malformed(error.to_string()))
    }

    /// The line on which the record starts that the reader found from byte `start` on. The
    /// reader's own count is one behind after a CRLF and at blank lines, which it skips.
    fn count_lines(&mut self, start: u64) -> u64 {
        let (from, line) = self.counted;
        let start = usize::try_from(start).unwrap_or(usize::MAX).max(from);
        let is_break = |byte: &&u8| matches!(byte, b'\r' | b'\n');
        let rest = self.text.get(start..).unwrap_or_default();
        let first = start + rest.iter().take_while(is_break).count();
        let passed = self.text.get(from..first).unwrap_or_default();
        let line = (line..).nth(passed.iter().filter(|byte| **byte == b'\n').count());
        self.counted = (first, line.unwrap_or(u64::MAX));
        self.counted.1
    }
}
