//! Quotes that do not pair up. The `csv` crate reads on through them, so that one missing quote
//! silently turns the rest of a file into a single value; here they are errors.

use crate::error::{Fault, Located};

#[derive(Clone, Copy)]
enum State {
    ValueStart,
    Plain,
    Quoted {
        opened: u64,
    },
    /// After a quote inside a quoted value: it closes the value, unless another one follows.
    QuoteSeen {
        opened: u64,
    },
}

/// Checks that every quoted value ends, and ends where its value does.
pub(crate) fn check(text: &str, separator: u8) -> Result<(), Located> {
    let mut state = State::ValueStart;
    let mut line = 1;
    for byte in text.bytes() {
        state = step(state, byte, separator, line)?;
        line += u64::from(byte == b'\n');
    }
    match state {
        State::Quoted { opened } => Err(unclosed(opened)),
        State::ValueStart | State::Plain | State::QuoteSeen { .. } => Ok(()),
    }
}

fn step(state: State, byte: u8, separator: u8, line: u64) -> Result<State, Located> {
    let ends_value = byte == separator || matches!(byte, b'\r' | b'\n');
    match (state, byte) {
        (State::ValueStart, b'"') => Ok(State::Quoted { opened: line }),
        (State::Quoted { opened }, b'"') => Ok(State::QuoteSeen { opened }),
        (State::Quoted { .. }, _) => Ok(state),
        (State::QuoteSeen { opened }, b'"') => Ok(State::Quoted { opened }),
        (State::QuoteSeen { opened }, _) if !ends_value => Err(torn(opened)),
        _ if ends_value => Ok(State::ValueStart),
        _ => Ok(State::Plain),
    }
}

fn unclosed(opened: u64) -> Located {
    let reason =
        "a quote opens here and is never closed; close it, or double it if it belongs to the value";
    Located::at(opened, Fault::Malformed { reason: reason.to_owned() })
}

fn torn(opened: u64) -> Located {
    let reason = "the quoted value that starts here goes on after its closing quote; double the quotes that belong to the value";
    Located::at(opened, Fault::Malformed { reason: reason.to_owned() })
}
