//! The axis that all intervals of a contrast share, and what is drawn along it.

use crate::report::{Contrast, GapEstimate, Kind};

/// From one end to the other, in the unit of the differences.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scale {
    pub(crate) low: f64,
    pub(crate) high: f64,
}

impl Scale {
    /// From the lowest to the highest end of any interval, with zero on it.
    pub(crate) fn of(contrast: &Contrast) -> Self {
        Self::spanning(contrast.known().flat_map(|gap| <[f64; 2]>::from(gap.reach())))
    }

    /// From the lowest to the highest of these values, with zero on it.
    pub(crate) fn spanning(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) =
            values.fold((0.0f64, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
        // With no interval, or none of any width, there is still an axis.
        if high - low > 0.0 { Self { low, high } } else { Self { low: -0.01, high: 0.01 } }
    }

    /// Where a value lies on the axis, from 0 to 1.
    pub(crate) fn place(self, value: f64) -> f64 {
        ((value - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of at most one of a width"
    )]
    fn column(self, value: f64, width: usize) -> usize {
        (self.place(value) * (width.saturating_sub(1)) as f64).round() as usize
    }

    /// The difference as a dot with its interval as whiskers.
    pub(crate) fn plot(self, gap: &GapEstimate, width: usize) -> String {
        let mut drawn = vec!['·'; width];
        let zero = self.column(0.0, width);
        if let Some(interval) = &gap.interval {
            let (low, high) = (self.column(interval.low, width), self.column(interval.high, width));
            drawn[low..=high].fill('─');
            (drawn[low], drawn[high]) = ('├', '┤');
        }
        drawn[zero] = if drawn[zero] == '·' { '|' } else { '┼' };
        drawn[self.column(gap.value, width)] = '●';
        drawn.into_iter().collect()
    }

    /// The ends of the axis, and where zero is.
    pub(crate) fn describe(self, kind: Kind, width: usize) -> String {
        let (low, high) = (kind.show(self.low), kind.show(self.high));
        let mut drawn: Vec<char> = vec![' '; width];
        let mut write = |at: usize, text: &str| {
            let free = text.len() + at <= width
                && drawn[at.saturating_sub(1)..at + text.len()].iter().all(|c| *c == ' ');
            if free {
                drawn.splice(at..at + text.len(), text.chars());
            }
        };
        write(0, &low);
        write(width.saturating_sub(high.len()), &high);
        write(self.column(0.0, width), "0");
        drawn.into_iter().collect()
    }
}
