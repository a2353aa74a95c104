//! How one endpoint is spoken to: its protocol, and the settings in which endpoints of the same
//! protocol differ.

use crate::base_url::{self, BaseUrlError};
use crate::flavour::Flavour;
use crate::quirks::quirks;
use crate::word::words;

words! {
    /// A vendor's protocol.
    Protocol, "protocol", {
        /// `POST /v1/messages`.
        AnthropicMessages = "anthropic-messages",
        /// `POST /v1/chat/completions`, as OpenAI and many servers after it have it.
        OpenAiChat = "openai-chat",
        /// `POST /v1/responses`.
        OpenAiResponses = "openai-responses",
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

words! {
    /// Whether answers are asked for as streams of events. They are decoded as one either way.
    Streaming, "way of streaming", {
        /// Never: one whole reply.
        Never = "never",
        /// Where the answer may be so long that a connection would seem dead before it is whole.
        Auto = "auto",
        /// Always.
        Always = "always",
    }
}

/// The version of the Anthropic API that still takes `temperature`: 2026-10-21 answers 400 to it.
const ANTHROPIC_VERSION: &str = "2023-06-01";

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
    /// In what the server differs from its protocol's vendor.
    pub flavour: Flavour,
    /// When answers are streamed.
    pub streaming: Streaming,
    /// Whether models' ids are looked up in the table of what each is known to refuse. Only at
    /// [`Flavour::Standard`]: elsewhere a name does not say which model answers, or how it is served.
    pub rules: bool,
}

impl Dialect {
    /// The usual dialect of a protocol at an `http` or `https` address.
    ///
    /// The base may end in `/`, in `/v1` or in the whole path of the call. The key goes into
    /// `x-api-key` for Anthropic and into a bearer header elsewhere; idempotency keys and rules are
    /// on, the flavour is the one that the host is known for, and long answers are streamed.
    pub fn new(protocol: Protocol, base_url: &str) -> Result<Self, BaseUrlError> {
        let base_url = base_url::check(base_url, call_path(protocol))?;
        let flavour = Flavour::of_host(&base_url);
        Ok(Self {
            protocol,
            anthropic_version: ANTHROPIC_VERSION.to_owned(),
            auth: match protocol {
                Protocol::AnthropicMessages => AuthStyle::XApiKey,
                Protocol::OpenAiChat | Protocol::OpenAiResponses => AuthStyle::Bearer,
            },
            output_limit_field: usual_limit_field(flavour, &base_url),
            idempotency: true,
            flavour,
            streaming: Streaming::Auto,
            rules: true,
            base_url,
        })
    }

    /// The same for a server of this flavour, with the name that it knows for the output limit.
    #[must_use]
    pub fn with_flavour(mut self, flavour: Flavour) -> Self {
        self.output_limit_field = usual_limit_field(flavour, &self.base_url);
        self.flavour = flavour;
        self
    }

    /// Where calls are posted.
    pub fn call_url(&self) -> String {
        // DeepSeek serves what continues an answer at `/beta`, in the place of a version.
        let is_beta = self.flavour == Flavour::Deepseek && self.base_url.ends_with("/beta");
        let version = if is_beta { "" } else { "/v1" };
        format!("{}{version}{}", self.base_url, call_path(self.protocol))
    }

    /// Whether input tokens that a cache served count against limits of tokens.
    pub fn counts_cached(&self) -> bool {
        match self.protocol {
            Protocol::AnthropicMessages => false,
            Protocol::OpenAiChat | Protocol::OpenAiResponses => true,
        }
    }

    /// Served by OpenAI itself, or by Azure for it.
    pub(crate) fn is_openai(&self) -> bool {
        self.flavour == Flavour::Azure || is_openai_host(&self.base_url)
    }
}

fn call_path(protocol: Protocol) -> &'static str {
    match protocol {
        Protocol::AnthropicMessages => "/messages",
        Protocol::OpenAiChat => "/chat/completions",
        Protocol::OpenAiResponses => "/responses",
    }
}

/// OpenAI itself takes the newer name for every model. Elsewhere an endpoint that refuses the older
/// one says so; one that ignores the newer one runs without a limit.
fn usual_limit_field(flavour: Flavour, base_url: &str) -> OutputLimitField {
    if flavour == Flavour::Standard && is_openai_host(base_url) {
        OutputLimitField::MaxCompletionTokens
    } else {
        quirks(flavour).limit_field
    }
}

/// Regional hosts end in it.
fn is_openai_host(base_url: &str) -> bool {
    base_url::is_at(base_url, "api.openai.com")
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
            "`gemini` is not a known protocol; known: anthropic-messages, \
             openai-chat, openai-responses"
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
    fn deepseeks_beta_stands_in_the_place_of_the_version() {
        let url = |base| Dialect::new(Protocol::OpenAiChat, base).unwrap().call_url();
        let beta = "https://api.deepseek.com/beta";
        assert_eq!(url(beta), format!("{beta}/chat/completions"));
        assert_eq!(url("https://h/beta"), "https://h/beta/v1/chat/completions");
    }

    #[test]
    fn another_flavour_knows_another_name_for_the_limit() {
        let dialect = Dialect::new(Protocol::OpenAiChat, "https://api.openai.com").unwrap();
        assert_eq!(
            dialect.clone().with_flavour(Flavour::Azure).output_limit_field,
            OutputLimitField::MaxCompletionTokens
        );
        assert_eq!(
            dialect.with_flavour(Flavour::Ollama).output_limit_field,
            OutputLimitField::MaxTokens
        );
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
