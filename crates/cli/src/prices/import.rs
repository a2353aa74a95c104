//! `iago prices import`: a snapshot of the public map becomes a part of our file.

use std::collections::BTreeMap;
use std::path::Path;

use glob::Pattern;
use iago_sweep::Digest;

use super::litellm::{LICENCE, NAME, PriceMap};
use super::{map_file, told};
use crate::args::PricesImportArgs;
use crate::clock::{day_of, now_ms};
use crate::exit::{Exit, Stop};
use crate::settings::price::{PriceSection, covering};
use crate::settings::prices::{MARK, Origin, PriceFile, PriceParts, PricedModel, SnapshotSection};
use crate::whole::write_whole;

/// Prices by model.
type Models = BTreeMap<String, PriceSection>;

/// What stands above the line in a file that is begun.
const BEGINNING: &str = "\
# What models cost, in dollars per million tokens. `iago prices import FILE` fills the lower part from a
# public map. What you write up here is never touched and goes before all that is imported, your `*` also
# before an id below. Endpoints of your own, on this machine or simulated, cost nothing; what stands under
# an endpoint in endpoints.toml goes before this file.
#
# A price is read by its digits, as a text or as a number, to a picodollar for a token: six digits after
# the point. A model that has none costs nobody knows what, which is never taken for nothing.
#
# [models.\"MODEL ID\"]      # the id by which an endpoint knows it, or how ids begin and a `*`
# from = \"our contract\"   # where you have it from, and of when: shown by `iago prices show`
# dated = \"2026-11-21\"
# input = \"3\"
# cached_input = \"0.3\"    # read from the vendor's cache; as input where nothing is said
# cache_write = \"3.75\"    # written to it; as input where nothing is said
# output = \"15\"
# reasoning = \"15\"        # output tokens of reasoning; as output where nothing is said
# [[models.\"MODEL ID\".long]] # what the whole of a call costs whose prompt is longer
# above_tokens = 200000
# input = \"6\"
# output = \"22.5\"
";

/// Imports, and says what came of it.
pub(super) fn run(args: &PricesImportArgs) -> Result<Exit, Stop> {
    let json = map_file::read(&args.file)?;
    let map = PriceMap::read(&json).map_err(|why| map_file::no_map(&args.file, &json, &why))?;
    let chosen = choose(map, &args.models)?;
    let before = existing(&args.into)?;
    let snapshot = snapshot(&json);
    let imported = import(&before, &chosen.models, snapshot, args.replace)
        .map_err(|why| Stop::new(Exit::Config, format!("{}: {why}", args.into.display())))?;
    write_whole(&args.into, &imported.text).map_err(|error| {
        let message = format!("cannot write the prices {}: {error}", args.into.display());
        Stop::new(Exit::CannotCreate, message)
    })?;
    told::tell(args, &imported, &chosen.left_out)?;
    Ok(Exit::Done)
}

fn choose(mut map: PriceMap, patterns: &[String]) -> Result<PriceMap, Stop> {
    if patterns.is_empty() {
        return Ok(map);
    }
    let read = |text: &String| {
        let wrong = |error| Stop::new(Exit::Usage, format!("--models {text}: {error}"));
        Pattern::new(text).map_err(wrong)
    };
    let patterns: Vec<Pattern> = patterns.iter().map(read).collect::<Result<_, _>>()?;
    let fits = |id: &str| patterns.iter().any(|pattern| pattern.matches(id));
    map.models.retain(|id, _| fits(id));
    map.left_out.retain(|id, _| fits(id));
    if map.models.is_empty() {
        let message = "no model with a price is named by --models; nothing was written";
        return Err(Stop::new(Exit::NoInput, message));
    }
    Ok(map)
}

fn existing(path: &Path) -> Result<String, Stop> {
    match std::fs::read_to_string(path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => {
            let message = format!("cannot read the prices {}: {error}", path.display());
            Err(Stop::new(Exit::NoInput, message))
        }
    }
}

fn snapshot(json: &[u8]) -> SnapshotSection {
    SnapshotSection {
        from: NAME.to_owned(),
        imported: day_of(now_ms()),
        blake3: Digest::of(json).to_string(),
        licence: LICENCE.to_owned(),
    }
}

/// A file with more in it, and what became of each model.
#[derive(Default)]
pub(super) struct Imported {
    text: String,
    pub(super) added: Models,
    /// What it was, and what it is.
    pub(super) changed: BTreeMap<String, (PriceSection, PriceSection)>,
    /// Named again, at the same price.
    pub(super) unchanged: Vec<String>,
    /// Named, and left at what a person wrote, with the name of that entry.
    pub(super) left_by_hand: BTreeMap<String, String>,
    /// Of earlier imports, and not named by this one.
    pub(super) left_from_before: Vec<String>,
    /// Of earlier imports, and dropped because that was asked for.
    pub(super) dropped: Vec<String>,
    /// Written by a person below the line, and moved above it.
    pub(super) moved: Vec<String>,
    /// Written by a person below the line, and gone there, since the very same stands above it.
    pub(super) doubles: Vec<String>,
}

/// Adds to what a file says: what stands above the line stays as it is and goes before what is
/// imported; below it, entries of earlier imports stay where this one has none.
fn import(
    before: &str,
    models: &Models,
    snapshot: SnapshotSection,
    replace: bool,
) -> Result<Imported, String> {
    let parts = PriceParts::parse(before)?;
    if !parts.has_line && !parts.imported.models.is_empty() {
        return Err(format!(
            "the line that parts what is imported from what you write is gone; put it back above the \
             first [snapshots...], with your own prices above it: {MARK}"
        ));
    }
    check_doubles(&parts)?;
    let mut done = Imported::default();
    let mut file = parts.imported.clone();
    if replace {
        done.dropped = file.models.keys().filter(|id| !models.contains_key(*id)).cloned().collect();
        file.models.retain(|id, _| models.contains_key(id));
    }
    take(&mut file, &parts.by_hand, models, &mut done, snapshot);
    done.moved = parts.strays.keys().cloned().collect();
    done.doubles = parts.doubles.keys().cloned().collect();
    done.text = format!("{}{MARK}\n{}", above(&parts), file.written());
    // A file that no command reads any more would be worse than none of this.
    PriceParts::parse(&done.text).map_err(|why| unreadable(&done.moved, &why))?;
    Ok(done)
}

/// Whether what a person wrote on both sides of the line says the same: nobody but them knows which of
/// two prices they mean.
fn check_doubles(parts: &PriceParts) -> Result<(), String> {
    for (id, below) in &parts.doubles {
        let above = &parts.by_hand[id];
        if above != below {
            return Err(format!(
                "you wrote the price of `{id}` twice, and not alike: [models.\"{id}\"] above the \
                 line of imports ({}), which holds, and below it ({}); take one of them out; nothing \
                 was written",
                told::words(&above.price),
                told::words(&below.price)
            ));
        }
    }
    Ok(())
}

/// What would be written does not go together.
fn unreadable(moved: &[String], why: &str) -> String {
    let way_out = match moved {
        [] => "write each of your prices as a table of its own, like [models.\"ID\"]".to_owned(),
        moved => format!(
            "write what you wrote below the line of imports ({}) above it, beside your others",
            moved.join(", ")
        ),
    };
    format!(
        "with this import the file could not be read any more ({why}); {way_out}; nothing was written"
    )
}

/// Takes prices into the imported part.
fn take(
    file: &mut PriceFile,
    by_hand: &BTreeMap<String, PricedModel>,
    models: &Models,
    done: &mut Imported,
    snapshot: SnapshotSection,
) {
    let name = snapshot.blake3.chars().take(8).collect::<String>();
    for (id, price) in models {
        if let Some(own) = covering(by_hand, id) {
            done.left_by_hand.insert(id.clone(), own.to_owned());
            continue;
        }
        let origin = Origin { snapshot: name.clone(), ..Origin::default() };
        let entry = PricedModel { price: price.clone(), origin };
        match file.models.insert(id.clone(), entry) {
            None => drop(done.added.insert(id.clone(), price.clone())),
            Some(old) if old.price == *price => done.unchanged.push(id.clone()),
            Some(old) => drop(done.changed.insert(id.clone(), (old.price, price.clone()))),
        }
    }
    // A table may stand in a file once.
    file.models.retain(|id, _| !by_hand.contains_key(id));
    let others = file.models.keys().filter(|id| !models.contains_key(*id));
    done.left_from_before = others.cloned().collect();
    file.snapshots.insert(name, snapshot);
    let models = &file.models;
    file.snapshots.retain(|name, _| models.values().any(|model| model.origin.snapshot == *name));
}

/// What a person wrote: to the letter, and after it what they wrote below the line.
fn above(parts: &PriceParts) -> String {
    if parts.has_line && parts.strays.is_empty() {
        return parts.above.clone();
    }
    let own = parts.above.trim_end();
    let mut above = if own.is_empty() { BEGINNING.to_owned() } else { format!("{own}\n") };
    above.extend(parts.strays.iter().map(|(id, stray)| stray.written(id)));
    above + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::decimal::PerMillion;

    fn price(input: i64) -> PriceSection {
        PriceSection {
            input: PerMillion(input),
            output: PerMillion(2 * input),
            cached_input: None,
            cache_write: None,
            reasoning: None,
            long: Vec::new(),
        }
    }

    fn models(ids: &[(&str, i64)]) -> Models {
        ids.iter().map(|(id, input)| ((*id).to_owned(), price(*input))).collect()
    }

    fn names<'a>(ids: impl IntoIterator<Item = &'a String>) -> Vec<&'a str> {
        ids.into_iter().map(String::as_str).collect()
    }

    fn import_of(before: &str, ids: &[(&str, i64)], content: &str) -> Imported {
        import(before, &models(ids), snapshot(content.as_bytes()), false).unwrap()
    }

    #[test]
    fn an_import_begins_a_file_and_another_one_adds_to_it() {
        let first = import_of("", &[("a", 1), ("b", 2)], "one");
        let second = import_of(&first.text, &[("b", 3), ("c", 4)], "two");
        let file = PriceFile::parse(&second.text).unwrap();
        let inputs: Vec<_> =
            file.models.iter().map(|(id, model)| (id.as_str(), model.price.input.0)).collect();
        assert_eq!(inputs, [("a", 1), ("b", 3), ("c", 4)]);
        assert_eq!(file.snapshots.len(), 2, "each says where it is from");
        assert!(file.snapshots.values().all(|snapshot| snapshot.licence.contains("Berri AI")));
        let third = import_of(&second.text, &[("a", 5)], "three");
        let names = PriceFile::parse(&third.text).unwrap().snapshots;
        assert_eq!(names.len(), 2, "one of which nothing is left is forgotten");
    }

    #[test]
    fn what_a_person_wrote_is_kept_to_the_letter_and_wins() {
        let own = "# mine\n[models.\"a*\"]\ninput  =  0.7 # dear\noutput = 1\n";
        let first = import_of(own, &[("a-1", 1), ("b", 2)], "one");
        assert_eq!(first.left_by_hand["a-1"], "a*");
        assert_eq!(names(first.added.keys()), ["b"]);
        let second = import_of(&first.text, &[("a-1", 1), ("b", 3)], "two");
        assert!(second.text.starts_with(own), "{}", second.text);
        let file = PriceFile::parse(&second.text).unwrap();
        assert_eq!(file.models.keys().collect::<Vec<_>>(), ["a*", "b"]);
    }

    #[test]
    fn what_became_of_each_model_is_told() {
        let first = import_of("", &[("a", 1), ("b", 2), ("c", 3)], "one");
        assert_eq!(names(first.added.keys()), ["a", "b", "c"]);
        let mine = format!("[models.d]\ninput = 1\noutput = 1\n{}", first.text);
        let second = import_of(&mine, &[("a", 1), ("b", 5), ("d", 6), ("e", 7)], "two");
        assert_eq!(names(second.added.keys()), ["e"]);
        assert_eq!(second.changed["b"], (price(2), price(5)));
        assert_eq!(names(&second.unchanged), ["a"]);
        assert_eq!(names(second.left_by_hand.keys()), ["d"]);
        assert_eq!(names(&second.left_from_before), ["c"]);
    }

    #[test]
    fn what_was_imported_before_stays_also_where_a_prefix_by_hand_goes_before_it() {
        let first = import_of("", &[("a-1", 1), ("b", 2)], "one");
        let own = "[models.\"a*\"]\ninput = 7\noutput = 7\n";
        let second = import_of(&format!("{own}{}", first.text), &[("b", 2)], "two");
        let without_own = second.text.strip_prefix(own).unwrap();
        assert_eq!(names(PriceFile::parse(without_own).unwrap().models.keys()), ["a-1", "b"]);
        assert_eq!(second.left_from_before, ["a-1"]);
    }

    #[test]
    fn what_a_person_wrote_below_the_line_is_moved_above_it() {
        let first = import_of("", &[("a", 1)], "one");
        let text = format!("{}\n[models.b]\nfrom = \"us\"\ninput = 7\noutput = 8\n", first.text);
        let second = import_of(&text, &[("a", 2), ("b", 3)], "two");
        assert_eq!((names(&second.moved), second.left_by_hand["b"].as_str()), (vec!["b"], "b"));
        let (above, below) = second.text.split_once(MARK).unwrap();
        assert!(above.starts_with(BEGINNING) && above.contains("[models.\"b\"]"), "{above}");
        assert!(!below.contains("models.\"b\""), "{below}");
        assert_eq!(import_of(&second.text, &[("a", 2)], "two").text, second.text);
    }

    fn doubled(above: &str, below: &str) -> String {
        let own = |prices: &str| format!("[models.d]\n{prices}\n");
        let first = import_of(&own(above), &[("a", 1)], "one");
        format!("{}\n{}", first.text, own(below))
    }

    #[test]
    fn what_stands_on_both_sides_alike_is_left_above_and_the_file_can_be_read_again() {
        let text = doubled("input = 9\noutput = 9", "output = 9\ninput = 9");
        let second = import_of(&text, &[("a", 2)], "two");
        assert_eq!((second.moved.len(), names(&second.doubles)), (0, vec!["d"]));
        let file = PriceFile::parse(&second.text).unwrap();
        assert_eq!(names(file.models.keys()), ["a", "d"]);
    }

    #[test]
    fn two_prices_of_a_person_for_one_model_are_refused_with_both() {
        let text = doubled("input = 9\noutput = 9", "input = 7\noutput = 8");
        let why = import(&text, &models(&[("a", 2)]), snapshot(b"two"), false).err().unwrap();
        for words in ["`d` twice", "imports (input 9, output 9)", "below it (input 7, output 8)"] {
            assert!(why.contains(words), "{why}");
        }
    }

    #[test]
    fn a_text_that_could_not_be_read_again_is_not_written() {
        let map = r#"{"a": {"litellm_provider": "x", "mode": "chat",
            "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6}}"#;
        let folder = tempfile::tempdir().unwrap();
        let (file, into) = (folder.path().join("map.json"), folder.path().join("prices.toml"));
        // A table within a line takes no other one after it.
        let own = "models = { d = { input = 9, output = 9 } }\n";
        let before = format!("{own}{MARK}\n[models.b]\ninput = 7\noutput = 8\n");
        std::fs::write(&file, map).unwrap();
        std::fs::write(&into, &before).unwrap();
        let (models, replace, json) = (Vec::new(), false, true);
        let args = PricesImportArgs { file, into: into.clone(), models, replace, json };
        let stop = run(&args).err().unwrap();
        assert_eq!(stop.exit, Exit::Config);
        assert!(stop.message.contains("the line of imports (b) above it"), "{}", stop.message);
        assert_eq!(std::fs::read_to_string(&into).unwrap(), before);
    }

    #[test]
    fn replacing_drops_earlier_imports_and_nothing_that_a_person_wrote() {
        let own = "[models.\"a*\"]\ninput = 7\noutput = 7\n";
        let first = import_of(own, &[("b", 1), ("c", 2)], "one");
        let second = import(&first.text, &models(&[("b", 1)]), snapshot(b"two"), true).unwrap();
        assert!(second.text.starts_with(own), "{}", second.text);
        assert_eq!(second.dropped, ["c"]);
        assert_eq!(names(PriceFile::parse(&second.text).unwrap().models.keys()), ["a*", "b"]);
    }

    #[test]
    fn a_line_that_is_gone_is_asked_for() {
        let first = import_of("", &[("a", 1)], "one");
        let text = first.text.replace(MARK, "");
        let refused = import(&text, &models(&[("a", 2)]), snapshot(b"two"), false);
        assert!(refused.err().unwrap().contains(MARK));
    }

    #[test]
    fn the_same_import_twice_changes_nothing() {
        let first = import_of("", &[("a", 1)], "one");
        assert_eq!(import_of(&first.text, &[("a", 1)], "one").text, first.text);
    }

    #[test]
    fn only_the_models_that_are_named_are_taken() {
        let map = || PriceMap { models: models(&[("x/a", 1), ("b", 2)]), ..PriceMap::default() };
        let chosen = choose(map(), &["x/*".to_owned()]).unwrap();
        assert_eq!(chosen.models.keys().collect::<Vec<_>>(), ["x/a"]);
        assert_eq!(choose(map(), &["nothing".to_owned()]).unwrap_err().exit, Exit::NoInput);
        assert_eq!(choose(map(), &["[".to_owned()]).unwrap_err().exit, Exit::Usage);
    }
}
