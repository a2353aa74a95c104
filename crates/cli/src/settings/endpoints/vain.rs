//! What is written and would change nothing: whoever wrote it relies on it, and would find out late.

use std::collections::BTreeMap;

use iago_providers::Protocol;

use super::{EndpointSection, Settings, SimulationSection};
use crate::settings::price::{PriceSection, check_name};

impl Settings {
    /// Pools that nobody draws from.
    pub(super) fn check_drawn_from(&self) -> Result<(), String> {
        let in_vain = |pool: &&String| !self.endpoints.values().any(|of| of.draws_from(pool));
        match self.pools.keys().find(in_vain) {
            Some(pool) => Err(format!(
                "pool `{pool}`: no endpoint draws from it, so its limits hold for nobody; write \
                 pools = [\"{pool}\"] under an endpoint, or take [pools.{pool}] out"
            )),
            None => Ok(()),
        }
    }
}

impl EndpointSection {
    /// Keys that do nothing beside the others.
    pub(super) fn check_in_vain(&self, name: &str) -> Result<(), String> {
        self.check_protocol()?;
        self.check_auth()?;
        self.check_place()?;
        self.check_pools(name)?;
        self.simulation.as_ref().map_or(Ok(()), check_slowness)?;
        let names = self.prices.keys().chain(self.models.keys());
        names.map(String::as_str).try_for_each(check_name)?;
        check_prices(&self.prices)
    }

    fn check_protocol(&self) -> Result<(), String> {
        let of = |protocol: Protocol| self.protocol == protocol.word();
        let known = Protocol::ALL.iter().any(|protocol| of(*protocol));
        let keys = [
            ("anthropic_version", self.anthropic_version.is_some(), Protocol::AnthropicMessages),
            ("output_limit_field", self.output_limit_field.is_some(), Protocol::OpenAiChat),
        ];
        let vain = |(_, is_there, protocol): &&(&str, bool, Protocol)| *is_there && !of(*protocol);
        match keys.iter().find(vain).filter(|_| known) {
            Some((key, _, protocol)) => Err(format!(
                "{key} means nothing to {}, only to {}; take it out, or correct `protocol`",
                self.protocol,
                protocol.word()
            )),
            None => Ok(()),
        }
    }

    fn check_auth(&self) -> Result<(), String> {
        match (self.auth.as_deref(), &self.key_env) {
            (Some("none"), Some(_)) => {
                Err("auth is \"none\", so the key of key_env is never sent; take one of them out"
                    .to_owned())
            }
            (Some(auth @ ("bearer" | "x-api-key")), None) => Err(format!(
                "auth is \"{auth}\", and there is no key to send; name its variable in key_env, or \
                 write auth = \"none\""
            )),
            _ => Ok(()),
        }
    }

    fn check_place(&self) -> Result<(), String> {
        if self.url.is_some() && self.simulation.is_some() {
            return Err("it has a url and a [simulation], and can only be one of them; take the \
                        other out"
                .to_owned());
        }
        match self.first_byte_timeout_s {
            Some(first) if first > self.timeout_s => Err(format!(
                "first_byte_timeout_s is {first}, and the whole call ends after timeout_s = {}; \
                 raise that, or lower this",
                self.timeout_s
            )),
            _ => Ok(()),
        }
    }

    fn check_pools(&self, name: &str) -> Result<(), String> {
        let of_models = self.models.values().flat_map(|model| &model.pools);
        if self.pools.iter().chain(of_models).any(|pool| pool == name) {
            return Err(format!(
                "every call here draws from the pool `{name}` anyway; take it out of `pools`"
            ));
        }
        match self.models.iter().find(|(_, model)| model.pools.is_empty()) {
            Some((id, _)) => Err(format!(
                "[endpoints.{name}.models.\"{id}\"] names no pool; name one whose limits are this \
                 model's, and write them under [pools.NAME]"
            )),
            None => Ok(()),
        }
    }
}

fn check_slowness(simulation: &SimulationSection) -> Result<(), String> {
    let SimulationSection { slow, slow_for_ms, .. } = simulation;
    match (*slow > 0.0, *slow_for_ms > 0) {
        (true, false) => Err("simulation.slow makes nothing slow without slow_for_ms".to_owned()),
        (false, true) => {
            Err("simulation.slow_for_ms makes nothing slow without slow, a share of calls"
                .to_owned())
        }
        _ => Ok(()),
    }
}

fn check_prices(prices: &BTreeMap<String, PriceSection>) -> Result<(), String> {
    for (id, price) in prices {
        price.check().map_err(|why| format!("prices.\"{id}\": {why}"))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::super::ORIGIN;
    use super::*;

    fn check(text: &str) -> Result<(), String> {
        ORIGIN.parse::<Settings>(text, HashMap::new()).unwrap().check()
    }

    #[test]
    fn what_would_change_nothing_is_refused() {
        let chat = "[endpoints.a]\nprotocol = \"openai-chat\"\nurl = \"http://h\"\n";
        let here = "[endpoints.a]\nprotocol = \"anthropic-messages\"\n[endpoints.a.simulation]\n";
        let price = "[endpoints.a.prices.m]\ninput = 1\noutput = 1\n[[endpoints.a.prices.m.long]]\n\
                     input = 2\noutput = 2\n";
        for (text, why) in [
            (format!("{chat}[pools.p]\nconcurrency = 1"), "no endpoint draws from it"),
            (format!("{chat}pools = [\"a\"]"), "draws from the pool `a` anyway"),
            (format!("{chat}[endpoints.a.models.m]\npools = []"), "names no pool"),
            (format!("{chat}usd_per_day = 0"), "usd_per_day must be more than 0"),
            (format!("{chat}anthropic_version = \"x\""), "means nothing to openai-chat"),
            (format!("{chat}auth = \"none\"\nkey_env = \"K\""), "is never sent"),
            (format!("{chat}auth = \"bearer\""), "there is no key to send"),
            (format!("{chat}simulation = {{}}"), "a url and a [simulation]"),
            (format!("{chat}first_byte_timeout_s = 601"), "ends after timeout_s = 600"),
            (format!("{here}slow = 0.1"), "without slow_for_ms"),
            (format!("{here}slow_for_ms = 9"), "without slow, a share"),
            (
                format!("{chat}[endpoints.a.prices.\"b-*-c\"]\ninput = 1\noutput = 1"),
                "a `*` stands for",
            ),
            (format!("{chat}{price}above_tokens = 0"), "above_tokens must be 1 or more"),
            (format!("{chat}[programs.p]\ncommand = []"), "command is empty"),
            (format!("{chat}[programs.p]\ncommand = [\"a\"]\ntimeout_s = 0"), "must be 1 or more"),
        ] {
            let error = check(&text).expect_err(why);
            assert!(error.contains(why), "{error}");
        }
    }

    #[test]
    fn what_is_right_stays_right() {
        for text in [
            "[endpoints.a]\nprotocol = \"openai-chat\"\nurl = \"http://h\"\nkey_env = \"K\"\n\
             output_limit_field = \"max_tokens\"\npools = [\"p\"]\n[pools.p]\nusd_per_day = 0.5\n\
             [endpoints.a.models.\"m*\"]\npools = [\"q\"]\n[pools.q]\n",
            "[endpoints.a]\nprotocol = \"anthropic-messages\"\nurl = \"http://h\"\n\
             first_byte_timeout_s = 600\n[endpoints.a.prices.\"*\"]\ninput = 0\noutput = 0\n",
        ] {
            assert_eq!(check(text), Ok(()));
        }
    }
}
