//! Tables that fit a terminal, however narrow, and never lose a digit to it.

use crate::plain::plain_line;
use crate::wrap::wrap_hard;

/// Columns between two cells.
const GAP: usize = 2;
/// Text that is broken into lines has so many columns at least.
const TEXT_MIN: usize = 16;
/// A word of so many columns at most is never broken in a table: numbers, prices and names are shorter.
const WORD_MAX: usize = 24;

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

    /// All of the table in at most `width` columns: the widest cells are broken into lines, and where that
    /// is not enough each row goes on below its headings.
    pub(crate) fn shown(&self, width: usize) -> String {
        match self.widths(width) {
            Some(widths) => self.rows.iter().map(|row| side_by_side(row, &widths)).collect(),
            None => self.stacked(width),
        }
    }

    /// The widths of columns that have room side by side, if they can have.
    fn widths(&self, width: usize) -> Option<Vec<usize>> {
        let columns = self.rows.first().map_or(0, Vec::len);
        let mut widths: Vec<usize> =
            (0..columns).map(|column| self.widest(column, |cell| cell.chars().count())).collect();
        let least: Vec<usize> = (0..columns)
            .map(|column| self.widest(column, least_width).min(widths[column]))
            .collect();
        let gaps = GAP * (columns.max(1) - 1);
        while widths.iter().sum::<usize>() + gaps > width {
            let over = widths.iter().sum::<usize>() + gaps - width;
            let can_give = (0..columns).filter(|&column| widths[column] > least[column]);
            let widest = can_give.max_by_key(|&column| widths[column])?;
            widths[widest] = widths[widest].saturating_sub(over).max(least[widest]);
        }
        Some(widths)
    }

    fn widest(&self, column: usize, of: impl Fn(&str) -> usize) -> usize {
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| of(cell)).max().unwrap_or(0)
    }

    /// Each row as lines of heading and cell.
    fn stacked(&self, width: usize) -> String {
        let Some((headings, rows)) = self.rows.split_first() else { return String::new() };
        let label = headings.iter().map(|heading| heading.chars().count()).max().unwrap_or(0);
        // Where not even the headings have room, cells stand alone.
        let label = if label + GAP + TEXT_MIN <= width { label } else { 0 };
        let rows = rows.iter().map(|row| {
            let cells = headings.iter().zip(row).filter(|(_, cell)| !cell.is_empty());
            cells.map(|(heading, cell)| beneath(heading, cell, label, width)).collect()
        });
        rows.collect::<Vec<String>>().join("\n")
    }
}

/// Columns without which a cell would be broken within a word.
fn least_width(cell: &str) -> usize {
    let words = cell.split(' ').map(|word| word.chars().count());
    let longest = words.max().unwrap_or(0).min(WORD_MAX);
    longest.max(TEXT_MIN.min(cell.chars().count()))
}

fn side_by_side(row: &[String], widths: &[usize]) -> String {
    let cells: Vec<Vec<String>> =
        row.iter().zip(widths).map(|(cell, width)| wrap_hard(cell, *width)).collect();
    let height = cells.iter().map(Vec::len).max().unwrap_or(0);
    let line = |number: usize| {
        let parts = cells
            .iter()
            .zip(widths)
            .map(|(lines, width)| padded(lines.get(number).map_or("", String::as_str), *width));
        let line = parts.collect::<Vec<_>>().join(&" ".repeat(GAP));
        format!("{}\n", line.trim_end())
    };
    (0..height).map(line).collect()
}

/// A cell beside its heading, over as many lines as it needs.
fn beneath(heading: &str, cell: &str, label: usize, width: usize) -> String {
    let indent = if label == 0 { 0 } else { label + GAP };
    let heading = if label == 0 { "" } else { heading };
    let lines = wrap_hard(cell, width.saturating_sub(indent));
    let labels = std::iter::once(heading).chain(std::iter::repeat(""));
    let line = |(label, line): (&str, &String)| format!("{}{line}\n", padded(label, indent));
    labels.zip(&lines).map(line).collect()
}

/// A format's own width has a bound; that of a cell has none.
fn padded(text: &str, width: usize) -> String {
    text.to_owned() + &" ".repeat(width.saturating_sub(text.chars().count()))
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
    fn no_line_is_wider_than_the_terminal_and_nothing_is_lost() {
        let mut table = table();
        table.row(&["1,234,567".into(), "$0.123456 ± $0.000001".into(), "a word ".repeat(30)]);
        for width in 8..120 {
            let shown = table.shown(width);
            let widest = shown.lines().map(|line| line.chars().count()).max().unwrap();
            assert!(widest <= width, "{widest} of {width}:\n{shown}");
            assert_eq!(shown.matches("word").count(), 30, "{shown}");
            let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
            assert_eq!(digits(&shown), 2 + 7 + 14, "{shown}");
        }
    }

    #[test]
    fn the_widest_cells_are_broken_between_words() {
        let mut table = Table::new(&["SWEEP", "NOTE", "CALLS"]);
        table.row(&["12".into(), "extended: a stage that came later".into(), "1,200".into()]);
        let shown = "SWEEP  NOTE               CALLS\n\
                     12     extended: a stage  1,200\n\
                     \x20      that came later\n";
        assert_eq!(table.shown(31), shown);
    }

    #[test]
    fn where_columns_have_no_room_side_by_side_each_row_is_a_list() {
        let mut table = table();
        table.row(&["13".into(), "short".into(), "done".into()]);
        let shown = "SWEEP  12\nNAME   a-rather-long-name-\n       of-a-sweep\nSTATE  running\n\n\
                     SWEEP  13\nNAME   short\nSTATE  done\n";
        assert_eq!(table.shown(26), shown);
    }

    #[test]
    fn in_a_pipe_a_row_is_a_line_however_long() {
        let mut table = Table::new(&["WHAT", "SEEN"]);
        table.row(&["x".into(), "a word ".repeat(20_000)]);
        assert_eq!(table.shown(usize::MAX).lines().count(), 2);
    }

    #[test]
    fn a_cell_is_one_line_of_harmless_text() {
        let mut table = Table::new(&["X"]);
        table.row(&["a\nb\u{1b}[2J".into()]);
        assert_eq!(table.shown(80), "X\na b\\u001b[2J\n");
    }
}
