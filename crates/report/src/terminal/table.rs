//! Columns that line up, and what happens where they do not all fit.
//!
//! First heads are broken in two; then the columns that only a wide terminal has are left out, then those that repeat
//! numbers as a picture. If the rest is still too wide, it goes on below with the same labels.

use super::line::{Line, Tone};
use super::width::{clip, columns};
use crate::shown::harmless;

/// A table under construction.
#[derive(Default)]
pub(crate) struct Table<'a> {
    rows: usize,
    columns: Vec<Column<'a>>,
}

struct Column<'a> {
    head: String,
    cells: Cells<'a>,
    align: Align,
    role: Role,
}

enum Cells<'a> {
    Texts(Vec<String>),
    /// Drawn as wide as there is room; `None` is the head.
    Drawn {
        least: usize,
        most: usize,
        draw: Box<dyn Fn(Option<usize>, usize) -> String + 'a>,
    },
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
}

/// What becomes of a column where there is no room.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// Stands at the left of every part.
    Label,
    /// Is shown, if need be below.
    Kept,
    /// Is left out.
    Picture,
    /// Is left out first, and in any terminal that is not wide.
    Extra,
}

/// Whether heads stand on one line or on two.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Heads {
    OneLine,
    TwoLines,
}

/// What is shown of a table.
struct Layout {
    columns: Vec<usize>,
    heads: Heads,
}

/// Between columns of labels, and before any other column.
const LABEL_GAP: usize = 1;
const GAP: usize = 2;
/// A terminal of so many columns is wide.
const WIDE: usize = 120;
/// A head of so many columns is never broken.
const HEAD_SHORT: usize = 8;
/// Labels take at most this share of a line; longer ones are clipped.
const LABELS_SHARE: usize = 2;

impl<'a> Table<'a> {
    pub(crate) fn new(rows: usize) -> Self {
        Self { rows, columns: Vec::new() }
    }

    pub(crate) fn label(self, texts: Vec<String>) -> Self {
        self.push("", Cells::Texts(texts), Align::Left, Role::Label)
    }

    pub(crate) fn left(self, head: &str, texts: Vec<String>) -> Self {
        self.push(head, Cells::Texts(texts), Align::Left, Role::Kept)
    }

    pub(crate) fn right(self, head: &str, texts: Vec<String>) -> Self {
        self.push(head, Cells::Texts(texts), Align::Right, Role::Kept)
    }

    /// Only where the terminal is wide.
    pub(crate) fn extra(self, head: &str, texts: Vec<String>) -> Self {
        self.push(head, Cells::Texts(texts), Align::Right, Role::Extra)
    }

    pub(crate) fn picture(
        self,
        least: usize,
        most: usize,
        draw: impl Fn(Option<usize>, usize) -> String + 'a,
    ) -> Self {
        self.push(
            "",
            Cells::Drawn { least, most, draw: Box::new(draw) },
            Align::Left,
            Role::Picture,
        )
    }

    /// Whether the picture has room.
    pub(crate) fn shows_picture(&self, width: usize) -> bool {
        self.choose(width).columns.iter().any(|&c| self.columns[c].role == Role::Picture)
    }

    /// The table as lines, its head first.
    pub(crate) fn lay_out(&self, width: usize) -> Vec<Line> {
        let Layout { columns, heads } = self.choose(width);
        let (labels, rest): (Vec<usize>, Vec<usize>) =
            columns.iter().partition(|&&column| self.columns[column].role == Role::Label);
        let label_widths = self.fit_labels(&labels, width);
        let room = width.saturating_sub(sum_labels(&label_widths));
        let labelled: Vec<(usize, usize)> = labels.into_iter().zip(label_widths).collect();
        let mut lines = Vec::new();
        for part in self.split(&rest, room, heads) {
            // What goes on below has more room than all of it had.
            let heads = if self.fits(&part, room, heads) { Heads::OneLine } else { heads };
            let mut shown = labelled.clone();
            shown.extend(self.widen(&part, room, heads));
            lines.extend(self.draw(&shown, heads));
        }
        lines
    }

    fn push(mut self, head: &str, cells: Cells<'a>, align: Align, role: Role) -> Self {
        let cells = match cells {
            Cells::Texts(texts) => {
                debug_assert_eq!(
                    texts.len(),
                    self.rows,
                    "the column `{head}` has a text for each row"
                );
                Cells::Texts(texts.iter().map(|text| harmless(text)).collect())
            }
            drawn @ Cells::Drawn { .. } => drawn,
        };
        self.columns.push(Column { head: harmless(head), cells, align, role });
        self
    }

    /// The first of the layouts that fits, from the fullest to the barest; else the barest, in as few parts as it gets.
    fn choose(&self, width: usize) -> Layout {
        let without = |left_out: &[Role]| -> Vec<usize> {
            (0..self.columns.len())
                .filter(|&column| !left_out.contains(&self.columns[column].role))
                .collect()
        };
        let full = if width >= WIDE { without(&[]) } else { without(&[Role::Extra]) };
        for columns in [full, without(&[Role::Extra]), without(&[Role::Extra, Role::Picture])] {
            let is_extra = columns.iter().any(|&column| self.columns[column].role == Role::Extra);
            for heads in [Heads::OneLine, Heads::TwoLines] {
                // Extra columns have long heads, and gaps under them; they are always broken.
                let fits = self.least_width(&columns, heads) <= width;
                if fits && !(is_extra && heads == Heads::OneLine) {
                    return Layout { columns, heads };
                }
            }
        }
        Layout { columns: without(&[Role::Extra, Role::Picture]), heads: Heads::TwoLines }
    }

    /// Whether a part of a table that was split needs no broken heads. A whole table has the heads that were chosen for it.
    fn fits(&self, part: &[usize], room: usize, heads: Heads) -> bool {
        let kept = self.columns.iter().filter(|column| column.role == Role::Kept).count();
        let needed = |column: &usize| GAP + self.columns[*column].least_width(Heads::OneLine);
        heads == Heads::OneLine
            || (part.len() < kept && part.iter().map(needed).sum::<usize>() <= room)
    }

    fn least_width(&self, chosen: &[usize], heads: Heads) -> usize {
        let (labels, rest): (Vec<usize>, Vec<usize>) =
            chosen.iter().partition(|&&column| self.columns[column].role == Role::Label);
        let least = |column: usize| self.columns[column].least_width(heads);
        let labels: Vec<usize> = labels.into_iter().map(least).collect();
        sum_labels(&labels) + rest.into_iter().map(|column| GAP + least(column)).sum::<usize>()
    }

    /// The widths of the labels; where they take too much of the line, the widest give way.
    fn fit_labels(&self, labels: &[usize], width: usize) -> Vec<usize> {
        let mut widths: Vec<usize> =
            labels.iter().map(|&c| self.columns[c].least_width(Heads::OneLine)).collect();
        while sum_labels(&widths) > width / LABELS_SHARE {
            match widths.iter_mut().max() {
                Some(widest) if *widest > 1 => *widest -= 1,
                Some(_) | None => break,
            }
        }
        widths
    }

    /// Columns in parts that each have room; a column wider than any room stands alone.
    fn split(&self, columns: &[usize], room: usize, heads: Heads) -> Vec<Vec<usize>> {
        let mut parts: Vec<Vec<usize>> = vec![Vec::new()];
        let mut taken = 0;
        for &column in columns {
            let needed = GAP + self.columns[column].least_width(heads);
            if taken > 0 && taken + needed > room {
                parts.push(Vec::new());
                taken = 0;
            }
            taken += needed;
            parts.last_mut().expect("it begins with one part").push(column);
        }
        parts
    }

    /// Columns with their widths; pictures take what is left.
    fn widen(&self, part: &[usize], room: usize, heads: Heads) -> Vec<(usize, usize)> {
        let least = |&column: &usize| self.columns[column].least_width(heads);
        let needed: usize = part.iter().map(|column| GAP + least(column)).sum();
        let left = room.saturating_sub(needed);
        let widen = |column: &usize| match &self.columns[*column].cells {
            Cells::Texts(_) => (*column, least(column)),
            Cells::Drawn { least, most, .. } => (*column, (least + left).min(*most)),
        };
        part.iter().map(widen).collect()
    }

    fn draw(&self, shown: &[(usize, usize)], heads: Heads) -> Vec<Line> {
        let is_broken = |&(column, _): &(usize, usize)| {
            matches!(&self.columns[column].cells, Cells::Texts(_))
                && !self.columns[column].break_head()[0].is_empty()
        };
        let above = (heads == Heads::TwoLines && shown.iter().any(is_broken)).then(|| {
            self.draw_line(shown, |column, _| self.columns[column].break_head()[0].clone())
        });
        let head = self.draw_line(shown, |column, width| self.columns[column].head(width, heads));
        let rows = (0..self.rows).map(|row| {
            self.draw_line(shown, |column, width| match &self.columns[column].cells {
                Cells::Drawn { draw, .. } => draw(Some(row), width),
                Cells::Texts(_) if self.repeats(row, column) => String::new(),
                Cells::Texts(texts) => texts.get(row).cloned().unwrap_or_default(),
            })
        });
        above.into_iter().chain([head]).chain(rows).collect()
    }

    fn draw_line(&self, shown: &[(usize, usize)], text: impl Fn(usize, usize) -> String) -> Line {
        let mut line = String::new();
        for (place, &(column, width)) in shown.iter().enumerate() {
            let gap = if self.columns[column].role == Role::Label { LABEL_GAP } else { GAP };
            line.push_str(&" ".repeat(if place == 0 { 0 } else { gap }));
            line.push_str(&self.columns[column].align(&text(column, width), width));
        }
        Line::new(Tone::Plain, line.trim_end())
    }

    /// Whether a label is the same as above it, and so are those before it. The last one always stands.
    fn repeats(&self, row: usize, column: usize) -> bool {
        let labels: Vec<usize> =
            (0..self.columns.len()).filter(|&c| self.columns[c].role == Role::Label).collect();
        let is_above = |&label: &usize| {
            row > 0 && self.columns[label].text(row) == self.columns[label].text(row - 1)
        };
        let is_label = labels.contains(&column) && labels.last() != Some(&column);
        is_label && labels.iter().filter(|&&label| label <= column).all(is_above)
    }
}

impl Column<'_> {
    fn least_width(&self, heads: Heads) -> usize {
        let Cells::Drawn { least, .. } = &self.cells else {
            let head = match heads {
                Heads::OneLine => columns(&self.head),
                Heads::TwoLines => {
                    self.break_head().iter().map(|part| columns(part)).max().unwrap_or(0)
                }
            };
            return head.max(self.widest_text());
        };
        *least
    }

    fn widest_text(&self) -> usize {
        match &self.cells {
            Cells::Texts(texts) => texts.iter().map(|text| columns(text)).max().unwrap_or(0),
            Cells::Drawn { least, .. } => *least,
        }
    }

    /// The head on two lines: broken at the first place where both have room above the texts, else where both are
    /// shortest. Whole where it is short or has room itself.
    fn break_head(&self) -> [String; 2] {
        let whole = [String::new(), self.head.clone()];
        let room = self.widest_text().max(HEAD_SHORT);
        if columns(&self.head) <= room {
            return whole;
        }
        let breaks = self.head.match_indices(' ').map(|(at, _)| {
            let (above, below) = self.head.split_at(at);
            [above.trim().to_owned(), below.trim().to_owned()]
        });
        let width = |parts: &[String; 2]| parts.iter().map(|part| columns(part)).max().unwrap_or(0);
        let closest = |best: [String; 2], parts: [String; 2]| {
            if width(&parts).max(room) < width(&best).max(room) { parts } else { best }
        };
        breaks.fold(whole, closest)
    }

    /// The lower line of the head.
    fn head(&self, width: usize, heads: Heads) -> String {
        match (&self.cells, heads) {
            (Cells::Drawn { draw, .. }, _) => draw(None, width),
            (Cells::Texts(_), Heads::OneLine) => self.head.clone(),
            (Cells::Texts(_), Heads::TwoLines) => {
                let [_, below] = self.break_head();
                below
            }
        }
    }

    fn align(&self, text: &str, width: usize) -> String {
        let text = clip(text, width);
        let padding = " ".repeat(width.saturating_sub(columns(&text)));
        match self.align {
            Align::Left => text + &padding,
            Align::Right => padding + &text,
        }
    }

    fn text(&self, row: usize) -> Option<&str> {
        match &self.cells {
            Cells::Texts(texts) => texts.get(row).map(String::as_str),
            Cells::Drawn { .. } => None,
        }
    }
}

fn sum_labels(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + LABEL_GAP * widths.len().saturating_sub(1)
}
