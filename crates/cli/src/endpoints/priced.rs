//! What models cost at an endpoint.

use std::collections::BTreeMap;

use iago_providers::Flavour;
use iago_sweep::{Plan, Price};

use crate::settings::endpoints::{EndpointSection, Settings};
use crate::settings::price::{PriceSection, entry_of, is_covered};

/// What a model costs at an endpoint; `None` where that is not known.
pub(crate) fn price(settings: &Settings, endpoint: &str, id: &str) -> Option<Price> {
    let section = settings.endpoints.get(endpoint)?;
    let known = prices(settings, section);
    let known = entry_of(&known, id).map(|(_, price)| price.clone());
    known.or_else(|| is_own(section).then(Price::default))
}

/// In words where the price of a model at an endpoint is from.
pub(crate) fn price_source(settings: &Settings, endpoint: &str, id: &str) -> String {
    let Some(section) = settings.endpoints.get(endpoint) else { return String::new() };
    if entry_of(&section.prices, id).is_some() {
        return format!("[endpoints.{endpoint}.prices]");
    }
    if is_own(section) {
        return "nothing is charged here".to_owned();
    }
    match entry_of(&settings.price_file.models, id) {
        Some((_, model)) => settings.price_file.source_of(model),
        None => format!("no price of `{id}` is known"),
    }
}

/// Every price that holds at an endpoint: its own, and those of the file for what it has none for. By
/// id, or by how ids begin and a `*`.
pub(super) fn prices(settings: &Settings, section: &EndpointSection) -> BTreeMap<String, Price> {
    let own = section.prices.iter().map(|(id, price)| (id.clone(), price.price()));
    // A server of one's own may call its models as a vendor calls them.
    let of_file = settings.price_file.models.iter().filter(|_| !is_own(section));
    let of_file = of_file.filter(|(id, _)| !is_covered(&section.prices, id));
    of_file.map(|(id, model)| (id.clone(), model.price.price())).chain(own).collect()
}

/// The same settings with the price of every model that a plan asks under its very id, whatever name it
/// was found by.
pub(super) fn by_id(plan: &Plan, mut settings: Settings) -> Settings {
    for model in plan.models.iter().chain(&plan.judges) {
        let found = section_price(&settings, &model.endpoint, &model.id);
        if let Some((section, price)) = settings.endpoints.get_mut(&model.endpoint).zip(found) {
            section.prices.insert(model.id.clone(), price);
        }
    }
    settings
}

fn section_price(settings: &Settings, endpoint: &str, id: &str) -> Option<PriceSection> {
    let section = settings.endpoints.get(endpoint)?;
    let own = entry_of(&section.prices, id).map(|(_, price)| price.clone());
    let file = entry_of(&settings.price_file.models, id).filter(|_| !is_own(section));
    own.or_else(|| file.map(|(_, model)| model.price.clone()))
}

/// Whether it is nobody else's: it stands on this machine, or is simulated. A gateway on this machine
/// leads to somebody else.
pub(crate) fn is_own(section: &EndpointSection) -> bool {
    let is_gateway = section.flavour.as_deref() == Some(Flavour::Litellm.word());
    section.simulation.is_some() || is_loopback(section) && !is_gateway
}

fn is_loopback(section: &EndpointSection) -> bool {
    let url = section.url.as_deref().unwrap_or_default();
    let host = url.split("//").nth(1).unwrap_or_default();
    ["127.", "localhost", "[::1]"].iter().any(|own| host.starts_with(own))
}
