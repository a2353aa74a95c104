//! What is wrong with a sweep file, and where: every fault names file, line and key.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;

/// How many faults are printed before the rest are only counted.
const FAULTS_SHOWN_MAX: usize = 20;

/// How much of a key or a message is kept.
const TEXT_CHARACTERS_MAX: usize = 2_000;

/// One thing that is wrong, and the way out.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The sweep file, as its reader named it.
    pub file: String,
    /// The line that the key stands on, from 1.
    pub line: u32,
    /// The key with the tables around it, such as `stages.response.fields.answer`. Items of arrays
    /// are counted from 1: `outcomes[2].when`. Empty where the file as a whole is meant.
    pub key: String,
    /// What is wrong, and how to mend it.
    pub message: String,
}

/// Everything that one pass found: never empty, sorted by line.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct SweepFileErrors(pub Vec<Fault>);

/// Which line each key stands on.
pub(crate) type Lines = BTreeMap<String, u32>;

/// Gathers the faults of one pass. It is shared by everything that reads or checks in that pass.
pub(crate) struct Faults<'a> {
    file: &'a str,
    lines: &'a Lines,
    found: RefCell<Vec<Fault>>,
}

impl<'a> Faults<'a> {
    pub(crate) fn new(file: &'a str, lines: &'a Lines) -> Self {
        Self { file, lines, found: RefCell::default() }
    }

    /// Records a fault of a key, which may be one that is missing: then the line is its table's.
    pub(crate) fn add(&self, key: impl Into<String>, message: impl Into<String>) {
        let key = key.into();
        let line = self.line_of(&key);
        let (key, message) = (tidy(&key), tidy(&message.into()));
        let fault = Fault { file: self.file.to_owned(), line, key, message };
        self.found.borrow_mut().push(fault);
    }

    /// Whether the file has this key.
    pub(crate) fn knows(&self, key: &str) -> bool {
        self.lines.contains_key(key)
    }

    /// How many faults were found since the last step ended.
    pub(crate) fn count(&self) -> usize {
        self.found.borrow().len()
    }

    /// Ends a step whose successors would only stumble over its faults.
    pub(crate) fn stop_if_any(&self) -> Result<(), SweepFileErrors> {
        let mut faults = self.found.take();
        if faults.is_empty() {
            return Ok(());
        }
        faults.sort();
        faults.dedup();
        Err(SweepFileErrors(faults))
    }

    /// The line of a key, or of the nearest table around it.
    pub(crate) fn line_of(&self, key: &str) -> u32 {
        let mut place = key;
        loop {
            if let Some(line) = self.lines.get(place) {
                return *line;
            }
            match place.rfind(['.', '[']) {
                Some(end) => place = &place[..end],
                None => return 1,
            }
        }
    }
}

/// Keys and values are quoted from the file, which may hold anything: nothing of it reaches a
/// terminal as a control sequence, and nothing is quoted at any length.
fn tidy(text: &str) -> String {
    let show = |c: char| match c {
        '\n' | '\t' => c,
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    let mut shown: String = text.chars().take(TEXT_CHARACTERS_MAX).map(show).collect();
    if text.chars().nth(TEXT_CHARACTERS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.message)
    }
}

impl fmt::Display for SweepFileErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, fault) in self.0.iter().take(FAULTS_SHOWN_MAX).enumerate() {
            let separator = if position == 0 { "" } else { "\n" };
            write!(f, "{separator}{fault}")?;
        }
        match self.0.len().saturating_sub(FAULTS_SHOWN_MAX) {
            0 => Ok(()),
            more => write!(f, "\nand {more} more"),
        }
    }
}
