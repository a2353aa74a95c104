//! Which call goes wrong, and how.

use crate::settings::Faults;

/// Something that goes wrong with a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    Internal,
    Overloaded,
    Reset,
    Slow,
    Malformed,
    ErrorIn200,
    StreamCut,
    StreamError,
    Stalls,
}

impl Fault {
    /// Lays the shares side by side from 0 upward; `uniform` lies in one of them, or beyond.
    pub(crate) fn draw(faults: &Faults, uniform: f64) -> Option<Self> {
        let mut end = 0.0;
        let shares = [
            (Self::Internal, faults.internal_500),
            (Self::Overloaded, faults.overloaded_529),
            (Self::Reset, faults.reset),
            (Self::Slow, faults.slow),
            (Self::Malformed, faults.malformed),
            (Self::ErrorIn200, faults.error_in_200),
            (Self::StreamCut, faults.stream_cut),
            (Self::StreamError, faults.stream_error),
            (Self::Stalls, faults.stalls),
        ];
        shares.into_iter().find_map(|(fault, share)| {
            end += share;
            (uniform < end).then_some(fault)
        })
    }

    /// Whether only a stream can have it.
    pub(crate) fn is_of_streams(self) -> bool {
        match self {
            Self::StreamCut | Self::StreamError | Self::Stalls => true,
            Self::Internal
            | Self::Overloaded
            | Self::Reset
            | Self::Slow
            | Self::Malformed
            | Self::ErrorIn200 => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_draw_picks_at_most_one_fault_in_a_fixed_order() {
        let faults =
            Faults { internal_500: 0.1, reset: 0.2, error_in_200: 0.1, ..Faults::default() };
        for (uniform, fault) in [
            (0.0, Some(Fault::Internal)),
            (0.099, Some(Fault::Internal)),
            (0.1, Some(Fault::Reset)),
            (0.29, Some(Fault::Reset)),
            (0.31, Some(Fault::ErrorIn200)),
            (0.41, None),
            (0.999, None),
        ] {
            assert_eq!(Fault::draw(&faults, uniform), fault, "{uniform}");
        }
    }
}
