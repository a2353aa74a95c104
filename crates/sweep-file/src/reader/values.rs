//! Values that are more than one of TOML's own: words of a closed set, and files of data.

use std::fmt::Display;
use std::str::FromStr;

use super::{Entry, Form, TEXT, Table};
use iago_expression::suggest;

/// A file that is read as it stands, and not as a text that is sent.
pub(crate) struct DataFile<'a> {
    pub(crate) path: String,
    /// Absent while only references are wanted, and where it could not be read.
    pub(crate) content: Option<&'a str>,
}

impl<'a> Table<'a> {
    /// A value whose form the caller finds out.
    pub(crate) fn entry(&mut self, name: &'static str) -> Option<Entry<'a>> {
        self.any(name)?;
        let key = self.key_of(name);
        let found = self.entries.iter().find(|(key, _)| key == name);
        found.map(|(name, item)| Entry { name, key, item })
    }

    /// One word of a closed set; nothing where it is absent.
    pub(crate) fn known_word<T: Copy + Display + FromStr>(
        &mut self,
        name: &'static str,
        noun: &str,
        all: &[T],
    ) -> Option<T> {
        let said = self.text(name)?;
        let word = parse_word(&said, noun, all);
        // Empty text is told already.
        if !said.trim().is_empty() {
            word.as_ref().err().into_iter().for_each(|message| self.fault(name, &**message));
        }
        word.ok()
    }

    /// One word of a closed set that must be there.
    pub(crate) fn required_word<T: Copy + Display + FromStr>(
        &mut self,
        name: &'static str,
        noun: &str,
        all: &[T],
    ) -> Option<T> {
        if !self.has(name) {
            let words = list_words(all);
            self.fault(name, format!("is missing; say one of: {words}"));
        }
        self.known_word(name, noun, all)
    }

    /// A list of words of a closed set.
    pub(crate) fn words<T: Copy + Display + FromStr>(
        &mut self,
        name: &'static str,
        noun: &str,
        all: &[T],
    ) -> Vec<T> {
        let pass = self.pass;
        let form = Form { noun: "a list", example: "[…]" };
        let read = |entry: &Entry<'_>| {
            let said = pass.read_text(entry);
            let word = parse_word(&said, noun, all);
            word.map_err(|message| pass.faults.add(&*entry.key, message)).ok()
        };
        self.items(name, form).iter().filter_map(read).collect()
    }

    /// The content of a file that must be named.
    pub(crate) fn required_data(&mut self, name: &'static str) -> DataFile<'a> {
        if !self.has(name) {
            self.report_missing(name, TEXT);
        }
        let path = self.text(name).unwrap_or_default();
        let pass = self.pass;
        let content =
            if path.is_empty() { None } else { pass.read_data(&self.key_of(name), &path) };
        DataFile { path, content }
    }
}

fn parse_word<T: Copy + Display + FromStr>(said: &str, noun: &str, all: &[T]) -> Result<T, String> {
    said.parse().map_err(|_error| {
        let words: Vec<String> = all.iter().map(ToString::to_string).collect();
        let advice = suggest(said, "words", words.iter().map(String::as_str));
        format!("`{said}` is no {noun}; {advice}")
    })
}

fn list_words<T: Display>(all: &[T]) -> String {
    all.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
