//! `iago coordinator`: opens the store and the doors, and leads whenever nobody else does.

mod from_files;

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use iago_coordinator::{
    Clock, Desk, Doors, JobsService, NightsService, PoolSettings, Served, Settings as Told,
    WorkersService, preside,
};
use iago_notify::{PostError, Receivers, deliver_all};
use iago_store::{Access, Nights, Store, StoreError};
use iago_store_postgres::PostgresStore;
use iago_store_sqlite::SqliteStore;
use tokio::task::JoinSet;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;

use crate::args::CoordinatorArgs;
use crate::endpoints;
use crate::exit::{Exit, Stop};
use crate::listen::{Doorway, Policy};
use crate::output::talk;
use crate::process::Process;
use crate::programs;
use crate::settings::coordinator::Settings;
use crate::settings::secret;
use crate::signals::Signals;
use crate::store_url::{StoreUrl, trouble};

/// How long a coordinator that was asked to stop may take to hand the lead over, while its store
/// does not answer.
const STOP_MAX: Duration = Duration::from_secs(10);
/// How long its last words may take to reach those who are connected.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Serves until it is asked to stop.
pub(crate) async fn run(args: CoordinatorArgs) -> Result<Exit, Stop> {
    let settings = Settings::load(args.config.as_deref())?;
    let policy = Policy::of(&settings)?;
    from_files::check(&settings.schedules)?;
    let url = StoreUrl::parse(&settings.store)?;
    let known = settings.endpoints()?;
    let pools = [endpoints::pools(&known), programs::pools(&known)].concat();
    let served = endpoints::coordinated(&known);
    let mut signals = Signals::catch()?;
    let doorway = policy.bind(&settings).await?;
    let post = Post { settings: &settings, pools, served, doorway, url: &url };
    match &url {
        StoreUrl::Postgres(address) => {
            let opened = unless_asked_to_stop(&mut signals, PostgresStore::open(address)).await;
            let Some(store) = opened else { return Ok(Exit::Done) };
            post.serve(store, signals).await
        }
        StoreUrl::Sqlite(path) => {
            let opened = unless_asked_to_stop(&mut signals, SqliteStore::open(path)).await;
            let Some(store) = opened else { return Ok(Exit::Done) };
            post.serve(store, signals).await
        }
    }
}

async fn unless_asked_to_stop<T>(
    signals: &mut Signals,
    work: impl Future<Output = T>,
) -> Option<T> {
    tokio::select! {
        done = work => Some(done),
        () = signals.next() => None,
    }
}

/// Everything that a coordinator is, but for its store.
struct Post<'a> {
    settings: &'a Settings,
    pools: Vec<PoolSettings>,
    served: Vec<Served>,
    doorway: Doorway,
    url: &'a StoreUrl,
}

impl Post<'_> {
    async fn serve<S: Store + Access + Nights>(
        self,
        store: Result<S, StoreError>,
        mut signals: Signals,
    ) -> Result<Exit, Stop> {
        let store = Arc::new(store.map_err(|error| trouble(self.url, &error))?);
        let told = told(self.settings, self.pools, self.served);
        let desk = Desk::default();
        let doors = if self.settings.doors.tokens {
            Doors::locked(Arc::clone(&store))
        } else {
            Doors::unlocked()
        };
        let (people, workers) = self.doorway.addresses()?;
        let mut open = self.doorway.open(
            JobsService::new(desk.clone(), doors.clone(), Arc::clone(&store)),
            NightsService::new(desk.clone(), doors.clone(), Arc::clone(&store)),
            WorkersService::new(desk.clone(), doors),
        )?;
        talk(&format!("listening: people at {people}, workers at {workers}"));
        let stop = CancellationToken::new();
        let mut beside = beside(self.settings, &store, &desk, &stop);
        let mut presiding = Box::pin(preside(store, told, desk, stop.clone()));
        let ended = tokio::select! {
            ended = &mut presiding => ended,
            why = closed(&mut open) => return Err(Stop::new(Exit::Io, why)),
            why = broken(&mut beside) => return Err(Stop::new(Exit::Io, why)),
            () = signals.next() => {
                talk("stopping: handing the lead over; a second signal stops at once");
                stop.cancel();
                match leave(presiding, &mut signals).await {
                    Some(ended) => ended,
                    None => return Err(Stop::new(Exit::Interrupted, STOPPED)),
                }
            }
        };
        sleep(LAST_WORDS).await;
        ended.map(|()| Exit::Done).map_err(|error| trouble(self.url, &error))
    }
}

/// What goes on beside the loop, for as long as this process leads: messages are delivered, and schedules
/// that stand in files are added.
fn beside<S: Store + Access + Nights>(
    settings: &Settings,
    store: &Arc<S>,
    desk: &Desk,
    stop: &CancellationToken,
) -> JoinSet<Result<(), PostError>> {
    let receivers = Receivers::new(settings.webhooks.clone(), secret);
    // What it adds by itself is on record under its own name.
    let own = Doors::unlocked_for(&settings.name);
    let people = Process::for_people(Arc::clone(store), desk.clone(), own);
    let folder = settings.schedules.clone();
    let mut beside = JoinSet::new();
    beside.spawn(deliver_all(Arc::clone(store), desk.terms(), receivers, stop.clone()));
    let terms = desk.terms();
    beside.spawn(async move {
        from_files::keep(folder, people, terms).await;
        Ok(())
    });
    beside
}

/// Waits for something beside the loop to break; what only ends is waited for no longer.
async fn broken(beside: &mut JoinSet<Result<(), PostError>>) -> String {
    while let Some(ended) = beside.join_next().await {
        match ended {
            Ok(Ok(())) => {}
            Ok(Err(error)) => return format!("messages cannot be delivered: {error}"),
            Err(error) => return format!("what goes on beside the loop broke: {error}"),
        }
    }
    std::future::pending().await
}

const STOPPED: &str = "stopped at once: whoever is next leads once this term has run out; nothing \
that was acknowledged is lost";

async fn leave(
    presiding: impl Future<Output = Result<(), StoreError>>,
    signals: &mut Signals,
) -> Option<Result<(), StoreError>> {
    tokio::select! {
        ended = timeout(STOP_MAX, presiding) => ended.ok(),
        () = signals.next() => None,
    }
}

async fn closed(doors: &mut JoinSet<String>) -> String {
    match doors.join_next().await {
        Some(Ok(why)) => format!("a door closed: {why}"),
        Some(Err(_)) | None => "a door closed".to_owned(),
    }
}

fn told(settings: &Settings, pools: Vec<PoolSettings>, served: Vec<Served>) -> Told {
    let Settings { name, workers, leadership, .. } = settings;
    Told {
        holder: format!("{name}, process {}", std::process::id()),
        pools,
        served,
        hold: Duration::from_secs(leadership.hold_s),
        adoption_grace: Duration::from_secs(leadership.adoption_grace_s),
        reconnect_grace: Duration::from_secs(workers.reconnect_grace_s),
        silence_max: Duration::from_secs(workers.silence_max_s),
        resumes: true,
        clock: Clock::Machine,
        waits_for_store: true,
    }
}
