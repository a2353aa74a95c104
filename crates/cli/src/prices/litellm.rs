//! LiteLLM's public map of prices, a JSON object with an entry for each model.
//!
//! Only prices per token at the usual service tier are taken: not those of batches, of other tiers, of
//! a cache that lasts an hour, of images or of searches.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::settings::decimal::{PLACES_OF_A_DOLLAR, PerMillion, literal_of, scale};
use crate::settings::price::{LongSection, PriceSection};

/// Who made the data, and under which licence; whoever copies it has to say so.
pub(crate) const LICENCE: &str = "MIT, Copyright (c) 2023 Berri AI";
/// What the map is called.
pub(crate) const NAME: &str = "LiteLLM's price map";

/// Kinds of models that answer in text.
const MODES: [&str; 3] = ["chat", "responses", "completion"];

/// What a map says.
#[derive(Debug, Default)]
pub(crate) struct PriceMap {
    pub(crate) models: BTreeMap<String, PriceSection>,
    /// Models whose price cannot be said exactly, with the reason.
    pub(crate) left_out: BTreeMap<String, String>,
}

/// The keys of the prices that a model can have.
struct Keys {
    input: String,
    output: String,
    cached_input: String,
    cache_write: String,
}

impl PriceMap {
    /// Reads the map's JSON. Entries of another kind, and those without a price of both input and
    /// output, are passed over.
    pub(crate) fn read(json: &[u8]) -> Result<Self, String> {
        let entries: Map<String, Value> = serde_json::from_slice(json).map_err(|error| {
            format!("it is no JSON object with an entry for each model: {error}")
        })?;
        let mut map = Self::default();
        for (id, entry) in &entries {
            let Some(entry) = entry.as_object().filter(|entry| answers_in_text(entry)) else {
                continue;
            };
            match price_of(entry) {
                Ok(price) => map.models.extend(
                    price.filter(|price| !is_nothing(price)).map(|price| (id.clone(), price)),
                ),
                Err(why) => drop(map.left_out.insert(id.clone(), why)),
            }
        }
        if entries.is_empty() {
            return Err("it has no entries".to_owned());
        }
        if map.models.is_empty() {
            let entries = entries.len();
            return Err(format!("none of its {entries} entries is a model with a price per token"));
        }
        Ok(map)
    }
}

/// The map says so also where nobody knew, and unknown is never zero.
fn is_nothing(price: &PriceSection) -> bool {
    price.input == PerMillion(0) && price.output == PerMillion(0)
}

fn answers_in_text(entry: &Map<String, Value>) -> bool {
    let mode = entry.get("mode").and_then(Value::as_str);
    entry.contains_key("litellm_provider") && mode.is_some_and(|mode| MODES.contains(&mode))
}

fn price_of(entry: &Map<String, Value>) -> Result<Option<PriceSection>, String> {
    if let Some(tiers) = entry.get("tiered_pricing").and_then(Value::as_array) {
        return of_tiers(tiers);
    }
    let Some(usual) = of_keys(entry, &Keys::usual(), None)? else { return Ok(None) };
    let mut long = Vec::new();
    for (above_tokens, suffix) in thresholds(entry) {
        long.extend(of_keys(entry, &Keys::above(&suffix), Some((above_tokens, &usual)))?);
    }
    let reasoning = per_token(entry, "output_cost_per_reasoning_token")?;
    Ok(Some(section(usual, reasoning, long)))
}

/// A list of prices by the length of the prompt, each from where the one before it ends.
fn of_tiers(tiers: &[Value]) -> Result<Option<PriceSection>, String> {
    let (mut usual, mut long, mut dearest) = (None, Vec::new(), None);
    for tier in tiers {
        let tier = tier.as_object().ok_or("a tier of it is no object")?;
        let from = tier.get("range").and_then(|range| range.get(0)).and_then(tokens);
        let from = from.ok_or("a tier of it does not say from where it holds")?;
        let Some(mut price) = of_keys(tier, &Keys::usual(), None)? else { return Ok(None) };
        price.above_tokens = from;
        // Prices of reasoning know no length of the prompt here: the dearest is never too little.
        dearest = dearest.max(per_token(tier, "output_cost_per_reasoning_token")?);
        if from == 0 {
            usual = Some(price);
        } else {
            long.push(price);
        }
    }
    Ok(usual.map(|usual| section(usual, dearest, long)))
}

fn section(
    usual: LongSection,
    reasoning: Option<PerMillion>,
    long: Vec<LongSection>,
) -> PriceSection {
    let LongSection { input, output, cached_input, cache_write, .. } = usual;
    let reasoning = reasoning.filter(|reasoning| *reasoning != output);
    PriceSection { input, output, cached_input, cache_write, reasoning, long }
}

/// The lengths of prompts that have a price of their own, with how keys say so, in rising order.
fn thresholds(entry: &Map<String, Value>) -> BTreeMap<u64, String> {
    let named = entry.keys().filter_map(|key| {
        let suffix = key.strip_prefix("input_cost_per_token_above_")?;
        // Anything further names another service tier.
        let thousands: u64 = suffix.strip_suffix("k_tokens")?.parse().ok()?;
        Some((thousands.saturating_mul(1_000), suffix.to_owned()))
    });
    named.collect()
}

/// The prices under these keys; an output that has none there costs what it usually does.
fn of_keys(
    entry: &Map<String, Value>,
    keys: &Keys,
    above: Option<(u64, &LongSection)>,
) -> Result<Option<LongSection>, String> {
    let usual_output = above.map(|(_, usual)| usual.output);
    let output = per_token(entry, &keys.output)?.or(usual_output);
    let (Some(input), Some(output)) = (per_token(entry, &keys.input)?, output) else {
        return Ok(None);
    };
    Ok(Some(LongSection {
        above_tokens: above.map_or(0, |(above_tokens, _)| above_tokens),
        input,
        output,
        cached_input: per_token(entry, &keys.cached_input)?,
        cache_write: per_token(entry, &keys.cache_write)?,
    }))
}

impl Keys {
    fn usual() -> Self {
        Self::with("")
    }

    fn above(suffix: &str) -> Self {
        Self::with(&format!("_above_{suffix}"))
    }

    fn with(end: &str) -> Self {
        Self {
            input: format!("input_cost_per_token{end}"),
            output: format!("output_cost_per_token{end}"),
            cached_input: format!("cache_read_input_token_cost{end}"),
            cache_write: format!("cache_creation_input_token_cost{end}"),
        }
    }
}

/// Dollars per token, which a picodollar per token counts exactly.
fn per_token(entry: &Map<String, Value>, key: &str) -> Result<Option<PerMillion>, String> {
    let literal = match entry.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(value) => match value.as_f64() {
            Some(number) => literal_of(number),
            None => return Err(format!("its {key} is no number")),
        },
    };
    let units = scale(&literal, PLACES_OF_A_DOLLAR);
    units.map(|units| Some(PerMillion(units))).map_err(|why| format!("its {key}, {literal}, {why}"))
}

fn tokens(value: &Value) -> Option<u64> {
    // Some are written as fractions.
    scale(&literal_of(value.as_f64()?), 0).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(entry: Value) -> Option<PriceSection> {
        let mut entry = entry;
        entry["litellm_provider"] = "somebody".into();
        entry["mode"] = "chat".into();
        let other = json!({
            "litellm_provider": "x", "mode": "chat",
            "input_cost_per_token": 1, "output_cost_per_token": 1,
        });
        let map = json!({ "m": entry, "other": other });
        PriceMap::read(map.to_string().as_bytes()).unwrap().models.remove("m")
    }

    #[test]
    fn dollars_per_token_become_dollars_per_million_exactly() {
        let price = read(json!({
            "input_cost_per_token": 7.5e-7,
            "output_cost_per_token": 3.75e-06,
            "output_cost_per_reasoning_token": 3.75e-06,
            "cache_read_input_token_cost": "7.5e-08",
            "input_cost_per_token_batches": 1e-9,
        }));
        let price = price.unwrap();
        assert_eq!(price.input.to_string(), "0.75");
        assert_eq!(price.output.to_string(), "3.75");
        assert_eq!(price.cached_input.unwrap().to_string(), "0.075");
        assert_eq!((price.cache_write, price.reasoning), (None, None), "as the others of its kind");
    }

    #[test]
    fn long_prompts_have_prices_of_their_own() {
        let price = read(json!({
            "input_cost_per_token": 2e-6, "output_cost_per_token": 1e-5,
            "input_cost_per_token_above_272k_tokens": 4e-6,
            "output_cost_per_token_above_272k_tokens": 1.5e-5,
            "cache_read_input_token_cost_above_272k_tokens": 4e-7,
            "input_cost_per_token_above_272k_tokens_priority": 8e-6,
            "input_cost_per_token_above_128k_tokens": 3e-6,
        }));
        let long = price.unwrap().price().long;
        let above: Vec<_> = long.iter().map(|long| (long.above, long.input, long.output)).collect();
        assert_eq!(above, [(128_000, 3_000_000, 10_000_000), (272_000, 4_000_000, 15_000_000)]);
        assert_eq!((long[0].cached_input, long[1].cached_input), (3_000_000, 400_000));
    }

    #[test]
    fn tiers_are_long_prompts_as_well() {
        let tier = |from: f64, input: f64, reasoning: f64| {
            json!({
                "range": [from, 1e6], "input_cost_per_token": input,
                "output_cost_per_token": 1e-6, "output_cost_per_reasoning_token": reasoning,
            })
        };
        let price = read(json!({
            "tiered_pricing": [tier(0.0, 4e-7, 4e-6), tier(256_000.0, 1.2e-6, 1.2e-5)],
        }));
        let price = price.unwrap().price();
        assert_eq!((price.input, price.reasoning), (400_000, Some(12_000_000)));
        assert_eq!((price.long[0].above, price.long[0].input), (256_000, 1_200_000));
    }

    #[test]
    fn what_has_no_price_per_token_is_passed_over() {
        assert_eq!(read(json!({ "input_cost_per_token": 1e-6 })), None);
        assert_eq!(read(json!({ "input_cost_per_second": 1e-3 })), None);
        assert_eq!(read(json!({ "input_cost_per_token": null, "output_cost_per_token": 1 })), None);
        assert_eq!(read(json!({ "input_cost_per_token": 0.0, "output_cost_per_token": 0 })), None);
    }

    #[test]
    fn what_cannot_be_said_exactly_is_left_out_by_name() {
        let map = json!({
            "fine": { "litellm_provider": "x", "mode": "chat",
                "input_cost_per_token": 4.8828125e-8, "output_cost_per_token": 1e-6 },
            "round": { "litellm_provider": "x", "mode": "chat",
                "input_cost_per_token": 3.0000000000000004e-7, "output_cost_per_token": 0 },
            "picture": { "litellm_provider": "x", "mode": "image_generation",
                "input_cost_per_token": 1e-6, "output_cost_per_token": 1e-6 },
            "sample_spec": "text",
        });
        let map = PriceMap::read(map.to_string().as_bytes()).unwrap();
        assert_eq!(map.models.keys().collect::<Vec<_>>(), ["round"]);
        assert_eq!(map.models["round"].input.to_string(), "0.3");
        assert!(map.left_out["fine"].contains("4.8828125e-8"), "{:?}", map.left_out);
    }

    #[test]
    fn another_file_is_refused() {
        for (text, why) in [
            ("[1]", "JSON object"),
            ("{}", "no entries"),
            ("{\"a\": {\"input\": 1}}", "none of its 1 entries"),
            ("", "JSON object"),
        ] {
            assert!(PriceMap::read(text.as_bytes()).unwrap_err().contains(why));
        }
    }
}
