//! A coordinator's life: stand by, lead, be deposed, stand by again.

use std::sync::Arc;

use iago_store::{Access, Act, Nights, Store, StoreError};
use tokio::time::{Duration, sleep};
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::desk::Desk;
use crate::driver::{Driver, Halt, lead};
use crate::inbox::Handle;
use crate::settings::Settings;

/// How often somebody who stands by looks whether the term has ended.
const POLL: Duration = Duration::from_millis(200);
/// How often a store that is out of reach is tried again.
const RETRY: Duration = Duration::from_secs(1);

/// Leads whenever nobody else does, until `stop`; then hands the lead over at once.
///
/// # Errors
///
/// What a person must mend in the store. One that is only out of reach is waited for.
pub async fn preside<S: Store + Access + Nights>(
    store: Arc<S>,
    settings: Settings,
    desk: Desk,
    stop: CancellationToken,
) -> Result<(), StoreError> {
    loop {
        let lead = tokio::select! {
            lead = stand_by(&store, &settings, &desk) => Some(lead?),
            () = stop.cancelled() => None,
        };
        let Some((handle, driver)) = lead else { return Ok(()) };
        let term = driver.term;
        desk.open(handle);
        info!(term, holder = settings.holder, "leading");
        note(&*store, &settings.holder, Act::Lead, term).await;
        let halt = Box::pin(driver.run_until(stop.clone())).await;
        desk.close("this coordinator has stopped leading");
        match halt {
            Halt::Stopped => {
                store.resign(term).await?;
                info!(term, "resigned");
                note(&*store, &settings.holder, Act::Resign, term).await;
                return Ok(());
            }
            Halt::Deposed => warn!(term, "another coordinator leads: standing by"),
            Halt::Broken(error @ StoreError::Unavailable { .. }) => {
                warn!(term, %error, "the store is out of reach: standing by");
                sleep(RETRY).await;
            }
            Halt::Broken(error) => return Err(error),
        }
    }
}

async fn stand_by<S: Store + Nights>(
    store: &Arc<S>,
    settings: &Settings,
    desk: &Desk,
) -> Result<(Handle, Driver<S>), StoreError> {
    let mut led_by = String::new();
    loop {
        match lead(Arc::clone(store), settings.clone()).await {
            Ok(led) => return Ok(led),
            Err(StoreError::Led { holder, .. }) => {
                if led_by != holder {
                    info!(leader = holder, "standing by");
                    desk.stand_by(holder.clone());
                    led_by = holder;
                }
                sleep(POLL).await;
            }
            Err(error @ (StoreError::Unavailable { .. } | StoreError::Full { .. })) => {
                warn!(%error, "the store is out of reach");
                desk.close("the store of this coordinator is out of reach");
                sleep(RETRY).await;
            }
            Err(error) => return Err(error),
        }
    }
}

/// The record of who led is for people; leading does not hang on it.
async fn note(store: &impl Access, who: &str, act: Act, term: u64) {
    if let Err(error) = store.note(who, act, None, &format!("term {term}")).await {
        warn!(%error, "the audit could not be written");
    }
}
