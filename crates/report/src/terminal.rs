//! The report as text: what was measured, whether to believe it, what changed, and where to look next.

mod cells;
mod contrasts;
mod controls;
mod course;
mod footnotes;
mod header;
mod judge_error;
mod line;
mod measures;
mod missing;
mod scale;
mod sides;
mod table;
mod width;

pub(crate) use footnotes::Footnotes;
use line::paint;
pub(crate) use missing::name_abstained;
pub(crate) use scale::Scale;

use crate::report::Report;

/// Narrower than this nothing is laid out; lines are longer than asked for.
const WIDTH_MIN: usize = 40;

impl Report {
    /// The report as text of so many columns, with escape sequences for colour or without. Nothing is said by colour
    /// alone.
    ///
    /// It is made for 80 columns and stays within 60. Wider, it draws bars and intervals, and from 120 columns on it also
    /// has the numbers as papers print them; narrower, tables that do not fit go on below themselves, so that no number
    /// of ours is ever left out.
    pub fn terminal(&self, width: usize, color: bool) -> String {
        let width = width.max(WIDTH_MIN);
        let mut lines = header::describe(self, width);
        lines.extend(cells::describe(self, width));
        for contrast in &self.contrasts {
            lines.extend(contrasts::describe(self, contrast, width));
        }
        lines.extend(measures::describe(self, width));
        lines.extend(judge_error::describe(self, width));
        lines.extend(missing::describe(self, width));
        lines.extend(course::describe(self, width));
        paint(&lines, color)
    }

    /// Marks the heading of a table or figure that touches a planted result.
    pub(crate) fn mark(&self, simulated: bool) -> &'static str {
        match (simulated, self.simulated.all()) {
            (false, _) => "",
            (true, true) => "SIMULATED  ",
            (true, false) => "SIMULATED in part  ",
        }
    }

    /// The number of the measure that stands beside the outcomes: the first primary contrast's, or the first.
    pub(crate) fn headline(&self) -> Option<usize> {
        let primary = self.contrasts.iter().find(|contrast| contrast.primary);
        let contrast = primary.or(self.contrasts.first());
        let named = contrast.and_then(|contrast| {
            self.definitions.measures.iter().position(|measure| measure.name == contrast.measure)
        });
        named.or((!self.definitions.measures.is_empty()).then_some(0))
    }
}
