//! How one endpoint is spoken to: its protocol, and the settings in which endpoints of the same
//! protocol differ.

use crate::base_url::{self, BaseUrlError};
use crate::word::words;

words! {
    /// A vendor's protocol.
    Protocol, "protocol", {
        /// `POST /v1/messages`.
        AnthropicMessages = "anthropic-messages",
        /// `POST /v1/chat/completions`, as OpenAI and many servers after it have it.
        OpenAiChat = "openai-chat",
    }
}

words! {
    /// Where the caller puts the key.
    AuthStyle, "auth style", {
        /// `x-api-key: KEY`.
        XApiKey = "x-api-key",
        /// `authorization: Bearer KEY`.
        Bearer = "bearer",
        /// Nowhere: the endpoint takes none.
        None = "none",
    }
}

words! {
    /// The name of OpenAI chat's output limit. Ollama ignores `max_completion_tokens` without a
    /// word; OpenAI's reasoning models refuse `max_tokens`.
    OutputLimitField, "output limit field", {
        /// The older name, which almost every compatible server knows.
        MaxTokens = "max_tokens",
        /// The newer name, which includes reasoning tokens.
        MaxCompletionTokens = "max_completion_tokens",
    }
}

/// The version of the Anthropic API that still takes `temperature`: 2026-10-21 answers 400 to it.
const ANTHROPIC_VERSION: &str = "2023-06-01";

/// OpenAI's own hosts (regional ones end in it), which take the newer limit name for every model.
const OPENAI_HOST: &str = "api.openai.com";

/// How one endpoint is spoken to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dialect {
    /// The protocol.
    pub protocol: Protocol,
    /// Where it is served, without a trailing slash and without `/v1`.
    pub base_url: String,
    /// The `anthropic-version` header; unused on other protocols.
    pub anthropic_version: String,
    /// Where the key goes.
    pub auth: AuthStyle,
    /// What the output limit is called; unused on other protocols than [`Protocol::OpenAiChat`].
    pub output_limit_field: OutputLimitField,
    /// Whether calls carry an `idempotency-key`.
    pub idempotency: bool,
}

impl Dialect {
    /// The usual dialect of a protocol at an `http` or `https` address.
    ///
    /// The base may end in `/`, in `/v1` or in the whole path of the call. The key goes into
    /// `x-api-key` for Anthropic and into a bearer header for OpenAI; idempotency keys are on.
    pub fn new(protocol: Protocol, base_url: &str) -> Result<Self, BaseUrlError> {
        let base_url = base_url::check(base_url, call_path(protocol))?;
        Ok(Self {
            protocol,
            anthropic_version: ANTHROPIC_VERSION.to_owned(),
            auth: match protocol {
                Protocol::AnthropicMessages => AuthStyle::XApiKey,
                Protocol::OpenAiChat => AuthStyle::Bearer,
            },
            output_limit_field: usual_limit_field(&base_url),
            idempotency: true,
            base_url,
        })
    }

    /// Where calls are posted.
    pub fn call_url(&self) -> String {
        format!("{}/v1{}", self.base_url, call_path(self.protocol))
    }
}

fn call_path(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::AnthropicMessages => "/messages",
        Protocol::OpenAiChat => "/chat/completions",
    }
}

/// Elsewhere the older name: an endpoint that refuses it says so, one that ignores the newer one
/// runs without a limit.
fn usual_limit_field(base_url: &str) -> OutputLimitField {
    if base_url::host(base_url).ends_with(OPENAI_HOST) {
        OutputLimitField::MaxCompletionTokens
    } else {
        OutputLimitField::MaxTokens
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_back_and_unknown_ones_are_told_the_known() {
        for protocol in Protocol::ALL {
            assert_eq!(protocol.to_string().parse(), Ok(*protocol));
        }
        assert_eq!(
            "gemini".parse::<Protocol>().unwrap_err().to_string(),
            "`gemini` is not a known protocol; known: anthropic-messages, openai-chat"
        );
    }

    #[test]
    fn every_way_to_write_the_base_leads_to_the_same_call() {
        for base in [
            "http://127.0.0.1:8080",
            "http://127.0.0.1:8080/",
            "http://127.0.0.1:8080/v1",
            " http://127.0.0.1:8080/v1/ ",
            "http://127.0.0.1:8080/v1/messages",
        ] {
            let dialect = Dialect::new(Protocol::AnthropicMessages, base).unwrap();
            assert_eq!(dialect.call_url(), "http://127.0.0.1:8080/v1/messages", "{base}");
        }
    }

    #[test]
    fn a_path_before_the_version_stays() {
        let dialect = Dialect::new(Protocol::OpenAiChat, "https://api.groq.com/openai/v1").unwrap();
        assert_eq!(dialect.call_url(), "https://api.groq.com/openai/v1/chat/completions");
    }

    #[test]
    fn only_openai_itself_gets_the_newer_limit_name_unasked() {
        let field = |base| Dialect::new(Protocol::OpenAiChat, base).unwrap().output_limit_field;
        assert_eq!(field("https://api.openai.com/v1"), OutputLimitField::MaxCompletionTokens);
        assert_eq!(field("https://eu.api.openai.com/v1"), OutputLimitField::MaxCompletionTokens);
        assert_eq!(field("http://localhost:11434/v1"), OutputLimitField::MaxTokens);
        assert_eq!(field("http://localhost/api.openai.com"), OutputLimitField::MaxTokens);
    }
}
