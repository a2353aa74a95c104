//! A look at endpoints before any work is accepted for them: is there a key, and does anybody
//! listen? No model is called.

use std::collections::BTreeMap;

use iago_providers::AuthStyle;

use crate::clients::{Clients, EndpointError};
use crate::settings::EndpointSettings;

/// What is wrong with an endpoint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// Nobody answers at its address.
    Unreachable {
        /// The endpoint.
        endpoint: String,
        /// Its address.
        url: String,
        /// What happened.
        why: String,
    },
}

/// Tries to reach each endpoint.
pub async fn examine(
    endpoints: &BTreeMap<String, EndpointSettings>,
) -> Result<Vec<Finding>, EndpointError> {
    let mut clients = Clients::default();
    let mut findings = Vec::new();
    for (name, endpoint) in endpoints {
        let url = endpoint.dialect.base_url.clone();
        if let Err(no_reply) = clients.find_named(name, endpoint)?.reach(&url).await {
            let why = no_reply.message;
            findings.push(Finding::Unreachable { endpoint: name.clone(), url, why });
        }
    }
    Ok(findings)
}

impl EndpointSettings {
    /// Whether its calls need a key that is not there.
    pub fn lacks_key(&self) -> bool {
        self.key.is_none() && self.dialect.auth != AuthStyle::None
    }
}
