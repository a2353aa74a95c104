//! The labels at the left of a table's rows.

use super::escape::escape;

/// The opening of each row: its tag and its labels. A label that stands above already is drawn faint, and where the
/// first one changes there is a line; both are there in full for who cannot see it.
pub(crate) fn label_rows(rows: &[Vec<&str>]) -> Vec<String> {
    let open = |place: usize| {
        let labels = &rows[place];
        let above = place.checked_sub(1).map(|above| &rows[above]);
        let is_group = above.is_some_and(|above| labels.len() > 1 && above[0] != labels[0]);
        let cells = (0..labels.len()).map(|column| {
            let is_last = column + 1 == labels.len();
            let again =
                !is_last && above.is_some_and(|above| above[..=column] == labels[..=column]);
            let class = if again { " class=\"again\"" } else { "" };
            format!("<th scope=\"row\"{class}>{}</th>", escape(labels[column]))
        });
        let class = if is_group { " class=\"group\"" } else { "" };
        format!("<tr{class}>{}", cells.collect::<String>())
    };
    (0..rows.len()).map(open).collect()
}
