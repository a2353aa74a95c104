//! `iago prices import`: a snapshot of the public map becomes a part of our file.

use std::collections::BTreeMap;
use std::path::Path;

use glob::Pattern;
use iago_sweep::Digest;

use super::litellm::{LICENCE, NAME, PriceMap};
use crate::args::PricesImportArgs;
use crate::clock::{day_of, now_ms};
use crate::exit::{Exit, Stop};
use crate::output::talk;
use crate::settings::price::is_covered;
use crate::settings::prices::{MARK, Origin, PriceFile, PricedModel, SnapshotSection};
use crate::watch::grouped;
use crate::whole::write_whole;

/// What stands above the line in a file that is begun.
const BEGINNING: &str = "\
# What models cost, in dollars per million tokens. `iago prices import FILE` fills the lower part from a
# public map; what you write up here wins over it and is kept. Endpoints of your own, on this machine or
# simulated, cost nothing; what stands under an endpoint in endpoints.toml goes before this file.
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

/// Models that are named one by one when they are left out.
const NAMED_MAX: usize = 5;

/// Imports, and says what came of it.
pub(super) fn run(args: &PricesImportArgs) -> Result<Exit, Stop> {
    let file = args.file.display();
    let json = std::fs::read(&args.file).map_err(|error| {
        Stop::new(Exit::NoInput, format!("cannot read the price map {file}: {error}"))
    })?;
    let map = PriceMap::read(&json)
        .map_err(|why| Stop::new(Exit::NoInput, format!("{file} is no price map: {why}")))?;
    let chosen = choose(map, &args.models)?;
    let before = if args.replace { String::new() } else { existing(&args.into)? };
    let snapshot = snapshot(&json);
    let imported = import(&before, &chosen.models, snapshot)
        .map_err(|why| Stop::new(Exit::Config, format!("{}: {why}", args.into.display())))?;
    write_whole(&args.into, &imported.text).map_err(|error| {
        let message = format!("cannot write the prices {}: {error}", args.into.display());
        Stop::new(Exit::CannotCreate, message)
    })?;
    tell(&args.into, &imported, &chosen.left_out);
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

/// A file with more in it.
struct Imported {
    text: String,
    /// Models that were written.
    written: usize,
    /// Models that a person wrote a price for.
    kept: usize,
}

/// Adds to what a file says: what stands above the line stays as it is and goes before what is
/// imported; below it, entries of earlier imports stay where this one has none.
fn import(
    before: &str,
    models: &BTreeMap<String, crate::settings::price::PriceSection>,
    snapshot: SnapshotSection,
) -> Result<Imported, String> {
    let (above, below) = match before.split_once(MARK) {
        Some((above, below)) => (above.to_owned(), PriceFile::parse(below)?),
        None if before.is_empty() => (format!("{BEGINNING}\n"), PriceFile::default()),
        None => (format!("{}\n\n", before.trim_end()), PriceFile::default()),
    };
    let by_hand = PriceFile::parse(&above)?.models;
    let name = snapshot.blake3.chars().take(8).collect::<String>();
    let mut file = below;
    let (mut written, mut kept) = (0, 0);
    for (id, price) in models {
        if is_covered(&by_hand, id) {
            kept += 1;
            continue;
        }
        written += 1;
        let origin = Origin { snapshot: name.clone(), ..Origin::default() };
        file.models.insert(id.clone(), PricedModel { price: price.clone(), origin });
    }
    file.models.retain(|id, _| !is_covered(&by_hand, id));
    file.snapshots.insert(name, snapshot);
    let models = &file.models;
    file.snapshots.retain(|name, _| models.values().any(|model| model.origin.snapshot == *name));
    Ok(Imported { text: format!("{above}{MARK}\n{}", file.written()), written, kept })
}

fn tell(into: &Path, imported: &Imported, left_out: &BTreeMap<String, String>) {
    let Imported { written, kept, .. } = imported;
    let prices = grouped(*written as u64);
    talk(&format!("{}: {prices} prices from {NAME} ({LICENCE})", into.display()));
    if *kept > 0 {
        let kept = grouped(*kept as u64);
        talk(&format!(
            "{kept} models keep the price that was written by hand; --replace drops those"
        ));
    }
    for (id, why) in left_out.iter().take(NAMED_MAX) {
        talk(&format!("left out: {id}: {why}"));
    }
    if let Some(more) = left_out.len().checked_sub(NAMED_MAX).filter(|more| *more > 0) {
        talk(&format!("left out as well: {} more", grouped(more as u64)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::decimal::PerMillion;
    use crate::settings::price::PriceSection;

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

    fn models(ids: &[(&str, i64)]) -> BTreeMap<String, PriceSection> {
        ids.iter().map(|(id, input)| ((*id).to_owned(), price(*input))).collect()
    }

    fn import_of(before: &str, ids: &[(&str, i64)], content: &str) -> Imported {
        import(before, &models(ids), snapshot(content.as_bytes())).unwrap()
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
        assert_eq!((first.written, first.kept), (1, 1));
        let second = import_of(&first.text, &[("a-1", 1), ("b", 3)], "two");
        assert!(second.text.starts_with(own), "{}", second.text);
        let file = PriceFile::parse(&second.text).unwrap();
        assert_eq!(file.models.keys().collect::<Vec<_>>(), ["a*", "b"]);
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
