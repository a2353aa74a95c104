//! Frames are bounded; what is larger travels in parts, so that a heartbeat never waits behind a
//! megabyte of text for longer than one part takes.

use prost::Message;

use crate::convert::WireError;
use crate::wire;

/// The largest frame on the wire, in bytes.
pub const FRAME_BYTES_MAX: usize = 256 * 1024;

/// The largest message that parts may add up to, in bytes: the longest answers, escaped, with room.
pub const MESSAGE_BYTES_MAX: usize = 256 * 1024 * 1024;

/// Room for the tags and lengths around a part's data.
const PART_OVERHEAD: usize = 32;

/// A frame type that can carry a part of itself.
pub trait Wire: Message + Default {
    /// Wraps a part.
    fn of_part(part: wire::Part) -> Self;
    /// The part that this frame is, or the frame itself.
    fn into_part(self) -> Result<wire::Part, Self>;
}

impl Wire for wire::WorkerFrame {
    fn of_part(part: wire::Part) -> Self {
        Self { frame: Some(wire::worker_frame::Frame::Part(part)) }
    }
    fn into_part(self) -> Result<wire::Part, Self> {
        match self.frame {
            Some(wire::worker_frame::Frame::Part(part)) => Ok(part),
            frame => Err(Self { frame }),
        }
    }
}

impl Wire for wire::CoordinatorFrame {
    fn of_part(part: wire::Part) -> Self {
        Self { frame: Some(wire::coordinator_frame::Frame::Part(part)) }
    }
    fn into_part(self) -> Result<wire::Part, Self> {
        match self.frame {
            Some(wire::coordinator_frame::Frame::Part(part)) => Ok(part),
            frame => Err(Self { frame }),
        }
    }
}

/// The frames that carry this one: itself where it is small enough.
pub fn split<W: Wire>(frame: W) -> Vec<W> {
    if frame.encoded_len() <= FRAME_BYTES_MAX {
        return vec![frame];
    }
    let bytes = frame.encode_to_vec();
    let pieces = bytes.chunks(FRAME_BYTES_MAX - PART_OVERHEAD);
    let count = pieces.len();
    pieces
        .enumerate()
        .map(|(n, data)| W::of_part(wire::Part { data: data.to_vec(), last: n + 1 == count }))
        .collect()
}

/// A frame as it goes over the wire, for whoever sends bytes and not frames.
pub fn encode<W: Wire>(frame: &W) -> Vec<u8> {
    frame.encode_to_vec()
}

/// Puts frames together that came in parts.
#[derive(Debug, Default)]
pub struct Assembler {
    pending: Vec<u8>,
}

impl Assembler {
    /// Takes the next frame from the wire; gives a whole one when there is one.
    pub fn take<W: Wire>(&mut self, frame: W) -> Result<Option<W>, WireError> {
        let part = match frame.into_part() {
            Err(whole) => return Ok(Some(whole)),
            Ok(part) => part,
        };
        if self.pending.len() + part.data.len() > MESSAGE_BYTES_MAX {
            return Err(WireError::TooLarge);
        }
        self.pending.extend(part.data);
        if !part.last {
            return Ok(None);
        }
        let whole = W::decode(std::mem::take(&mut self.pending).as_slice());
        whole.map(Some).map_err(WireError::Undecodable)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn blob(bytes: usize) -> wire::CoordinatorFrame {
        let blob = wire::Blob { digest: vec![7; 32], data: vec![42; bytes] };
        wire::CoordinatorFrame { frame: Some(wire::coordinator_frame::Frame::Blob(blob)) }
    }

    #[test]
    fn a_large_frame_arrives_whole_and_no_part_is_over_the_limit() {
        for bytes in [0, 1, FRAME_BYTES_MAX, 3 * FRAME_BYTES_MAX + 17] {
            let frames = split(blob(bytes));
            assert!(frames.iter().all(|frame| frame.encoded_len() <= FRAME_BYTES_MAX));
            let mut assembler = Assembler::default();
            let mut taken: Vec<_> =
                frames.into_iter().map(|frame| assembler.take(frame).unwrap()).collect();
            assert_eq!(taken.pop(), Some(Some(blob(bytes))), "{bytes} bytes");
            assert!(taken.into_iter().all(|earlier| earlier.is_none()));
        }
    }

    #[test]
    fn parts_beyond_the_bound_are_refused() {
        let mut assembler = Assembler { pending: vec![0; MESSAGE_BYTES_MAX] };
        let part = wire::Part { data: vec![0], last: true };
        let refused = assembler.take(wire::WorkerFrame::of_part(part));
        assert!(matches!(refused, Err(WireError::TooLarge)));
    }
}
