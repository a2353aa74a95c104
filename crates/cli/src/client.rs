//! Asking a coordinator, whoever leads of those that the settings name, or a store itself.

pub(crate) mod baseline;
mod coordinators;
pub(crate) mod export;
pub(crate) mod gate;
pub(crate) mod gold;
pub(crate) mod json;
mod opened;
pub(crate) mod report;
pub(crate) mod schedule;
pub(crate) mod status;
pub(crate) mod steer;
pub(crate) mod submit;
pub(crate) mod transcripts;
pub(crate) mod watch;

use iago_protocol::wire::{ListRequest, Status as Told, SweepRequest};
use tonic::{Code, Response, Status};

use crate::args::{ClientArgs, SourceArgs};
use crate::exit::{Exit, Stop};
use crate::process::Process;
use crate::services::{Nights, Services};
use crate::submission::Jobs;
use coordinators::Led;
pub(crate) use coordinators::START_ONE;
use opened::Opened;

/// Names that a message lists.
const NAMES_MAX: usize = 10;

/// Somebody who asks.
pub(crate) enum Client {
    /// Whoever leads.
    Led(Box<Led>),
    /// A store that nobody has to lead.
    Opened(Box<Opened>),
}

impl Client {
    /// Reads the settings; nothing is reached yet.
    pub(crate) fn new(args: &ClientArgs) -> Result<Self, Stop> {
        Ok(Self::Led(Box::new(Led::new(args)?)))
    }

    /// The same, or opens the store that is named.
    pub(crate) async fn open(args: &SourceArgs) -> Result<Self, Stop> {
        match &args.store {
            Some(store) => Ok(Self::Opened(Box::new(Opened::open(store).await?))),
            None => Self::new(&args.client),
        }
    }

    /// Looks into a store that this process has open.
    pub(crate) async fn look_at(process: &Process, place: String) -> Result<Self, Stop> {
        let services = process.services().await?;
        Ok(Self::Opened(Box::new(Opened { services, place })))
    }

    /// What people call the store, where one was named.
    pub(crate) fn store(&self) -> Option<&str> {
        match self {
            Self::Led(_) => None,
            Self::Opened(opened) => Some(&opened.place),
        }
    }

    /// Asks until there is an answer. What is asked may have been done although no answer came:
    /// everything that is asked can be asked twice.
    pub(crate) async fn ask<T>(
        &mut self,
        call: impl AsyncFn(Jobs) -> Result<Response<T>, Status>,
    ) -> Result<T, Stop> {
        self.ask_through(async |services: Services| call(services.jobs).await).await
    }

    /// The same of what is scheduled and compared.
    pub(crate) async fn ask_nights<T>(
        &mut self,
        call: impl AsyncFn(Nights) -> Result<Response<T>, Status>,
    ) -> Result<T, Stop> {
        self.ask_through(async |services: Services| call(services.nights).await).await
    }

    async fn ask_through<T>(
        &mut self,
        call: impl AsyncFn(Services) -> Result<Response<T>, Status>,
    ) -> Result<T, Stop> {
        match self {
            Self::Led(led) => led.ask(call).await,
            Self::Opened(opened) => match call(opened.services.clone()).await {
                Ok(answer) => Ok(answer.into_inner()),
                Err(status) => Err(stop(&status, "")),
            },
        }
    }

    /// An answer that asking again would not change, in words with a way out.
    pub(crate) fn refused(&self, status: &Status) -> Stop {
        match self {
            Self::Led(led) => led.refused(status),
            Self::Opened(_) => stop(status, ""),
        }
    }

    /// The number of a sweep that was named by number or by name.
    pub(crate) async fn find(&mut self, sweep: &str) -> Result<i64, Stop> {
        if let Some(number) = number_of(sweep) {
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

    /// All about one sweep.
    pub(crate) async fn get(&mut self, sweep: i64) -> Result<Told, Stop> {
        self.ask(async |mut jobs: Jobs| jobs.get(SweepRequest { sweep }).await).await
    }
}

/// The number by which a sweep was named; `None` where it was a name.
pub(crate) fn number_of(sweep: &str) -> Option<i64> {
    sweep.strip_prefix('s').unwrap_or(sweep).parse().ok()
}

fn stop(status: &Status, way_out: &str) -> Stop {
    Stop::new(exit_of(status.code()), format!("{}{way_out}", said(status)))
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
