//! Where the services of a process find whoever leads.

use std::sync::Arc;

use tokio::sync::{oneshot, watch};
use tonic::Status;

use crate::inbox::{Board, Handle, Message, Reply};

/// Where the services of a process find whoever leads. Listeners outlive terms: while another
/// process leads, callers are told so, and try the next address.
#[derive(Clone, Debug)]
pub struct Desk {
    seat: Arc<watch::Sender<Seat>>,
    terms: Arc<watch::Sender<Option<u64>>>,
}

#[derive(Debug)]
enum Seat {
    /// This process has not come to lead yet, or is going.
    Empty(&'static str),
    /// Another process leads.
    Elsewhere(String),
    /// The loop that leads, in this process.
    Here(Handle),
    /// Nobody leads, and nobody has to: the store is only looked at.
    Nobody,
}

impl Default for Desk {
    fn default() -> Self {
        let seat = watch::channel(Seat::Empty("this coordinator is starting")).0;
        Self { seat: Arc::new(seat), terms: Arc::new(watch::channel(None).0) }
    }
}

impl Desk {
    /// For a store that is looked at while nobody works on it, or somebody elsewhere does.
    pub fn of_reader() -> Self {
        let desk = Self::default();
        desk.sit(Seat::Nobody, None);
        desk
    }

    /// The loop behind this handle leads.
    pub fn open(&self, handle: Handle) {
        let term = handle.term;
        self.sit(Seat::Here(handle), Some(term));
    }

    /// Nobody here leads, and nobody else is known to.
    pub(crate) fn close(&self, why: &'static str) {
        self.sit(Seat::Empty(why), None);
    }

    /// Another process leads.
    pub(crate) fn stand_by(&self, leader: String) {
        self.sit(Seat::Elsewhere(leader), None);
    }

    fn sit(&self, seat: Seat, term: Option<u64>) {
        self.seat.send_replace(seat);
        self.terms.send_replace(term);
    }

    /// The term in which this process leads, while it does.
    pub fn terms(&self) -> watch::Receiver<Option<u64>> {
        self.terms.subscribe()
    }

    /// How the sweeps go that are at work here, or where to ask instead.
    pub(crate) fn board(&self) -> Result<Board, Status> {
        if matches!(*self.seat.borrow(), Seat::Nobody) {
            return Ok(Board::default());
        }
        Ok(self.handle()?.board.borrow().clone())
    }

    /// Asks the loop that leads for something.
    pub(crate) async fn ask<T>(
        &self,
        message: impl FnOnce(Reply<T>) -> Message,
    ) -> Result<T, Status> {
        let stopping = || Status::unavailable("the coordinator is stopping");
        let (reply, replied) = oneshot::channel();
        let told = self.handle()?.inbox.send(message(reply)).await;
        told.map_err(|_closed| stopping())?;
        replied.await.map_err(|_closed| stopping())?
    }

    /// The loop that leads, or where to ask instead.
    pub(crate) fn handle(&self) -> Result<Handle, Status> {
        match &*self.seat.borrow() {
            Seat::Here(handle) => Ok(handle.clone()),
            Seat::Empty(why) => Err(Status::unavailable(*why)),
            Seat::Elsewhere(leader) => {
                let words = format!("this coordinator stands by: {leader} leads");
                Err(Status::unavailable(words))
            }
            Seat::Nobody => Err(Status::failed_precondition(
                "this store is only looked at: ask its coordinator, or run the sweep",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use tonic::Code;

    use super::*;

    #[test]
    fn whoever_only_looks_sees_nobody_at_work_and_leads_nobody() {
        let desk = Desk::of_reader();
        assert!(desk.board().expect("there is one").is_empty());
        assert_eq!(desk.handle().map(drop).unwrap_err().code(), Code::FailedPrecondition);
    }

    #[test]
    fn a_coordinator_that_does_not_lead_sends_people_on() {
        let desk = Desk::default();
        assert_eq!(desk.board().map(drop).unwrap_err().code(), Code::Unavailable);
        desk.stand_by("another".to_owned());
        let status = desk.board().map(drop).unwrap_err();
        assert_eq!(
            (status.code(), status.message().contains("another leads")),
            (Code::Unavailable, true)
        );
    }
}
