//! Where the services of a process find whoever leads.

use std::sync::Arc;

use tokio::sync::watch;
use tonic::Status;

use crate::inbox::Handle;

/// Where the services of a process find whoever leads. Listeners outlive terms: while another
/// process leads, callers are told so, and try the next address.
#[derive(Clone, Debug)]
pub struct Desk(Arc<watch::Sender<Seat>>);

#[derive(Debug)]
enum Seat {
    /// This process has not come to lead yet, or is going.
    Empty(&'static str),
    /// Another process leads.
    Elsewhere(String),
    /// The loop that leads, in this process.
    Here(Handle),
}

impl Default for Desk {
    fn default() -> Self {
        Self(Arc::new(watch::channel(Seat::Empty("this coordinator is starting")).0))
    }
}

impl Desk {
    /// The loop behind this handle leads.
    pub fn open(&self, handle: Handle) {
        self.0.send_replace(Seat::Here(handle));
    }

    /// Nobody here leads, and nobody else is known to.
    pub(crate) fn close(&self, why: &'static str) {
        self.0.send_replace(Seat::Empty(why));
    }

    /// Another process leads.
    pub(crate) fn stand_by(&self, leader: String) {
        self.0.send_replace(Seat::Elsewhere(leader));
    }

    /// The loop that leads, or where to ask instead.
    pub(crate) fn handle(&self) -> Result<Handle, Status> {
        match &*self.0.borrow() {
            Seat::Here(handle) => Ok(handle.clone()),
            Seat::Empty(why) => Err(Status::unavailable(*why)),
            Seat::Elsewhere(leader) => {
                let words = format!("this coordinator stands by: {leader} leads");
                Err(Status::unavailable(words))
            }
        }
    }
}
