//! Servers that speak a protocol in their own way.

use crate::base_url::is_at;
use crate::quirks::quirks;
use crate::word::words;

words! {
    /// Which server it is, where it differs from the vendor of its protocol. How they differ stands
    /// in one table, `quirks.rs`.
    Flavour, "flavour", {
        /// As the protocol's own vendor has it, or nobody knows better.
        Standard = "standard",
        /// vLLM.
        Vllm = "vllm",
        /// SGLang.
        Sglang = "sglang",
        /// The server of llama.cpp.
        LlamaCpp = "llama-cpp",
        /// Ollama.
        Ollama = "ollama",
        /// The LiteLLM proxy.
        Litellm = "litellm",
        /// OpenRouter.
        Openrouter = "openrouter",
        /// DeepSeek's own service.
        Deepseek = "deepseek",
        /// Groq.
        Groq = "groq",
        /// Mistral's own service.
        Mistral = "mistral",
        /// Together.
        Together = "together",
        /// xAI.
        Xai = "xai",
        /// Fireworks.
        Fireworks = "fireworks",
        /// OpenAI's models served by Azure; a model's id is the name of a deployment.
        Azure = "azure",
    }
}

impl Flavour {
    /// The flavour that a well-known host has; [`Flavour::Standard`] for every other.
    pub fn of_host(url: &str) -> Self {
        let known =
            |flavour: &&Self| quirks(**flavour).hosts.iter().any(|domain| is_at(url, domain));
        Self::ALL.iter().find(known).copied().unwrap_or(Self::Standard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn well_known_hosts_are_recognised_and_look_alikes_are_not() {
        for (url, flavour) in [
            ("https://openrouter.ai/api/v1", Flavour::Openrouter),
            ("https://API.groq.com:443/openai", Flavour::Groq),
            ("https://unit.openai.azure.com/openai/v1", Flavour::Azure),
            ("https://api.openai.com", Flavour::Standard),
            ("https://evil-openrouter.ai", Flavour::Standard),
            ("http://127.0.0.1/openrouter.ai", Flavour::Standard),
            ("", Flavour::Standard),
        ] {
            assert_eq!(Flavour::of_host(url), flavour, "{url}");
        }
    }
}
