//! The address of an endpoint, checked before the first call rather than at it.

/// An address that no call can be posted to. Messages never repeat an address with a credential.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// Neither `http` nor `https`.
    #[error("base URL `{0}` must begin with http:// or https://")]
    Scheme(String),
    /// No host, or one that cannot be.
    #[error("base URL `{0}` names no valid host; write it like https://api.example.com")]
    Host(String),
    /// A user or a password before the host.
    #[error(
        "a base URL must not hold a user name or a key; name the environment variable that \
         holds the key instead"
    )]
    Credential,
    /// A query or a fragment.
    #[error("base URL `{0}` must not have a query or a fragment: the call's path is added to it")]
    Query(String),
}

/// The base without surrounding blanks, trailing slashes, the call's path and `/v1`.
pub(crate) fn check(written: &str, call_path: &str) -> Result<String, BaseUrlError> {
    let base = written.trim();
    if authority(base).contains('@') {
        return Err(BaseUrlError::Credential);
    }
    if after_scheme(base).is_none() {
        return Err(BaseUrlError::Scheme(base.to_owned()));
    }
    if base.contains(['?', '#']) {
        return Err(BaseUrlError::Query(base.to_owned()));
    }
    if !names_a_host(authority(base))
        || base.contains(|c: char| c.is_whitespace() || c.is_control())
    {
        return Err(BaseUrlError::Host(base.to_owned()));
    }
    let base = base.trim_end_matches('/');
    let base = base.strip_suffix(&format!("/v1{call_path}")).unwrap_or(base);
    Ok(base.strip_suffix("/v1").unwrap_or(base).trim_end_matches('/').to_owned())
}

/// The host without its port; brackets of an IPv6 address stay.
fn host(base: &str) -> &str {
    split_port(authority(base)).0
}

/// Whether the host is `domain` or lies under it.
pub(crate) fn is_at(base: &str, domain: &str) -> bool {
    let host = host(base).to_ascii_lowercase();
    host.strip_suffix(domain).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

fn after_scheme(base: &str) -> Option<&str> {
    ["http://", "https://"].iter().find_map(|scheme| {
        let head = base.get(..scheme.len())?;
        head.eq_ignore_ascii_case(scheme).then(|| &base[scheme.len()..])
    })
}

fn authority(base: &str) -> &str {
    let rest = base.split_once("://").map_or(base, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

fn names_a_host(authority: &str) -> bool {
    let (host, port) = split_port(authority);
    !host.is_empty() && port.is_none_or(|port| port.parse::<u16>().is_ok_and(|port| port > 0))
}

fn split_port(authority: &str) -> (&str, Option<&str>) {
    match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        Some(_) | None => (authority, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(base: &str) -> String {
        check(base, "/messages").unwrap_err().to_string()
    }

    #[test]
    fn addresses_that_cannot_be_called_are_refused() {
        assert!(message("api.example.com/v1").contains("must begin with http:// or https://"));
        assert!(message("ftp://example.com").contains("must begin with http:// or https://"));
        assert!(message("").contains("must begin with"));
        assert!(message("https://").contains("names no valid host"));
        assert!(message("https://:8080").contains("names no valid host"));
        assert!(message("https://host:99999").contains("names no valid host"));
        assert!(message("https://ho st").contains("names no valid host"));
        assert!(message("https://host/?api-version=1").contains("must not have a query"));
    }

    #[test]
    fn an_ipv6_host_with_and_without_a_port_is_taken() {
        assert_eq!(check("http://[::1]:80/", "/messages"), Ok("http://[::1]:80".to_owned()));
        assert_eq!(check("HTTP://[::1]", "/messages"), Ok("HTTP://[::1]".to_owned()));
    }

    #[test]
    fn a_credential_in_the_address_is_refused_without_repeating_it() {
        for base in ["https://user:hunter2@host/v1", "user:hunter2@host"] {
            assert_eq!(check(base, "/messages"), Err(BaseUrlError::Credential));
            assert!(!message(base).contains("hunter2"));
        }
    }
}
