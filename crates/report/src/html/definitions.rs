//! What the numbers are numbers of.

use iago_sweep::{Generalise, Margin};

use super::escape::escape;
use crate::report::{Definitions, Kind, ModelDefinition, Report, TextDefinition};
use crate::shown::{figures, points, thousands};

pub(crate) fn describe(report: &Report) -> String {
    let definitions = &report.definitions;
    let plan = format!(
        "<p class=\"faint\">Plan <code class=\"hash\">{}</code></p>\n",
        escape(&report.sweep.plan)
    );
    [
        "<section>\n<h2>Definitions</h2>\n".to_owned(),
        describe_generalise(definitions.generalise),
        describe_outcomes(definitions),
        describe_measures(definitions),
        describe_judges(definitions),
        describe_scores(definitions),
        describe_models(definitions),
        describe_runs(definitions),
        describe_cells(definitions),
        describe_gates(definitions),
        definitions.texts.iter().map(describe_text).collect(),
        plan,
        "</section>\n".to_owned(),
    ]
    .concat()
}

fn describe_generalise(generalise: Generalise) -> String {
    match generalise {
        Generalise::Prompts => String::new(),
        Generalise::Suite => {
            "<p>The claims of this sweep are about these prompts and no others: intervals are of the \
             answers to them. Only those of means are of prompts like these, and wider than that \
             needs; so are those of corrected rates and of ratios.</p>\n"
                .to_owned()
        }
    }
}

fn describe_outcomes(definitions: &Definitions) -> String {
    let outcomes = definitions.outcomes.iter();
    let rows = outcomes.map(|outcome| vec![name(&outcome.name), code(&outcome.when)]);
    tabulate(&["outcome, first match wins", "when"], rows)
}

fn describe_measures(definitions: &Definitions) -> String {
    let rows = definitions.measures.iter().map(|measure| {
        let zero = measure.zero_unless.as_deref();
        let zero = zero.map_or_else(String::new, |zero| format!("; 0 unless {}", code(zero)));
        let numerator = match measure.kind {
            Kind::Rate => code(&measure.of),
            Kind::Mean => format!("mean of {}{zero}", code(&measure.of)),
        };
        let given = measure
            .given
            .as_deref()
            .map_or_else(|| "all transcripts with an answer".to_owned(), code);
        let within = measure.within.as_deref();
        let within = within.map_or_else(String::new, |within| format!(", where {}", code(within)));
        vec![name(&measure.name), numerator, given + &within]
    });
    tabulate(&["measure", "numerator", "denominator"], rows)
}

fn describe_judges(definitions: &Definitions) -> String {
    let rows = definitions.judges.iter().map(|judge| {
        let hash = format!("<code class=\"hash\">{}</code>", escape(&judge.hash));
        vec![
            name(&judge.name),
            code(&judge.id),
            escape(&judge.stages.join(", ")),
            hash,
            list(&judge.echoed),
        ]
    });
    tabulate(
        &["judge", "id", "stages", "hash of what it is asked", "model ids that answered"],
        rows,
    )
}

fn describe_scores(definitions: &Definitions) -> String {
    let rows = definitions.scores.iter().map(|score| {
        let versions =
            if score.kind == "external" { list(&score.versions) } else { "–".to_owned() };
        vec![
            name(&score.name),
            escape(&score.of),
            escape(&score.kind),
            score.field.as_deref().map_or_else(|| "–".to_owned(), code),
            code(&score.expected),
            versions,
        ]
    });
    tabulate(&["score", "of", "kind", "field", "expected", "versions of the program"], rows)
}

fn describe_models(definitions: &Definitions) -> String {
    let models = definitions.models.iter();
    let rows = models.map(|model| vec![name(&model.name), code(&model.id), list(&model.echoed)]);
    tabulate(&["model", "id", "model ids that answered"], rows)
}

/// What models have beyond an id, where any has it.
fn describe_runs(definitions: &Definitions) -> String {
    let is_special = |model: &&ModelDefinition| {
        model.run.is_some() || model.expect.is_some() || !model.set.is_empty()
    };
    let text = |text: Option<&String>| text.map_or_else(|| "–".to_owned(), |text| escape(text));
    let rows = definitions.models.iter().filter(is_special).map(|model| {
        let set = model.set.iter().map(|(name, text)| format!("{} = {}", code(name), escape(text)));
        let set: Vec<String> = set.collect();
        vec![
            name(&model.name),
            text(model.run.as_ref()),
            model.step.map_or_else(|| "–".to_owned(), thousands),
            text(model.parent.as_ref()),
            model.expect.as_deref().map_or_else(|| "–".to_owned(), code),
            if set.is_empty() { "–".to_owned() } else { set.join(", ") },
        ]
    });
    tabulate(&["model", "run", "step", "started from", "should answer as", "own variables"], rows)
}

fn describe_cells(definitions: &Definitions) -> String {
    let rows = definitions.cells.iter().map(|cell| {
        let most =
            |most: Option<u32>| most.map_or_else(|| "all".to_owned(), |most| most.to_string());
        let tokens = cell.max_output_tokens.map(u64::from).map(thousands);
        vec![
            name(&cell.model),
            escape(&cell.condition),
            most(cell.prompts_max),
            most(cell.repeats_max),
            tokens.unwrap_or_else(|| "as its model".to_owned()),
            cell.temperature.map_or_else(|| "as its model".to_owned(), |own| own.to_string()),
        ]
    });
    let heads = [
        "cell with limits of its own",
        "condition",
        "prompts",
        "repeats",
        "output tokens",
        "temperature",
    ];
    tabulate(&heads, rows)
}

fn describe_gates(definitions: &Definitions) -> String {
    let rows = definitions.gates.iter().map(|gate| {
        let margin = match gate.margin {
            Margin::Absolute(margin) => figures(margin),
            Margin::Relative(margin) => format!("{}% of the baseline", points(margin)),
        };
        vec![name(&gate.measure), gate.better.to_string(), margin, gate.tier.to_string()]
    });
    let table = tabulate(&["gate", "better", "margin", "tier"], rows);
    if table.is_empty() {
        return table;
    }
    format!(
        "{table}<p class=\"faint\">Gates are checked here, and judged by a nightly, against a baseline.</p>\n"
    )
}

/// Lines are escaped one by one: what could move a cursor goes, and the ends of lines stay.
fn describe_text(text: &TextDefinition) -> String {
    let diff: Vec<String> =
        text.diff.lines().map(|line| escape(&line.replace('\t', "    "))).collect();
    format!(
        "<h3>Text {}, an edit of {}</h3>\n<pre>{}</pre>\n",
        escape(&text.name),
        escape(&text.of),
        diff.join("\n")
    )
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
