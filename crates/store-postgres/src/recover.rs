//! What a restart reads of each result: a million rows in a second or two.
//!
//! By `COPY` in its binary format, because fetching row by row takes several times as long. The
//! format is described at <https://www.postgresql.org/docs/current/sql-copy.html>.

use futures_util::StreamExt;
use iago_store::{Recovered, StoreError};
use iago_sweep::{JobId, Money, SweepId};
use sqlx::PgConnection;

use crate::fault::Fault;
use crate::sweep::require_sweep;

/// Results in job order, narrowly.
pub(crate) async fn recover(
    connection: &mut PgConnection,
    sweep: SweepId,
    after: Option<i64>,
    limit: usize,
) -> Result<Vec<Recovered>, Fault> {
    require_sweep(connection, sweep).await?;
    // A copy takes no parameters; these are numbers.
    let (sweep, after) = (sweep.0, after.unwrap_or(-1));
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let statement = format!(
        "COPY (SELECT job, opens, decided, term, attempt, cost, finish, parse FROM results
             WHERE sweep = {sweep} AND job > {after} ORDER BY job LIMIT {limit})
         TO STDOUT (FORMAT binary)"
    );
    let mut pieces = connection.copy_out_raw(&statement).await?;
    let mut copied = Copied::default();
    while let Some(piece) = pieces.next().await {
        copied.take(&piece?).map_err(damage)?;
    }
    copied.end().map_err(damage)
}

/// A copy as it comes in.
#[derive(Debug, Default)]
struct Copied {
    rows: Vec<Recovered>,
    /// Of a row that has not come whole yet.
    rest: Vec<u8>,
    begun: bool,
    ended: bool,
}

/// What is wrong with what came.
type Reason = &'static str;

const SIGNATURE: &[u8] = b"PGCOPY\n\xff\r\n\0";
/// The signature, flags, and the length of a header extension, which is always 0 today.
const HEADER: usize = SIGNATURE.len() + 8;
/// The number of columns that says that no row follows.
const NO_MORE: i16 = -1;
const COLUMNS: i16 = 8;

impl Copied {
    /// Takes the next piece. Postgres sends whole rows, but does not promise to.
    fn take(&mut self, piece: &[u8]) -> Result<(), Reason> {
        let rest = std::mem::take(&mut self.rest);
        if rest.is_empty() {
            return self.take_rows(piece);
        }
        self.take_rows(&[&rest, piece].concat())
    }

    fn end(self) -> Result<Vec<Recovered>, Reason> {
        if self.ended && self.rest.is_empty() { Ok(self.rows) } else { Err("it ends too early") }
    }

    fn take_rows(&mut self, piece: &[u8]) -> Result<(), Reason> {
        let mut left = Bytes(piece);
        if !self.begun {
            let Some(header) = left.take(HEADER) else { return self.keep(piece) };
            if !header.starts_with(SIGNATURE) {
                return Err("it does not begin as a copy does");
            }
            self.begun = true;
        }
        while !left.0.is_empty() {
            let before = left.0;
            match row(&mut left)? {
                Row::Whole(row) => self.rows.push(row),
                Row::Partial => return self.keep(before),
                Row::NoMore => self.ended = true,
            }
        }
        Ok(())
    }

    #[expect(clippy::unnecessary_wraps, reason = "it ends functions that can fail")]
    fn keep(&mut self, rest: &[u8]) -> Result<(), Reason> {
        self.rest = rest.to_vec();
        Ok(())
    }
}

enum Row {
    Whole(Recovered),
    Partial,
    NoMore,
}

fn row(left: &mut Bytes<'_>) -> Result<Row, Reason> {
    match left.array().map(i16::from_be_bytes) {
        None => Ok(Row::Partial),
        Some(NO_MORE) => Ok(Row::NoMore),
        Some(COLUMNS) => Ok(columns(left)?.map_or(Row::Partial, Row::Whole)),
        Some(_) => Err("a row has another number of columns"),
    }
}

/// `None` if there are not enough bytes yet.
fn columns(left: &mut Bytes<'_>) -> Result<Option<Recovered>, Reason> {
    let mut values = [None; COLUMNS as usize];
    for value in &mut values {
        match left.value() {
            Some(column) => *value = column,
            None => return Ok(None),
        }
    }
    let [job, opens, decided, term, attempt, cost, finish, parse] = values;
    Ok(Some(Recovered {
        job: JobId::from_number(number(job)?).ok_or("a job is negative")?,
        opens: number(opens)?.cast_unsigned(),
        decided: number(decided)?.cast_unsigned(),
        term: number(term)?.cast_unsigned(),
        attempt: number(attempt)?.try_into().or(Err("an attempt is no number of one"))?,
        cost: cost.map(|cost| number(Some(cost)).map(Money)).transpose()?,
        finish: word(finish)?.parse().or(Err("a finish is no known word"))?,
        parse: word(parse)?.parse().or(Err("a parse is no known word"))?,
    }))
}

fn number(value: Option<&[u8]>) -> Result<i64, Reason> {
    let bytes = value.and_then(|bytes| bytes.try_into().ok());
    bytes.map(i64::from_be_bytes).ok_or("a number has not 8 bytes")
}

fn word(value: Option<&[u8]>) -> Result<&str, Reason> {
    value.and_then(|bytes| std::str::from_utf8(bytes).ok()).ok_or("a word is none")
}

/// Bytes that are taken from the front.
struct Bytes<'b>(&'b [u8]);

impl<'b> Bytes<'b> {
    fn take(&mut self, count: usize) -> Option<&'b [u8]> {
        let (taken, left) = self.0.split_at_checked(count)?;
        self.0 = left;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// A length and so many bytes; a negative length is NULL.
    fn value(&mut self) -> Option<Option<&'b [u8]>> {
        let length = i32::from_be_bytes(self.array()?);
        match usize::try_from(length) {
            Ok(length) => self.take(length).map(Some),
            Err(_) => Some(None),
        }
    }
}

fn damage(reason: Reason) -> Fault {
    StoreError::Corrupt { at: "a copy of results".to_owned(), reason: reason.to_owned() }.into()
}

#[cfg(test)]
mod tests {
    use iago_sweep::{Finish, Parse};

    use super::*;

    #[test]
    fn a_copy_is_read_however_it_is_cut() {
        let expected = [recovered(7, Some(Money(5))), recovered(i64::MAX, None)];
        let copy = copy_of(&expected);
        for size in 1..=copy.len() {
            let mut copied = Copied::default();
            copy.chunks(size).for_each(|piece| copied.take(piece).unwrap());
            assert_eq!(copied.end().unwrap(), expected, "in pieces of {size}");
        }
    }

    #[test]
    fn a_copy_that_is_cut_off_is_no_copy() {
        let copy = copy_of(&[recovered(7, None)]);
        for length in 0..copy.len() {
            let mut copied = Copied::default();
            copied.take(&copy[..length]).unwrap();
            assert!(copied.end().is_err(), "{length} of {} bytes", copy.len());
        }
    }

    #[test]
    fn what_is_no_copy_is_refused() {
        assert!(Copied::default().take(&[b'x'; 64]).is_err());
        let mut copy = copy_of(&[recovered(7, None)]);
        copy[HEADER + 1] = 5;
        assert!(Copied::default().take(&copy).is_err());
    }

    fn recovered(job: i64, cost: Option<Money>) -> Recovered {
        let job = JobId::from_number(job).expect("from 0");
        let (finish, parse) = (Finish::Length, Parse::Truncated);
        let (term, attempt) = (1 << 63, u32::MAX);
        Recovered { job, term, attempt, finish, parse, opens: 1 << 63, decided: 3, cost }
    }

    fn copy_of(rows: &[Recovered]) -> Vec<u8> {
        let mut copy = [SIGNATURE, &[0; 8]].concat();
        for row in rows {
            copy.extend(COLUMNS.to_be_bytes());
            let Recovered { job, opens, decided, term, attempt, .. } = *row;
            let bits = [opens, decided, term, attempt.into()].map(u64::cast_signed);
            let numbers = [vec![job.number()], bits.to_vec()].concat();
            numbers.iter().for_each(|number| push(&mut copy, Some(&number.to_be_bytes())));
            push(&mut copy, row.cost.map(|cost| cost.0.to_be_bytes()).as_ref().map(|it| &it[..]));
            push(&mut copy, Some(row.finish.word().as_bytes()));
            push(&mut copy, Some(row.parse.word().as_bytes()));
        }
        copy.extend(NO_MORE.to_be_bytes());
        copy
    }

    fn push(copy: &mut Vec<u8>, value: Option<&[u8]>) {
        let length = value.map_or(-1, |value| i32::try_from(value.len()).expect("short"));
        copy.extend(length.to_be_bytes());
        copy.extend(value.unwrap_or_default());
    }
}
