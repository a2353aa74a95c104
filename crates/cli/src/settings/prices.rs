//! `config/prices.toml`: what models cost, as data with a date and a source.
//!
//! What a person writes stands above a marked line, below it `iago prices import` writes, and the former
//! goes before the latter ([`parts`]). Numbers are read by their digits, as they stand.

mod parts;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use toml::de::{DeTable, DeValue};

use crate::exit::{Exit, Stop};
use crate::settings::decimal::PerMillion;
use crate::settings::price::PriceSection;
use crate::settings::slip::in_words;
pub(crate) use parts::PriceParts;

/// Where the file lies when nobody says.
pub(crate) const USUAL: &str = "config/prices.toml";
/// The line above which a person writes.
pub(crate) const MARK: &str =
    "# ==== Below this line `iago prices import` writes; what you write stands above it. ====";

/// The prices that hold, or all of a part of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PriceFile {
    pub(crate) snapshots: BTreeMap<String, SnapshotSection>,
    pub(crate) models: BTreeMap<String, PricedModel>,
}

/// `[snapshots.NAME]`: what was imported once.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SnapshotSection {
    pub(crate) from: String,
    pub(crate) imported: String,
    pub(crate) blake3: String,
    pub(crate) licence: String,
}

/// `[models."ID"]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PricedModel {
    pub(crate) price: PriceSection,
    pub(crate) origin: Origin,
}

/// Where a price is from, as far as the file says; all of it may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Origin {
    pub(crate) from: String,
    pub(crate) dated: String,
    pub(crate) snapshot: String,
}

impl PriceFile {
    /// Reads the prices that hold by a file that has to be there.
    pub(crate) fn load(path: &Path) -> Result<Self, Stop> {
        let place = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| {
            let message = format!(
                "cannot read the prices {place}: {error}; correct `prices` in the endpoints' \
                 settings, or leave it empty to go without"
            );
            Stop::new(Exit::NoInput, message)
        })?;
        let parts = PriceParts::parse(&text);
        let parts = parts.map_err(|why| Stop::new(Exit::Config, format!("{place}: {why}")))?;
        Ok(parts.in_force())
    }

    /// Reads a text as one part, or says what is wrong with it.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let table = DeTable::parse(text).map_err(|error| error.to_string())?;
        let mut file = Self::default();
        for (key, value) in exact_table(table.get_ref()) {
            let toml::Value::Table(entries) = value else {
                return Err(format!("`{key}` must be a table"));
            };
            for (name, entry) in entries {
                let place = |why: String| format!("[{key}.\"{name}\"]: {why}");
                match key.as_str() {
                    "snapshots" => {
                        let section = read(entry).map_err(place)?;
                        file.snapshots.insert(name, section);
                    }
                    "models" => {
                        let model = PricedModel::read(entry).map_err(place)?;
                        file.models.insert(name, model);
                    }
                    _ => return Err(format!("unknown key `{key}`: known are models, snapshots")),
                }
            }
        }
        Ok(file)
    }

    /// The same as a text that [`PriceFile::parse`] reads back.
    pub(crate) fn written(&self) -> String {
        let mut text = String::new();
        for (name, snapshot) in &self.snapshots {
            text += &snapshot.written(name);
        }
        for (id, model) in &self.models {
            text += &model.written(id);
        }
        text
    }

    /// In words where a price is from, and of when.
    pub(crate) fn source_of(&self, model: &PricedModel) -> String {
        let Origin { from, dated, snapshot } = &model.origin;
        match self.snapshots.get(snapshot) {
            Some(snapshot) => format!("{}, imported {}", snapshot.from, snapshot.imported),
            None if from.is_empty() => "no source given".to_owned(),
            None if dated.is_empty() => from.clone(),
            None => format!("{from}, {dated}"),
        }
    }
}

impl PricedModel {
    fn read(entry: toml::Value) -> Result<Self, String> {
        let toml::Value::Table(mut entry) = entry else {
            return Err("must be a table with input and output".to_owned());
        };
        let mut origin = toml::Table::new();
        for key in ["from", "dated", "snapshot"] {
            origin.extend(entry.remove(key).map(|value| (key.to_owned(), value)));
        }
        Ok(Self { price: read(entry.into())?, origin: read(origin.into())? })
    }

    pub(crate) fn written(&self, id: &str) -> String {
        let Origin { from, dated, snapshot } = &self.origin;
        let key = quoted(id);
        let mut text = format!("\n[models.{key}]\n");
        for (name, value) in [("from", from), ("dated", dated), ("snapshot", snapshot)] {
            if !value.is_empty() {
                write_line(&mut text, name, &quoted(value));
            }
        }
        let price = &self.price;
        write_prices(
            &mut text,
            &[
                ("input", Some(price.input)),
                ("cached_input", price.cached_input),
                ("cache_write", price.cache_write),
                ("output", Some(price.output)),
                ("reasoning", price.reasoning),
            ],
        );
        for long in &price.long {
            text.extend(["[[models.", &key, ".long]]\n"]);
            write_line(&mut text, "above_tokens", &long.above_tokens.to_string());
            write_prices(
                &mut text,
                &[
                    ("input", Some(long.input)),
                    ("cached_input", long.cached_input),
                    ("cache_write", long.cache_write),
                    ("output", Some(long.output)),
                ],
            );
        }
        text
    }
}

impl SnapshotSection {
    fn written(&self, name: &str) -> String {
        let mut text = format!("\n[snapshots.{}]\n", quoted(name));
        for (key, value) in [
            ("from", &self.from),
            ("imported", &self.imported),
            ("blake3", &self.blake3),
            ("licence", &self.licence),
        ] {
            write_line(&mut text, key, &quoted(value));
        }
        text
    }
}

fn write_prices(text: &mut String, prices: &[(&str, Option<PerMillion>)]) {
    for (name, price) in prices {
        if let Some(price) = price {
            write_line(text, name, &format!("\"{price}\""));
        }
    }
}

fn write_line(text: &mut String, key: &str, value: &str) {
    text.extend([key, " = ", value, "\n"]);
}

/// On one line, as a key has to be: JSON's escapes are TOML's, and one more character needs one.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn read<T: serde::de::DeserializeOwned>(value: toml::Value) -> Result<T, String> {
    value.try_into().map_err(|error| in_words(error.message(), "", ""))
}

/// A table with every fraction as the text that it was written as.
fn exact_table(table: &DeTable<'_>) -> toml::Table {
    let exact =
        table.iter().map(|(key, value)| (key.get_ref().to_string(), exact(value.get_ref())));
    exact.collect()
}

fn exact(value: &DeValue<'_>) -> toml::Value {
    match value {
        DeValue::String(text) => toml::Value::String(text.clone().into_owned()),
        DeValue::Float(digits) => toml::Value::String(digits.as_str().to_owned()),
        DeValue::Integer(digits) => {
            let number = i64::from_str_radix(digits.as_str(), digits.radix());
            number.map_or_else(|_| digits.as_str().to_owned().into(), toml::Value::Integer)
        }
        DeValue::Boolean(holds) => toml::Value::Boolean(*holds),
        DeValue::Datetime(moment) => toml::Value::String(moment.to_string()),
        DeValue::Array(items) => {
            toml::Value::Array(items.iter().map(|item| exact(item.get_ref())).collect())
        }
        DeValue::Table(table) => toml::Value::Table(exact_table(table)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, vec};
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use crate::settings::price::LongSection;

    fn per_million() -> impl Strategy<Value = PerMillion> {
        (0..i64::MAX).prop_map(PerMillion)
    }

    fn long() -> impl Strategy<Value = LongSection> {
        let parts = (0..i64::MAX as u64, per_million(), per_million());
        let caches = (option::of(per_million()), option::of(per_million()));
        (parts, caches).prop_map(|((above_tokens, input, output), (cached_input, cache_write))| {
            LongSection { above_tokens, input, output, cached_input, cache_write }
        })
    }

    fn model() -> impl Strategy<Value = PricedModel> {
        let origin =
            (".*", ".*").prop_map(|(from, dated)| Origin { from, dated, snapshot: String::new() });
        let parts = (per_million(), per_million(), vec(long(), 0..3));
        let others =
            (option::of(per_million()), option::of(per_million()), option::of(per_million()));
        (origin, parts, others).prop_map(|(origin, (input, output, long), others)| {
            let (cached_input, cache_write, reasoning) = others;
            let price = PriceSection { input, output, cached_input, cache_write, reasoning, long };
            PricedModel { price, origin }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(models in btree_map(".*", model(), 0..4)) {
            let file = PriceFile { models, snapshots: BTreeMap::new() };
            prop_assert_eq!(PriceFile::parse(&file.written()), Ok(file));
        }
    }

    #[test]
    fn numbers_are_read_by_their_digits() {
        let file = PriceFile::parse(
            "[models.\"a*\"]\ninput = 0.30\noutput = \"1.5e1\"\ncache_write = 2\nfrom = \"me\"\n\
             [[models.\"a*\".long]]\nabove_tokens = 200_000\ninput = 6e-1\noutput = 22.5\n",
        );
        let file = file.unwrap();
        let price = file.models["a*"].price.price();
        assert_eq!(
            (price.input, price.output, price.cache_write),
            (300_000, 15_000_000, 2_000_000)
        );
        assert_eq!(price.cached_input, price.input, "no price of its own");
        assert_eq!((price.long[0].above, price.long[0].cache_write), (200_000, 600_000));
        assert_eq!(file.source_of(&file.models["a*"]), "me");
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        for (text, why) in [
            ("[models.a]\ninput = 3.0000000000000000001\noutput = 1\n", "more digits"),
            ("[models.a]\ninput = 1\n", "missing field `output`"),
            (
                "[models.a]\ninput = 1\noutput = 1\ninptu = 2\n",
                "there is no key `inptu` here; did you mean `input`?",
            ),
            ("[models.a]\ninput = true\noutput = 1\n", "a decimal number"),
            ("[modles.a]\n", "unknown key `modles`"),
            ("models = 3\n", "`models` must be a table"),
            ("[models.a\n", "line 1"),
        ] {
            let error = PriceFile::parse(text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn the_shipped_file_is_as_an_import_would_write_it() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(USUAL);
        let text = std::fs::read_to_string(path).unwrap();
        let (by_hand, imported) = text.split_once(MARK).unwrap();
        assert_eq!(PriceFile::parse(by_hand), Ok(PriceFile::default()), "it ships none");
        let file = PriceFile::parse(imported).unwrap();
        assert!(imported.ends_with(&file.written()));
        assert!(
            file.models.values().all(|model| file.snapshots.contains_key(&model.origin.snapshot))
        );
        let opus = file.models["claude-opus-5-5"].price.price();
        assert_eq!((opus.input, opus.cached_input, opus.output), (4_000_000, 200_000, 20_000_000));
    }
}
