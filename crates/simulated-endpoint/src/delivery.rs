//! How a body is sent.

use std::time::Duration;

/// How to send a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery {
    Whole,
    /// The head at once, and the body after this time.
    Late(Duration),
    /// Not at all: the connection breaks.
    Reset,
    /// Piece by piece.
    Pieces(Pieces),
}

/// A stream of events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pieces {
    /// Where in the body each event or comment ends.
    pub ends: Vec<usize>,
    pub mishap: Option<Mishap>,
}

/// What goes wrong with a stream on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mishap {
    /// The connection breaks after the last piece.
    Breaks,
    /// After so many pieces there are only signs of life for a while, and then the rest.
    Stalls { after: usize, lasts: Duration, sign_of_life: &'static [u8] },
}

impl Pieces {
    /// A body of these events.
    pub(crate) fn join(events: &[Vec<u8>], mishap: Option<Mishap>) -> (Vec<u8>, Self) {
        let mut end = 0;
        let ends = events.iter().map(|event| {
            end += event.len();
            end
        });
        (events.concat(), Self { ends: ends.collect(), mishap })
    }
}
