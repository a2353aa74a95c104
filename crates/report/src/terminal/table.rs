//! Columns that line up, and what happens where they do not all fit.
//!
//! First the columns that only repeat numbers as a picture are left out, then those that the reader can do without. If
//! the rest is still too wide, it goes on below with the same labels.

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
}

/// Between columns of labels, and before any other column.
const LABEL_GAP: usize = 1;
const GAP: usize = 2;
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
        self.choose(width).iter().any(|&column| self.columns[column].role == Role::Picture)
    }

    /// The table as lines, its head first.
    pub(crate) fn lay_out(&self, width: usize) -> Vec<Line> {
        let chosen = self.choose(width);
        let labels: Vec<usize> =
            chosen.iter().copied().filter(|&c| self.columns[c].role == Role::Label).collect();
        let label_widths = self.fit_labels(&labels, width);
        let room = width.saturating_sub(sum_labels(&label_widths));
        let kept: Vec<usize> =
            chosen.into_iter().filter(|column| !labels.contains(column)).collect();
        let labelled: Vec<(usize, usize)> = labels.into_iter().zip(label_widths).collect();
        let mut lines = Vec::new();
        for part in self.split(&kept, room) {
            let mut shown = labelled.clone();
            shown.extend(self.widen(&part, room));
            lines.extend(self.draw(&shown));
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

    /// The columns that are shown: all, or all but pictures, or all that must be.
    fn choose(&self, width: usize) -> Vec<usize> {
        let without = |left_out: &[Role]| -> Vec<usize> {
            (0..self.columns.len())
                .filter(|&column| !left_out.contains(&self.columns[column].role))
                .collect()
        };
        let (all, figures) = (without(&[]), without(&[Role::Picture]));
        if self.least_width(&all) <= width { all } else { figures }
    }

    fn least_width(&self, chosen: &[usize]) -> usize {
        let (labels, rest): (Vec<usize>, Vec<usize>) =
            chosen.iter().partition(|&&column| self.columns[column].role == Role::Label);
        let labels: Vec<usize> =
            labels.iter().map(|&column| self.columns[column].least_width()).collect();
        sum_labels(&labels)
            + rest.iter().map(|&column| GAP + self.columns[column].least_width()).sum::<usize>()
    }

    /// The widths of the labels; where they take too much of the line, the widest give way.
    fn fit_labels(&self, labels: &[usize], width: usize) -> Vec<usize> {
        let mut widths: Vec<usize> =
            labels.iter().map(|&column| self.columns[column].least_width()).collect();
        while sum_labels(&widths) > width / LABELS_SHARE {
            match widths.iter_mut().max() {
                Some(widest) if *widest > 1 => *widest -= 1,
                Some(_) | None => break,
            }
        }
        widths
    }

    /// Columns in parts that each have room; a column wider than any room stands alone.
    fn split(&self, columns: &[usize], room: usize) -> Vec<Vec<usize>> {
        let mut parts: Vec<Vec<usize>> = vec![Vec::new()];
        let mut taken = 0;
        for &column in columns {
            let needed = GAP + self.columns[column].least_width();
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
    fn widen(&self, part: &[usize], room: usize) -> Vec<(usize, usize)> {
        let needed: usize =
            part.iter().map(|&column| GAP + self.columns[column].least_width()).sum();
        let left = room.saturating_sub(needed);
        let widen = |&column: &usize| match &self.columns[column].cells {
            Cells::Texts(_) => (column, self.columns[column].least_width()),
            Cells::Drawn { least, most, .. } => (column, (least + left).min(*most)),
        };
        part.iter().map(widen).collect()
    }

    fn draw(&self, shown: &[(usize, usize)]) -> Vec<Line> {
        let rows = std::iter::once(None).chain((0..self.rows).map(Some));
        let line = |row: Option<usize>| {
            let mut line = String::new();
            for &(column, width) in shown {
                let column = &self.columns[column];
                let gap = if column.role == Role::Label { LABEL_GAP } else { GAP };
                line.push_str(&" ".repeat(if line.is_empty() { 0 } else { gap }));
                line.push_str(&column.draw(row, width));
            }
            Line::new(Tone::Plain, line.trim_end())
        };
        rows.map(line).collect()
    }
}

impl Column<'_> {
    fn least_width(&self) -> usize {
        match &self.cells {
            Cells::Texts(texts) => {
                texts.iter().chain([&self.head]).map(|text| columns(text)).max().unwrap_or(0)
            }
            Cells::Drawn { least, .. } => *least,
        }
    }

    fn draw(&self, row: Option<usize>, width: usize) -> String {
        let text = match (&self.cells, row) {
            (Cells::Drawn { draw, .. }, row) => draw(row, width),
            (Cells::Texts(_), None) => self.head.clone(),
            (Cells::Texts(texts), Some(row)) => texts.get(row).cloned().unwrap_or_default(),
        };
        let text = clip(&text, width);
        let padding = " ".repeat(width.saturating_sub(columns(&text)));
        match self.align {
            Align::Left => text + &padding,
            Align::Right => padding + &text,
        }
    }
}

fn sum_labels(widths: &[usize]) -> usize {
    widths.iter().sum::<usize>() + LABEL_GAP * widths.len().saturating_sub(1)
}
