//! The report as one file for a browser: no script, nothing fetched, readable on a phone, on paper and in the dark.

mod area;
mod cells;
mod contrasts;
mod controls;
mod definitions;
mod escape;
mod figure;
mod interval;
mod judge_error;
mod labels;
mod notes;
mod panel;
mod reading;
mod series;
mod swatch;

use escape::escape;

use crate::report::Report;

const STYLE: &str = include_str!("html/style.css");

/// Model text never runs and nothing is ever fetched, whatever an escape missed.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

impl Report {
    /// The report as a self-contained HTML page.
    pub fn html(&self) -> String {
        let title = format!("{} {}", self.sweep.name, self.sweep.id);
        let sections = [
            describe_head(self),
            figure::draw(self),
            contrasts::describe(self),
            judge_error::describe(self),
            cells::describe(self),
            reading::describe(self),
            definitions::describe(self),
            describe_course(self),
        ];
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n\
             <title>{mark}{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n{announced}<main>\n{}</main>\n{warned}</body>\n</html>\n",
            sections.concat(),
            mark = self.mark(self.simulated.any()),
            title = escape(&title),
            announced = banner("header", self.simulated.announce()),
            warned = banner("footer", self.simulated.warn()),
        )
    }
}

fn banner(element: &str, text: Option<String>) -> String {
    let text =
        text.map(|text| format!("<{element} class=\"simulated\">{}</{element}>\n", escape(&text)));
    text.unwrap_or_default()
}

fn describe_head(report: &Report) -> String {
    let sweep = report.sweep.describe().join(" · ");
    let interim = report
        .interim
        .as_ref()
        .map(|interim| format!("<p class=\"alarm\">{}</p>\n", escape(&interim.describe())));
    let spending = report.course.describe_spending();
    let spending =
        spending.map(|parts| format!("<p class=\"faint\">spent {}</p>\n", escape(&parts)));
    format!(
        "<h1>{} <small>{}</small></h1>\n<p class=\"faint\">{}</p>\n{}{}{}",
        escape(&report.sweep.name),
        escape(&report.sweep.id),
        escape(&sweep),
        spending.unwrap_or_default(),
        interim.unwrap_or_default(),
        describe_instrument(report)
    )
}

fn describe_instrument(report: &Report) -> String {
    let instrument = &report.instrument;
    let list = |items: &[String]| -> String {
        items.iter().map(|item| format!("<li>{}</li>", escape(item))).collect()
    };
    let (class, word) =
        if instrument.ok { ("ok", "Instrument ok") } else { ("not-ok", "Instrument NOT OK") };
    let problems = if instrument.ok {
        String::new()
    } else {
        format!("<ul class=\"problems\">{}</ul>", list(&instrument.problems))
    };
    let undecided = report.describe_undecided().map(|told| format!("<p>{}</p>\n", escape(&told)));
    format!(
        "<section class=\"instrument {class}\">\n<h2>{word}</h2>\n{problems}{}{}<ul class=\"checks\">{}</ul>\n</section>\n",
        undecided.unwrap_or_default(),
        controls::describe(report),
        list(
            &instrument
                .checks
                .iter()
                .cloned()
                .chain(instrument.describe_absent())
                .collect::<Vec<_>>()
        )
    )
}

fn describe_course(report: &Report) -> String {
    let course = &report.course;
    let notes: Vec<String> = report.list_notes().iter().map(|note| escape(note)).collect();
    let line = |word: &str, text: &str| {
        if text.is_empty() {
            String::new()
        } else {
            format!("<p>{word} <code>{}</code></p>\n", escape(text))
        }
    };
    format!(
        "<section>\n<h2>Course</h2>\n<p>{}</p>\n{}{}</section>\n",
        notes.join(" · "),
        line("Store", &course.store),
        line("Next", &course.command_hint)
    )
}
