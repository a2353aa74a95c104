//! One tiny call, to find out whether an endpoint can be called at all, and what a person has to do
//! where it cannot.

use std::time::Duration;

use iago_providers::{Answer, Outcome, Reply, decode, encode, is_simulated};
use iago_sweep::{Conversation, Parameters, Role, Told, Turn, Usage};
use tokio::time::Instant;

use crate::client::Received;
use crate::clients::{ClientError, Clients};
use crate::settings::EndpointSettings;
use crate::silence::{NoReply, Silence};
use crate::told::told;

/// What it says.
const QUESTION: &str = "Say ok.";

/// Output tokens: the fewest that OpenAI's Responses take.
const OUTPUT_TOKENS: u32 = 16;

/// What an endpoint that answered tells.
#[derive(Clone, Debug, PartialEq)]
pub struct Probed {
    /// From the start of the call to the end of its body.
    pub latency: Duration,
    /// The model that the endpoint says answered.
    pub echoed_model: Option<String>,
    /// What it took; zeros where the endpoint does not tell.
    pub usage: Usage,
    /// What it says of limits.
    pub limits: Told,
    /// It says itself that it only simulates.
    pub simulated: bool,
}

/// Why a call brought no answer. Each kind needs something else to be done, and whoever asks says what.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The settings make no client.
    #[error("{0}")]
    Settings(String),
    /// Nobody answers at the address.
    #[error("nobody answers at {url} ({why})")]
    Unreachable {
        /// The address.
        url: String,
        /// What the system says.
        why: String,
    },
    /// A connection was made and is not safe.
    #[error("no safe connection to {url} ({why})")]
    Tls {
        /// The address.
        url: String,
        /// What is wrong.
        why: String,
    },
    /// The proxy did not make a connection.
    #[error("the proxy makes no connection to {url} ({why})")]
    Proxy {
        /// The address of the endpoint.
        url: String,
        /// What happened.
        why: String,
    },
    /// The endpoint does not accept the key.
    #[error("the endpoint does not accept the key ({status}): {words}")]
    Credential {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        words: String,
    },
    /// The endpoint may know the key, and will not have it do this.
    #[error("the endpoint forbids this call ({status}): {words}")]
    Forbidden {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        words: String,
    },
    /// Money, or a limit on spending, has run out.
    #[error("the account has no money left to spend ({status}): {words}")]
    Money {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        words: String,
    },
    /// The endpoint has no such model.
    #[error("the endpoint has no model `{model}` ({status}): {words}")]
    UnknownModel {
        /// The model's id.
        model: String,
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        words: String,
    },
    /// There is something at the address, and it does not have this protocol there.
    #[error("nothing is served at {url} ({status}): {words}")]
    UnknownPath {
        /// Where it was called.
        url: String,
        /// The HTTP status.
        status: u16,
        /// The server's words.
        words: String,
    },
    /// The endpoint will not answer such a request.
    #[error("the endpoint rejects the request ({status}): {words}")]
    Rejected {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        words: String,
    },
    /// A limit was met, or the server has too much to do.
    #[error("the endpoint takes no calls now{}: {words}", asked_to_wait(*retry_after))]
    Throttled {
        /// How long it asks to wait.
        retry_after: Option<Duration>,
        /// The provider's words.
        words: String,
    },
    /// The server has trouble.
    #[error("the endpoint has trouble ({status}): {words}")]
    Troubled {
        /// The HTTP status.
        status: u16,
        /// The provider's words.
        words: String,
    },
    /// What came is no answer in this protocol.
    #[error("what came is no answer in this protocol: {why}")]
    NotUnderstood {
        /// What is wrong with it.
        why: String,
    },
    /// It took too long.
    #[error("{0}")]
    TimedOut(String),
    /// The connection broke.
    #[error("{0}")]
    Broken(String),
}

impl From<ClientError> for ProbeError {
    fn from(error: ClientError) -> Self {
        Self::Settings(error.to_string())
    }
}

/// Makes one tiny call of a model, and never another one.
pub async fn probe(endpoint: &EndpointSettings, model_id: &str) -> Result<Probed, ProbeError> {
    let client = Clients::default().find(endpoint)?;
    let dialect = &endpoint.dialect;
    let request = encode(dialect, model_id, &question(), &tiny(), "iago-doctor");
    let begun = Instant::now();
    let received = client.call(&request, dialect.protocol, endpoint.key.as_ref()).await;
    let latency = begun.elapsed();
    let Received { status, headers, body } =
        received.map_err(|no_reply| unanswered(no_reply, &dialect.base_url))?;
    let reply = Reply { status, headers: &headers, body: &body };
    let failure = Failure { endpoint, model_id, url: &request.url };
    let Answer { model, usage, .. } = failure.answer(decode(dialect, &reply, None))?;
    let (limits, simulated) = (told(dialect, &headers), is_simulated(&headers));
    Ok(Probed { latency, echoed_model: model, usage, limits, simulated })
}

/// In words how long a reply says to wait; empty where it does not.
fn asked_to_wait(wait: Option<Duration>) -> String {
    wait.map_or_else(String::new, |wait| format!(", and asks for {:.1} s", wait.as_secs_f64()))
}

fn question() -> Conversation {
    let turn = Turn { role: Role::User, text: QUESTION.to_owned() };
    Conversation { turns: vec![turn], ..Conversation::default() }
}

fn tiny() -> Parameters {
    Parameters { max_output_tokens: OUTPUT_TOKENS, ..Parameters::default() }
}

fn unanswered(no_reply: NoReply, url: &str) -> ProbeError {
    let NoReply { silence, message, detail, .. } = no_reply;
    let (url, why) = (url.to_owned(), detail.unwrap_or_else(|| message.clone()));
    match silence {
        Silence::Unsendable => ProbeError::Settings(message),
        Silence::Unreachable => ProbeError::Unreachable { url, why },
        Silence::Tls => ProbeError::Tls { url, why },
        Silence::Proxy => ProbeError::Proxy { url, why },
        Silence::Late => ProbeError::TimedOut(message),
        Silence::Broken => ProbeError::Broken(message),
    }
}

/// What is needed to say why a reply is no answer.
struct Failure<'a> {
    endpoint: &'a EndpointSettings,
    model_id: &'a str,
    url: &'a str,
}

impl Failure<'_> {
    fn answer(&self, outcome: Outcome) -> Result<Answer, ProbeError> {
        let say = |words: String| self.endpoint.without_key(&words);
        Err(match outcome {
            Outcome::Answered(answer) => return Ok(*answer),
            Outcome::Throttled { retry_after, message, .. } => {
                ProbeError::Throttled { retry_after, words: say(message) }
            }
            Outcome::Transient { status: Some(status), message, .. } if status >= 300 => {
                ProbeError::Troubled { status, words: say(message) }
            }
            Outcome::Transient { message, .. } => ProbeError::NotUnderstood { why: say(message) },
            Outcome::Rejected { status, message } => self.rejected(status, say(message)),
            Outcome::Misaddressed { status, message, .. } => {
                self.misaddressed(status, say(message))
            }
            Outcome::Credential { status, message, spend: true } => {
                ProbeError::Money { status, words: say(message) }
            }
            Outcome::Credential { status: status @ 403, message, spend: false } => {
                ProbeError::Forbidden { status, words: say(message) }
            }
            Outcome::Credential { status, message, spend: false } => {
                ProbeError::Credential { status, words: say(message) }
            }
        })
    }

    fn misaddressed(&self, status: u16, words: String) -> ProbeError {
        if status >= 300 && words.contains(self.model_id) {
            return self.rejected(status, words);
        }
        ProbeError::UnknownPath { url: self.url.to_owned(), status, words }
    }

    /// Vendors have a 404, or a 400, for a model that they do not know: only the words tell.
    fn rejected(&self, status: u16, words: String) -> ProbeError {
        let (said, model) = (words.to_ascii_lowercase(), self.model_id.to_owned());
        let names_it = said.contains("model") || said.contains(&model.to_ascii_lowercase());
        let unknown = ["not found", "not exist", "not a valid", "unknown", "invalid model"];
        match status {
            404 => ProbeError::UnknownModel { model, status, words },
            400 if names_it && unknown.iter().any(|phrase| said.contains(phrase)) => {
                ProbeError::UnknownModel { model, status, words }
            }
            _ => ProbeError::Rejected { status, words },
        }
    }
}
