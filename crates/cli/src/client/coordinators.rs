//! The coordinators that the settings name: one of them leads, and is asked.

use tonic::{Code, Response, Status};

use super::{is_away, said, stop};
use crate::args::ClientArgs;
use crate::dial::{Away, Bearer, Coordinators};
use crate::exit::{Exit, Stop};
use crate::services::Services;
use crate::settings::client::Settings;

/// Somebody who asks whoever leads.
pub(crate) struct Led {
    coordinators: Coordinators,
    bearer: Bearer,
    token_env: String,
    /// The address that is asked first, since it answered last.
    at: usize,
    connected: Option<Services>,
}

/// What to do where none answers.
pub(crate) const START_ONE: &str = ": start one, or correct `coordinators` in the settings";

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

impl Led {
    pub(super) fn new(args: &ClientArgs) -> Result<Self, Stop> {
        let settings = Settings::load(args.config.as_deref(), args.coordinator.as_deref())?;
        let token = settings.token();
        let bearer = Bearer::new(token.as_ref())?;
        let coordinators = Coordinators::new(&settings.coordinators, &settings.ca, token)?;
        let token_env = settings.token_env;
        Ok(Self { coordinators, bearer, token_env, at: 0, connected: None })
    }

    /// Asks each coordinator in turn until one has an answer.
    pub(super) async fn ask<T>(
        &mut self,
        call: impl AsyncFn(Services) -> Result<Response<T>, Status>,
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
        let message = format!("no coordinator answers ({}){START_ONE}", tried.join("; "));
        Err(Stop::new(Exit::Unreachable, message))
    }

    async fn ask_once<T>(
        &mut self,
        call: &impl AsyncFn(Services) -> Result<Response<T>, Status>,
    ) -> Result<T, Trouble> {
        let services = match &self.connected {
            Some(services) => services.clone(),
            None => self.connect().await.map_err(Trouble::Away)?,
        };
        match call(services).await {
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

    async fn connect(&mut self) -> Result<Services, Away> {
        let channel = self.coordinators.connect(self.at).await?;
        let services = Services::new(channel, self.bearer.clone());
        self.connected = Some(services.clone());
        Ok(services)
    }

    /// An answer that no other coordinator would give otherwise, in words with a way out.
    pub(super) fn refused(&self, status: &Status) -> Stop {
        let way_out = match status.code() {
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
        stop(status, &way_out)
    }
}
