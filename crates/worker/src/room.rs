//! Whether there is room for what calls bring: while results cannot be delivered, no call starts.

use tokio::sync::watch;

/// Opened and closed by whoever sees the spool.
#[derive(Debug)]
pub(crate) struct Room(watch::Sender<bool>);

/// Seen by those who want to call.
#[derive(Clone, Debug)]
pub(crate) struct RoomView(watch::Receiver<bool>);

impl Room {
    pub(crate) fn new() -> Self {
        Self(watch::Sender::new(true))
    }

    /// True if that is a change.
    pub(crate) fn open(&self, open: bool) -> bool {
        self.0.send_if_modified(|is_open| std::mem::replace(is_open, open) != open)
    }

    pub(crate) fn is_open(&self) -> bool {
        *self.0.borrow()
    }

    pub(crate) fn view(&self) -> RoomView {
        RoomView(self.0.subscribe())
    }
}

impl RoomView {
    pub(crate) fn is_open(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until there is room. Where nobody is left to say so, for ever.
    pub(crate) async fn wait(&self) {
        if self.0.clone().wait_for(|open| *open).await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}
