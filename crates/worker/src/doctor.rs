//! A look at endpoints before any work is accepted for them: is there a key, and does anybody
//! listen? No model is called.

use std::collections::BTreeMap;

use iago_providers::AuthStyle;

use crate::clients::{Clients, EndpointError};
use crate::settings::EndpointSettings;
use crate::silence::Silence;

/// An endpoint that cannot be reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The endpoint.
    pub endpoint: String,
    /// Its address.
    pub url: String,
    /// Which of its settings it hangs on.
    pub hangs_on: HangsOn,
    /// What happened.
    pub why: String,
}

/// What a connection came to an end at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HangsOn {
    /// Nobody answers at its address.
    Url,
    /// Its proxy makes no connection.
    Proxy,
    /// A connection was made, and its certificate is not trusted.
    Certificate,
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
            let hangs_on = match no_reply.silence {
                Silence::Proxy => HangsOn::Proxy,
                Silence::Tls => HangsOn::Certificate,
                Silence::Unsendable | Silence::Unreachable | Silence::Late | Silence::Broken => {
                    HangsOn::Url
                }
            };
            let why = no_reply.message;
            findings.push(Finding { endpoint: name.clone(), url, hangs_on, why });
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
