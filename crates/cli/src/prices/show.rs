//! `iago prices show`: what a model is taken to cost, at each endpoint that says so itself and by the
//! file.

use std::collections::BTreeSet;

use iago_expression::find_nearest;
use serde_json::{Value, json};

use crate::args::PricesShowArgs;
use crate::exit::{Exit, Stop};
use crate::output::{data, width};
use crate::plain::plain_json;
use crate::settings::endpoints::Settings;
use crate::settings::price::{PriceSection, entry_of};
use crate::table::Table;
use crate::watch::grouped;

/// Names that are shown where one was not found.
const SIMILAR_MAX: usize = 5;

/// A price that holds somewhere.
struct Found<'a> {
    /// Where it holds.
    at: String,
    /// The entry's own name, which may be a prefix.
    entry: &'a str,
    price: &'a PriceSection,
    from: String,
}

/// Shows every price of a model.
pub(super) fn run(args: &PricesShowArgs) -> Result<Exit, Stop> {
    let settings = Settings::load(args.config.as_deref())?;
    let found = search(&settings, &args.model);
    if found.is_empty() {
        let message = format!(
            "no price of `{0}` is known, so its cost is unknown and never taken for zero{1}: import a \
             price map with `iago prices import`, or write [models.\"{0}\"] into the prices file",
            args.model,
            similar(&settings, &args.model)
        );
        return Err(Stop::new(Exit::NoInput, message));
    }
    data(&if args.json { in_json(&args.model, &found) } else { in_words(&found) })?;
    Ok(Exit::Done)
}

fn search<'a>(settings: &'a Settings, model: &str) -> Vec<Found<'a>> {
    let own = settings.endpoints.iter().filter_map(|(name, section)| {
        let (entry, price) = entry_of(&section.prices, model)?;
        let (at, from) = (format!("endpoint {name}"), "the endpoints' settings".to_owned());
        Some(Found { at, entry, price, from })
    });
    let file = &settings.price_file;
    let of_file = entry_of(&file.models, model).map(|(entry, model)| {
        let (at, from) = ("other endpoints".to_owned(), file.source_of(model));
        Found { at, entry, price: &model.price, from }
    });
    own.chain(of_file).collect()
}

/// In words the models with a price whose names are like this one.
fn similar(settings: &Settings, model: &str) -> String {
    let own = settings.endpoints.values().flat_map(|section| section.prices.keys());
    let known: BTreeSet<&str> =
        own.chain(settings.price_file.models.keys()).map(String::as_str).collect();
    let nearest = find_nearest(model, known.iter().copied());
    let is_part =
        |known: &&&str| known.contains(model) || model.contains(known.trim_end_matches('*'));
    let parts = known.iter().filter(|known| Some(**known) != nearest).filter(is_part).copied();
    let named: Vec<_> = nearest.into_iter().chain(parts).take(SIMILAR_MAX).collect();
    if named.is_empty() {
        return String::new();
    }
    format!(" (there are prices of `{}`)", named.join("`, `"))
}

fn in_words(found: &[Found<'_>]) -> String {
    let headings =
        ["AT", "ENTRY", "PROMPT", "INPUT", "CACHED", "WRITTEN", "OUTPUT", "REASONING", "FROM"];
    let mut table = Table::new(&headings);
    for Found { at, entry, price, from } in found {
        let money = |price: i64| crate::settings::decimal::PerMillion(price).to_string();
        let full = price.price();
        let reasoning = |output: i64| money(full.reasoning.unwrap_or(output));
        table.row(&[
            at.clone(),
            (*entry).to_owned(),
            "any".to_owned(),
            money(full.input),
            money(full.cached_input),
            money(full.cache_write),
            money(full.output),
            reasoning(full.output),
            from.clone(),
        ]);
        for long in &full.long {
            table.row(&[
                at.clone(),
                (*entry).to_owned(),
                format!("above {}", grouped(long.above)),
                money(long.input),
                money(long.cached_input),
                money(long.cache_write),
                money(long.output),
                reasoning(long.output),
                from.clone(),
            ]);
        }
    }
    format!("{}dollars per million tokens\n", table.shown(width()))
}

fn in_json(model: &str, found: &[Found<'_>]) -> String {
    let found: Vec<Value> = found
        .iter()
        .map(|found| {
            json!({
                "at": found.at, "entry": found.entry, "from": found.from,
                "dollars_per_million_tokens": found.price,
            })
        })
        .collect();
    format!("{}\n", plain_json(&json!({ "model": model, "prices": found })))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::prices::PriceFile;

    #[test]
    fn names_that_are_like_one_that_has_no_price_are_shown() {
        let table = |id: &str| format!("[models.\"{id}\"]\ninput = 1\noutput = 1\n");
        let text: String = ["gpt-6-sol", "lab/gpt-6-sole", "claude"].map(table).concat();
        let mut settings = Settings::load(None).unwrap();
        settings.price_file = PriceFile::parse(&text).unwrap();
        assert_eq!(similar(&settings, "gpt-6-slo"), " (there are prices of `gpt-6-sol`)");
        assert_eq!(
            similar(&settings, "gpt"),
            " (there are prices of `gpt-6-sol`, `lab/gpt-6-sole`)"
        );
        assert_eq!(similar(&settings, "mistral"), "");
    }
}
