//! Who a message goes to: an address and a secret, out of the environment of this process.
//!
//! What is stored names variables and holds no values. Both are read anew for each message, and stand
//! nowhere but in types that do not show them: the address of a chat room's webhook is a secret too.

use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use iago_nightly::Tell;
use reqwest::Url;
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use crate::signature::{BadSecret, SigningKey};

/// `[webhooks.NAME]` of the coordinator's settings: what holds for the receiver of this name where a
/// schedule does not say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct WebhookSettings {
    /// The environment variable that holds its address.
    pub url_env: Option<String>,
    /// The one that holds the secret which messages to it are signed with. `None`: they are not signed.
    pub secret_env: Option<String>,
    /// Its address may be one of plain http on another machine. The path between must be safe by itself.
    pub allow_http: bool,
}

/// The value of an environment variable, if it is set.
type Variables = Box<dyn Fn(&str) -> Option<SecretString> + Send + Sync>;

/// All who can be told.
pub struct Receivers {
    named: BTreeMap<String, WebhookSettings>,
    variables: Variables,
}

/// Where one message goes.
#[derive(Clone, Debug)]
pub(crate) struct Receiver {
    url: SecretString,
    key: Option<SigningKey>,
    is_here: bool,
}

/// Why nothing can be sent to a receiver. It names variables, and never what is in them.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("webhook `{webhook}`: {why}")]
pub(crate) struct Unready {
    webhook: String,
    why: Why,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Why {
    #[error(
        "nothing says where it is: give `url_env` in the schedule, or in its section of [webhooks] in the \
         coordinator's settings"
    )]
    Nowhere,
    #[error("{0} is not set in the environment of the coordinator")]
    Unset(String),
    #[error("{0} holds no address like https://HOST/PATH")]
    NoAddress(String),
    #[error(
        "{0} holds an address without TLS: give one that begins with https://, or set `allow_http = true` in \
         its section of [webhooks] in the coordinator's settings"
    )]
    Plain(String),
    #[error("{0} holds no secret: {1}")]
    BadSecret(String, BadSecret),
}

impl Receivers {
    /// Those of the coordinator's settings, by name, and how its environment is read.
    pub fn new(
        named: BTreeMap<String, WebhookSettings>,
        variables: impl Fn(&str) -> Option<SecretString> + Send + Sync + 'static,
    ) -> Self {
        Self { named, variables: Box::new(variables) }
    }

    /// Where messages to this receiver go. What the schedule says holds before the settings.
    pub(crate) fn find(&self, tell: &Tell) -> Result<Receiver, Unready> {
        self.look_up(tell).map_err(|why| Unready { webhook: tell.webhook.clone(), why })
    }

    fn look_up(&self, tell: &Tell) -> Result<Receiver, Why> {
        let usual = WebhookSettings::default();
        let named = self.named.get(&tell.webhook).unwrap_or(&usual);
        let url_env = tell.url_env.as_ref().or(named.url_env.as_ref()).ok_or(Why::Nowhere)?;
        let secret_env = tell.secret_env.as_ref().or(named.secret_env.as_ref());
        let (url, is_here) = self.address(url_env, named.allow_http)?;
        let key = secret_env.map(|variable| self.key(variable)).transpose()?;
        Ok(Receiver { url, key, is_here })
    }

    fn address(&self, variable: &str, allow_http: bool) -> Result<(SecretString, bool), Why> {
        let value = self.value(variable)?;
        let url = Url::parse(value.expose_secret()).ok();
        let url = url.filter(|url| ["http", "https"].contains(&url.scheme()));
        let url = url.ok_or_else(|| Why::NoAddress(variable.to_owned()))?;
        let is_here = is_loopback(&url);
        if url.scheme() == "https" || is_here || allow_http {
            Ok((value, is_here))
        } else {
            Err(Why::Plain(variable.to_owned()))
        }
    }

    fn key(&self, variable: &str) -> Result<SigningKey, Why> {
        let read = SigningKey::read(&self.value(variable)?);
        read.map_err(|bad| Why::BadSecret(variable.to_owned(), bad))
    }

    /// Without the space around it, which is easily left in a file of variables.
    fn value(&self, variable: &str) -> Result<SecretString, Why> {
        let found = (self.variables)(variable);
        let trimmed = found.map(|value| SecretString::from(value.expose_secret().trim()));
        let set = trimmed.filter(|value| !value.expose_secret().is_empty());
        set.ok_or_else(|| Why::Unset(variable.to_owned()))
    }
}

impl fmt::Debug for Receivers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receivers").field("named", &self.named).finish_non_exhaustive()
    }
}

impl Receiver {
    /// Its address.
    pub(crate) fn url(&self) -> &str {
        self.url.expose_secret()
    }

    /// What messages to it are signed with, if they are.
    pub(crate) fn key(&self) -> Option<&SigningKey> {
        self.key.as_ref()
    }

    /// It is on this machine, and never reached through a proxy.
    pub(crate) fn is_here(&self) -> bool {
        self.is_here
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRETS: [(&str, &str); 7] = [
        ("SAFE", "https://hooks.example.org/T0/hush"),
        ("HERE", " http://127.0.0.1:9/hush\n"),
        ("PLAIN", "http://hooks.example.org/hush"),
        ("NONSENSE", "hush, no address"),
        ("FILE", "file:///hush"),
        ("KEY", "whsec_aHVzaA=="),
        ("BAD_KEY", "whsec_hush!"),
    ];

    fn receivers(settings: &str) -> Receivers {
        let named = toml::from_str(settings).expect("it is TOML");
        Receivers::new(named, |name| {
            let found = SECRETS.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| SecretString::from(*value))
        })
    }

    fn tell(url_env: Option<&str>, secret_env: Option<&str>) -> Tell {
        let json = serde_json::json!({
            "webhook": "ci", "url_env": url_env, "secret_env": secret_env, "on": ["regression"],
        });
        serde_json::from_value(json).expect("it is a receiver")
    }

    fn error(settings: &str, tell: &Tell) -> String {
        receivers(settings).find(tell).expect_err("it cannot be told").to_string()
    }

    #[test]
    fn a_schedule_says_where_a_message_goes_and_else_the_settings_do() {
        let settings = "[ci]\nurl_env = 'HERE'\nsecret_env = 'KEY'";
        let by_settings = receivers(settings).find(&tell(None, None)).unwrap();
        assert_eq!(by_settings.url(), "http://127.0.0.1:9/hush");
        assert!(by_settings.key().is_some() && by_settings.is_here());
        let by_schedule = receivers(settings).find(&tell(Some("SAFE"), None)).unwrap();
        assert_eq!(by_schedule.url(), "https://hooks.example.org/T0/hush");
        assert!(!by_schedule.is_here());
        let alone = receivers("").find(&tell(Some("SAFE"), None)).unwrap();
        assert!(alone.key().is_none());
    }

    #[test]
    fn plain_http_leaves_the_machine_only_where_the_settings_allow_it() {
        let refused = error("", &tell(Some("PLAIN"), None));
        assert!(refused.contains("PLAIN") && refused.contains("allow_http"), "{refused}");
        let allowed = receivers("[ci]\nallow_http = true").find(&tell(Some("PLAIN"), None));
        assert!(!allowed.unwrap().is_here());
    }

    #[test]
    fn loopback_is_this_machine_and_what_looks_like_it_is_not() {
        let here = |url| is_loopback(&Url::parse(url).unwrap());
        for url in ["http://localhost", "http://127.9.9.9:1/x", "http://[::1]:2", "http://u@127.1"]
        {
            assert!(here(url), "{url}");
        }
        for url in
            ["http://localhost.example.org", "http://127.0.0.1.example.org", "http://10.0.0.1"]
        {
            assert!(!here(url), "{url}");
        }
    }

    #[test]
    fn an_error_names_the_variable_and_never_what_is_in_it() {
        let errors = [
            error("", &tell(None, None)),
            error("", &tell(Some("ABSENT"), None)),
            error("", &tell(Some("PLAIN"), None)),
            error("", &tell(Some("NONSENSE"), None)),
            error("", &tell(Some("FILE"), None)),
            error("", &tell(Some("SAFE"), Some("ABSENT"))),
            error("", &tell(Some("SAFE"), Some("BAD_KEY"))),
        ];
        let named = ["url_env", "ABSENT", "PLAIN", "NONSENSE", "FILE", "ABSENT", "BAD_KEY"];
        for (error, named) in errors.iter().zip(named) {
            assert!(error.contains(named) && !error.contains("hush"), "{error}");
        }
    }

    #[test]
    fn who_is_told_can_be_printed_without_a_secret() {
        let receivers = receivers("[ci]\nurl_env = 'SAFE'\nsecret_env = 'KEY'");
        let receiver = receivers.find(&tell(None, None)).unwrap();
        let printed = format!("{receivers:?} {receiver:?}");
        assert!(printed.contains("SAFE"), "{printed}");
        assert!(!printed.contains("hush") && !printed.contains("104, 117"), "{printed}");
    }

    #[test]
    fn an_unknown_key_of_the_settings_is_refused() {
        let read = toml::from_str::<WebhookSettings>("url = 'https://hooks.example.org'");
        assert!(read.is_err());
    }
}
