//! Values of a schedule's file, each checked by itself, and together where one bounds another.

use std::collections::BTreeSet;
use std::str::FromStr;

use jiff::civil::Time;

use super::fault::Fault;
use super::terms::PinnedBaseline;
use super::written::{WrittenBaseline, WrittenTell};
use super::{DoneBy, Length, MessageFormat, Priority, Tell, TellOn};
use crate::{Timetable, TimetableError};

/// Gathers what is wrong while values are read.
#[derive(Default)]
pub(super) struct Checked {
    pub(super) faults: Vec<Fault>,
}

impl Checked {
    fn fault(&mut self, key: &str, message: impl Into<String>) {
        self.faults.push(Fault { line: None, key: key.to_owned(), message: message.into() });
    }

    pub(super) fn required(&mut self, key: &str, value: Option<String>) -> Option<String> {
        let value = value.filter(|value| !value.trim().is_empty());
        if value.is_none() {
            self.fault(key, format!("missing; write {}", example(key)));
        }
        value
    }

    pub(super) fn parsed<T: FromStr>(&mut self, key: &str, value: Option<String>) -> Option<T>
    where
        T::Err: ToString,
    {
        match value?.parse() {
            Ok(value) => Some(value),
            Err(error) => {
                self.fault(key, ToString::to_string(&error));
                None
            }
        }
    }

    pub(super) fn timetable(
        &mut self,
        cron: Option<String>,
        zone: Option<String>,
    ) -> Option<Timetable> {
        let (cron, zone) = (self.required("cron", cron), self.required("zone", zone));
        // Each is read by itself first, so that a slip in one does not hide one in the other.
        let is_zone =
            zone.as_ref().is_some_and(|zone| self.is_read(Timetable::new("@daily", zone)));
        let is_cron = cron.as_ref().is_some_and(|cron| self.is_read(Timetable::new(cron, "UTC")));
        Timetable::new(&cron?, &zone?).ok().filter(|_| is_zone && is_cron)
    }

    fn is_read(&mut self, read: Result<Timetable, TimetableError>) -> bool {
        let Err(error) = read else { return true };
        let key = match error {
            TimetableError::Cron(_) => "cron",
            TimetableError::Zone(_) => "zone",
        };
        self.fault(key, error.to_string());
        false
    }

    pub(super) fn done_by(&mut self, by: Option<String>, within: Option<String>) -> Option<DoneBy> {
        if by.is_some() && within.is_some() {
            self.fault("done_within", "`done_by` is there as well, and only one of them can hold");
        }
        let within = self.parsed("done_within", within).map(DoneBy::Within);
        by.and_then(|by| self.clock(&by)).or(within)
    }

    fn clock(&mut self, written: &str) -> Option<DoneBy> {
        let read = written.parse::<Time>().ok();
        let time = read.filter(|_| written.len() == "06:30".len());
        if time.is_none() {
            let message = format!(
                "`{written}` is no time of the day; write it as \"06:30\", or a length as \
                 done_within = \"4h\""
            );
            self.fault("done_by", message);
        }
        time.map(DoneBy::Clock)
    }

    pub(super) fn ends_after_it_starts(&mut self, start_within: Length, done_by: Option<DoneBy>) {
        if let Some(DoneBy::Within(length)) = done_by
            && length <= start_within
        {
            let message = format!(
                "{length} is over before the start window of {start_within} is; give it longer"
            );
            self.fault("done_within", message);
        }
    }

    pub(super) fn priority(&mut self, priority: i64) -> Priority {
        let allowed = i8::try_from(priority).ok().filter(|p| Priority::RANGE.contains(p));
        if allowed.is_none() {
            let (low, high) = (Priority::RANGE.start(), Priority::RANGE.end());
            self.fault("priority", format!("{priority} is not from {low} to {high}"));
        }
        Priority(allowed.unwrap_or_default())
    }

    pub(super) fn baseline(&mut self, written: WrittenBaseline) -> PinnedBaseline {
        if written.pinned.trim().is_empty() {
            self.fault("baseline.pinned", "missing; write the name of a baseline");
        }
        if written.repeats == Some(0) {
            self.fault("baseline.repeats", "0 repeats are no baseline; write 1 or more");
        }
        PinnedBaseline {
            pinned: written.pinned,
            repeats: written.repeats,
            max_age: self.parsed("baseline.max_age", written.max_age),
        }
    }

    pub(super) fn tell(&mut self, written: WrittenTell) -> Tell {
        self.receiver(&written.webhook);
        self.variable("tell.url_env", written.url_env.as_deref());
        self.variable("tell.secret_env", written.secret_env.as_deref());
        let on = written.on.map_or_else(TellOn::usual, |on| self.occasions(on));
        let format = written.format.and_then(|format| self.format(&format));
        Tell {
            format: format.unwrap_or_else(|| MessageFormat::usual(&written.webhook)),
            webhook: written.webhook,
            url_env: written.url_env,
            secret_env: written.secret_env,
            on,
        }
    }

    /// It stands in the ids of messages, and those in headers.
    fn receiver(&mut self, name: &str) {
        let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
        if name.trim().is_empty() {
            self.fault("tell.webhook", "missing; write the receiver's name");
        } else if !name.chars().all(plain) {
            self.fault(
                "tell.webhook",
                "a receiver's name has only letters, digits, `-`, `_` and `.`",
            );
        }
    }

    /// Messages are known by their receiver: two of one name would be one.
    pub(super) fn receivers_differ(&mut self, tell: &[Tell]) {
        let mut seen = BTreeSet::new();
        for twice in tell.iter().filter(|tell| !seen.insert(&tell.webhook)) {
            let message = format!(
                "`{}` is there twice; name all its occasions in one `on`, or call the other receiver \
                 something else",
                twice.webhook
            );
            self.fault("tell.webhook", message);
        }
    }

    /// A name, and never the value: what stands in a schedule is stored and shown.
    fn variable(&mut self, key: &str, name: Option<&str>) {
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let is_name = |name: &str| {
            !name.is_empty()
                && name.chars().all(plain)
                && !name.starts_with(|c: char| c.is_ascii_digit())
        };
        if !name.is_none_or(is_name) {
            self.fault(
                key,
                "this is no name of an environment variable; write the name, such as \"SLACK_URL\", \
                 and put the value into the coordinator's environment",
            );
        }
    }

    fn occasions(&mut self, words: Vec<String>) -> BTreeSet<TellOn> {
        if words.is_empty() {
            self.fault("tell.on", "it would never be told; name an occasion, or leave `on` out");
        }
        words.into_iter().filter_map(|word| self.occasion(&word)).collect()
    }

    fn format(&mut self, word: &str) -> Option<MessageFormat> {
        let read = word.parse().ok();
        if read.is_none() {
            self.fault("tell.format", format!("`{word}` is neither `json` nor `slack`"));
        }
        read
    }

    fn occasion(&mut self, word: &str) -> Option<TellOn> {
        let read = word.parse().ok();
        if read.is_none() {
            let known: Vec<_> = TellOn::ALL.iter().map(|occasion| occasion.word()).collect();
            self.fault("tell.on", format!("`{word}` is none of {}", known.join(", ")));
        }
        read
    }
}

/// How a key that has to be there is written.
fn example(key: &str) -> &'static str {
    match key {
        "sweep" => "the path of a sweep's file, such as sweep = \"../sweeps/nightly.toml\"",
        "cron" => "when it is due, such as cron = \"0 2 * * *\" for every night at two",
        _ => "whose wall clock is meant, such as zone = \"Europe/Zurich\" or \"UTC\"",
    }
}
