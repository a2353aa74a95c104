//! Tables that fit a terminal, however narrow.

use crate::plain::plain_line;

/// Columns between two cells.
const GAP: usize = 2;
/// The least that a column may be cut to.
const CELL_MIN: usize = 8;

/// Rows of cells under headings.
pub(crate) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table without rows.
    pub(crate) fn new(headings: &[&str]) -> Self {
        Self { rows: vec![headings.iter().map(|heading| (*heading).to_owned()).collect()] }
    }

    /// Adds a row, of as many cells as there are headings. Cells may hold anybody's text.
    pub(crate) fn row(&mut self, cells: &[String]) {
        self.rows.push(cells.iter().map(|cell| plain_line(cell)).collect());
    }

    /// The table in at most `width` columns: the widest cells are cut, and the last columns are left
    /// out where that is not enough.
    pub(crate) fn shown(&self, width: usize) -> String {
        let widths = self.widths(width);
        self.rows.iter().map(|row| line(row, &widths)).collect()
    }

    fn widths(&self, width: usize) -> Vec<usize> {
        let columns = self.rows.first().map_or(0, Vec::len);
        let widest = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let mut widths: Vec<usize> = (0..columns).map(widest).collect();
        let total =
            |widths: &[usize]| widths.iter().sum::<usize>() + GAP * (widths.len().max(1) - 1);
        while total(&widths) > width {
            let over = total(&widths) - width;
            if let Some(widest) = widths.iter_mut().max().filter(|widest| **widest > CELL_MIN) {
                *widest = widest.saturating_sub(over).max(CELL_MIN);
            } else if widths.len() > 1 {
                widths.pop();
            } else {
                break;
            }
        }
        widths
    }
}

fn line(row: &[String], widths: &[usize]) -> String {
    let cells = row.iter().zip(widths).map(|(cell, width)| {
        let cell = cut(cell, *width);
        format!("{cell:<width$}")
    });
    let line = cells.collect::<Vec<_>>().join(&" ".repeat(GAP));
    format!("{}\n", line.trim_end())
}

/// At most `width` characters, with a sign where some are missing.
fn cut(cell: &str, width: usize) -> String {
    if cell.chars().count() <= width {
        return cell.to_owned();
    }
    cell.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&["SWEEP", "NAME", "STATE"]);
        table.row(&["12".into(), "a-rather-long-name-of-a-sweep".into(), "running".into()]);
        table
    }

    #[test]
    fn a_table_that_fits_is_shown_whole() {
        let shown = "SWEEP  NAME                           STATE\n\
                     12     a-rather-long-name-of-a-sweep  running\n";
        assert_eq!(table().shown(100), shown);
    }

    #[test]
    fn no_line_is_wider_than_the_terminal() {
        for width in 8..60 {
            let shown = table().shown(width);
            let widest = shown.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= width, "{widest} of {width}:\n{shown}");
        }
    }

    #[test]
    fn the_widest_cells_are_cut_first() {
        assert!(
            table().shown(30).contains("12     a-rather-long…  running"),
            "{}",
            table().shown(30)
        );
    }

    #[test]
    fn a_cell_is_one_line_of_harmless_text() {
        let mut table = Table::new(&["X"]);
        table.row(&["a\nb\u{1b}[2J".into()]);
        assert_eq!(table.shown(80), "X\na b\\u001b[2J\n");
    }
}
