//! How the system asks a process to end.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::exit::{Exit, Stop};

/// SIGINT, which is Ctrl-C, and SIGTERM, which is what services are stopped with.
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
}

impl Signals {
    /// Catches both from now on.
    pub(crate) fn catch() -> Result<Self, Stop> {
        Ok(Self { interrupt: interrupt()?, terminate: catch(SignalKind::terminate())? })
    }

    /// Waits for the next one.
    pub(crate) async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }
}

/// SIGINT alone.
pub(crate) fn interrupt() -> Result<Signal, Stop> {
    catch(SignalKind::interrupt())
}

fn catch(kind: SignalKind) -> Result<Signal, Stop> {
    signal(kind)
        .map_err(|error| Stop::new(Exit::Io, format!("signals cannot be caught here: {error}")))
}
