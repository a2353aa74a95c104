//! On which line of a TOML file a key stands.

use toml::de::DeTable;

/// The keys at the top of a file, in its order, with their lines.
pub(super) struct Lines<'a> {
    toml: &'a str,
    /// Where each key begins, in bytes.
    keys: Vec<(String, usize)>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(toml: &'a str) -> Self {
        let table = DeTable::parse(toml).ok();
        let keys = table.iter().flat_map(|table| table.get_ref().iter());
        let mut keys: Vec<_> =
            keys.map(|(key, _)| (key.get_ref().to_string(), key.span().start)).collect();
        keys.sort_by_key(|(_, start)| *start);
        Self { toml, keys }
    }

    /// The line of a key or of the table that it stands in; `None` where the file has neither.
    pub(super) fn line_of(&self, key: &str) -> Option<usize> {
        let top = key.split('.').next().unwrap_or(key);
        let found = self.keys.iter().find(|(name, _)| name == top);
        found.map(|(_, start)| self.line_at(*start))
    }

    /// The line of a byte, and the key that it belongs to.
    pub(super) fn place(&self, byte: usize) -> (Option<usize>, String) {
        let key = self.keys.iter().rev().find(|(_, start)| *start <= byte);
        (Some(self.line_at(byte)), key.map(|(name, _)| name.clone()).unwrap_or_default())
    }

    fn line_at(&self, byte: usize) -> usize {
        let before = self.toml.as_bytes().get(..byte).unwrap_or(self.toml.as_bytes());
        before.iter().filter(|byte| **byte == b'\n').count() + 1
    }
}
