//! Asking a coordinator: whoever leads of those that the settings name.

pub(crate) mod json;
pub(crate) mod report;
pub(crate) mod status;
pub(crate) mod steer;
pub(crate) mod submit;
pub(crate) mod transcripts;
pub(crate) mod watch;

use iago_protocol::MESSAGE_BYTES_MAX;
use iago_protocol::wire::jobs_client::JobsClient;
use iago_protocol::wire::{ListRequest, Status as Told};
use tonic::{Code, Response, Status};

use crate::args::ClientArgs;
use crate::dial::{Away, Bearer, Coordinators};
use crate::exit::{Exit, Stop};
use crate::settings::client::Settings;
use crate::submission::Jobs;

/// Names that a message lists.
const NAMES_MAX: usize = 10;

/// Somebody who asks.
pub(crate) struct Client {
    coordinators: Coordinators,
    bearer: Bearer,
    token_env: String,
    /// The address that is asked first, since it answered last.
    at: usize,
    connected: Option<Jobs>,
}

/// A worker's door knows nothing of what people ask, nor does an older coordinator.
const NOT_THIS_DOOR: &str = ": ask the address under [jobs] in the coordinator's settings, not the one \
under [workers], and use the same iago on both sides";

/// Why there is no answer.
enum Trouble {
    /// Another coordinator may have one.
    Away(Away),
    /// This is the answer.
    Refused(Status),
}

impl Client {
    /// Reads the settings; nothing is reached yet.
    pub(crate) fn new(args: &ClientArgs) -> Result<Self, Stop> {
        let settings = Settings::load(args.config.as_deref(), args.coordinator.as_deref())?;
        let token = settings.token();
        let bearer = Bearer::new(token.as_ref())?;
        let coordinators = Coordinators::new(&settings.coordinators, &settings.ca, token)?;
        let token_env = settings.token_env;
        Ok(Self { coordinators, bearer, token_env, at: 0, connected: None })
    }

    /// Asks each coordinator in turn until one has an answer. What is asked may have been done
    /// although no answer came: everything that is asked can be asked twice.
    pub(crate) async fn ask<T>(
        &mut self,
        call: impl AsyncFn(Jobs) -> Result<Response<T>, Status>,
    ) -> Result<T, Stop> {
        let mut tried = Vec::new();
        for _ in 0..self.coordinators.count() {
            match self.ask_once(&call).await {
                Ok(answer) => return Ok(answer),
                Err(Trouble::Refused(status)) => return Err(self.refused(&status)),
                Err(Trouble::Away(away)) => tried.push(format!("{}: {}", away.url, away.why)),
            }
            self.at += 1;
            self.connected = None;
        }
        let message = format!(
            "no coordinator answers ({}): start one, or correct `coordinators` in the settings",
            tried.join("; ")
        );
        Err(Stop::new(Exit::Unreachable, message))
    }

    async fn ask_once<T>(
        &mut self,
        call: &impl AsyncFn(Jobs) -> Result<Response<T>, Status>,
    ) -> Result<T, Trouble> {
        let jobs = match &self.connected {
            Some(jobs) => jobs.clone(),
            None => self.connect().await.map_err(Trouble::Away)?,
        };
        match call(jobs).await {
            Ok(answer) => Ok(answer.into_inner()),
            Err(status) if is_away(status.code()) => {
                let url = self.coordinators.url(self.at).to_owned();
                // What broke below, and not what a coordinator said.
                let broke = std::error::Error::source(&status).is_some();
                let tls = broke && url.starts_with("http://");
                let hint =
                    if tls { "; if it listens with TLS, its address is https://" } else { "" };
                Err(Trouble::Away(Away { url, why: format!("{}{hint}", said(&status)) }))
            }
            Err(status) => Err(Trouble::Refused(status)),
        }
    }

    async fn connect(&mut self) -> Result<Jobs, Away> {
        let channel = self.coordinators.connect(self.at).await?;
        let jobs = JobsClient::with_interceptor(channel, self.bearer.clone())
            .max_decoding_message_size(MESSAGE_BYTES_MAX);
        self.connected = Some(jobs.clone());
        Ok(jobs)
    }

    /// An answer that no other coordinator would give otherwise, in words with a way out.
    pub(crate) fn refused(&self, status: &Status) -> Stop {
        let code = status.code();
        let way_out = match code {
            Code::Unauthenticated | Code::PermissionDenied => {
                format!(" (the token is taken from the variable {})", self.token_env)
            }
            Code::Unimplemented => NOT_THIS_DOOR.to_owned(),
            Code::Ok
            | Code::Cancelled
            | Code::Unknown
            | Code::InvalidArgument
            | Code::DeadlineExceeded
            | Code::NotFound
            | Code::AlreadyExists
            | Code::ResourceExhausted
            | Code::FailedPrecondition
            | Code::Aborted
            | Code::OutOfRange
            | Code::Internal
            | Code::Unavailable
            | Code::DataLoss => String::new(),
        };
        Stop::new(exit_of(code), format!("{}{way_out}", said(status)))
    }

    /// The number of a sweep that was named by number or by name.
    pub(crate) async fn find(&mut self, sweep: &str) -> Result<i64, Stop> {
        if let Ok(number) = sweep.strip_prefix('s').unwrap_or(sweep).parse() {
            return Ok(number);
        }
        let sweeps = self.list().await?;
        if let Some(newest) = sweeps.iter().find(|told| told.name == sweep) {
            return Ok(newest.sweep);
        }
        Err(Stop::new(Exit::NoInput, no_such_name(sweep, &sweeps)))
    }

    /// Every sweep, the newest first.
    pub(crate) async fn list(&mut self) -> Result<Vec<Told>, Stop> {
        let listed = self.ask(async |mut jobs: Jobs| jobs.list(ListRequest {}).await).await?;
        Ok(listed.sweeps)
    }
}

fn no_such_name(sweep: &str, sweeps: &[Told]) -> String {
    let mut names: Vec<&str> = sweeps.iter().map(|told| told.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let more = if names.len() > NAMES_MAX { ", ..." } else { "" };
    names.truncate(NAMES_MAX);
    let known = match names.as_slice() {
        [] => "there are none yet".to_owned(),
        names => format!("there are: {}{more}", names.join(", ")),
    };
    format!("there is no sweep named `{sweep}`; {known}")
}

fn said(status: &Status) -> String {
    match status.message() {
        "" => status.code().to_string(),
        message => message.to_owned(),
    }
}

/// Whether the coordinator is away, stands by, or broke off; another one may answer. Ours never says
/// any of the others itself: they tell of a connection that broke.
pub(crate) fn is_away(code: Code) -> bool {
    match code {
        Code::Unavailable
        | Code::Unknown
        | Code::Cancelled
        | Code::DeadlineExceeded
        | Code::Internal
        | Code::Aborted => true,
        Code::Ok
        | Code::InvalidArgument
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::FailedPrecondition
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::DataLoss
        | Code::Unauthenticated => false,
    }
}

/// How a command ends that was refused.
pub(crate) fn exit_of(code: Code) -> Exit {
    match code {
        Code::Ok => Exit::Done,
        Code::Unauthenticated | Code::PermissionDenied => Exit::Credential,
        Code::NotFound => Exit::NoInput,
        Code::InvalidArgument | Code::ResourceExhausted | Code::OutOfRange => Exit::BadSweep,
        Code::FailedPrecondition => Exit::Incomplete,
        Code::AlreadyExists => Exit::InUse,
        Code::Unimplemented => Exit::Config,
        Code::Unavailable | Code::DeadlineExceeded => Exit::Unreachable,
        Code::Unknown | Code::Cancelled | Code::Internal | Code::Aborted | Code::DataLoss => {
            Exit::Io
        }
    }
}
