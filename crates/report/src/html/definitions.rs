//! What the numbers are numbers of.

use super::escape::escape;
use crate::report::{Definitions, Report};

pub(crate) fn describe(report: &Report) -> String {
    let Definitions { outcomes, measures, judges, models } = &report.definitions;
    let outcomes = outcomes.iter().map(|outcome| vec![name(&outcome.name), code(&outcome.when)]);
    let measures = measures.iter().map(|measure| {
        let given = measure
            .given
            .as_deref()
            .map_or_else(|| "all transcripts with an answer".to_owned(), code);
        vec![name(&measure.name), code(&measure.of), given]
    });
    let judges = judges.iter().map(|judge| {
        let hash = format!("<code class=\"hash\">{}</code>", escape(&judge.hash));
        vec![
            name(&judge.name),
            code(&judge.id),
            escape(&judge.stages.join(", ")),
            hash,
            list(&judge.echoed),
        ]
    });
    let models =
        models.iter().map(|model| vec![name(&model.name), code(&model.id), list(&model.echoed)]);
    let plan = format!(
        "<p class=\"faint\">Plan <code class=\"hash\">{}</code></p>\n",
        escape(&report.sweep.plan)
    );
    [
        "<section>\n<h2>Definitions</h2>\n".to_owned(),
        tabulate(&["outcome, first match wins", "when"], outcomes),
        tabulate(&["measure", "numerator", "denominator"], measures),
        tabulate(
            &["judge", "id", "stages", "hash of what it is asked", "model ids that answered"],
            judges,
        ),
        tabulate(&["model", "id", "model ids that answered"], models),
        plan,
        "</section>\n".to_owned(),
    ]
    .concat()
}

/// Nothing for a list without entries. Cells are markup.
fn tabulate(heads: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let row = |cells: Vec<String>| {
        let cells: String = cells.iter().map(|cell| format!("<td>{cell}</td>")).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let rows: String = rows.map(row).collect();
    if rows.is_empty() {
        return rows;
    }
    let heads: String =
        heads.iter().map(|head| format!("<th scope=\"col\">{}</th>", escape(head))).collect();
    format!(
        "<div class=\"wide\"><table>\n<thead><tr>{heads}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table></div>\n"
    )
}

fn name(name: &str) -> String {
    format!("<b>{}</b>", escape(name))
}

fn code(source: &str) -> String {
    format!("<code>{}</code>", escape(source))
}

fn list(echoed: &[(String, u64)]) -> String {
    if echoed.is_empty() {
        return "none told".to_owned();
    }
    let ids: Vec<String> =
        echoed.iter().map(|(id, answers)| format!("{} x {answers}", code(id))).collect();
    ids.join(", ")
}
