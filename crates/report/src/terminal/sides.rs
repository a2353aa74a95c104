//! What was counted on the sides of a difference.

use crate::report::{Contrast, Gap, Kind, Side};
use crate::shown::{fraction, thousands};

/// Both sides of a difference, `from` first; or the word for why they are not told.
type Sides = Result<(Side, Side), &'static str>;

impl Contrast {
    /// The counts of both sides of each estimate, one column for a difference and two for one of differences.
    pub(crate) fn sides(&self) -> Vec<(String, Vec<String>)> {
        let gaps = || self.estimates.iter().map(|estimate| &estimate.gap);
        let minuend = subtract(&gaps().map(Gap::minuend).collect::<Vec<_>>());
        let head = format!("{} - {}", self.to, self.from);
        let Some(minus) = &self.minus else { return vec![(head, minuend)] };
        let subtrahend = subtract(&gaps().map(Gap::subtrahend).collect::<Vec<_>>());
        vec![
            (format!("{}: {head}", minus.to), minuend),
            (format!("{}: {head}", minus.from), subtrahend),
        ]
    }
}

impl Gap {
    fn minuend(&self) -> Sides {
        match self {
            Self::NotAsked => Err("not asked"),
            Self::Refused { .. } => Err("refused"),
            Self::Unpaired { from, to } => Ok((*from, *to)),
            Self::Known(gap) => Ok((gap.from, gap.to)),
        }
    }

    fn subtrahend(&self) -> Sides {
        match self {
            Self::NotAsked => Err("not asked"),
            Self::Refused { .. } => Err("refused"),
            Self::Unpaired { .. } => Err("unpaired"),
            Self::Known(gap) => gap.subtrahend.ok_or("not asked"),
        }
    }
}

/// `to - from` as counts, lined up.
fn subtract(sides: &[Sides]) -> Vec<String> {
    let width = |side: fn(&(Side, Side)) -> Side| {
        sides.iter().flatten().map(|pair| side(pair).describe().len()).max().unwrap_or(0)
    };
    let (from_width, to_width) = (width(|pair| pair.0), width(|pair| pair.1));
    let show = |sides: &Sides| match sides {
        Err(word) => (*word).to_owned(),
        Ok((from, to)) => {
            format!("{:>to_width$} - {:>from_width$}", to.describe(), from.describe())
        }
    };
    sides.iter().map(show).collect()
}

impl Side {
    /// `12/80` of a rate, `412 (n 80)` of a mean.
    fn describe(self) -> String {
        match self {
            Self::Count(count) => fraction(count),
            Self::Mean(side) => {
                let mean = side.mean.map_or_else(|| "-".to_owned(), |mean| Kind::Mean.show(mean));
                format!("{mean} (n {})", thousands(side.of))
            }
        }
    }
}
