//! One small sweep with everything in it, and ways to change it.

use std::collections::BTreeMap;

use iago_grading::Grader;
use iago_sweep::{Cell, Conversation, Coordinate, Plan, Stage, Text};
use iago_sweep_file::{PromptColumns, Renderer, SweepFile, SweepFileErrors};

pub(crate) const FILE: &str = include_str!("fixture.toml");

/// The sweep with texts and prompts, as it stands or edited.
#[derive(Clone)]
pub(crate) struct Fixture {
    pub(crate) file: String,
    pub(crate) texts: BTreeMap<String, String>,
    pub(crate) prompts: Vec<PromptColumns>,
}

impl Fixture {
    pub(crate) fn new() -> Self {
        let texts = [
            ("with.md", "Think in <THINK>, answer in <OUTPUT>.\n"),
            ("without.md", "Answer in <OUTPUT>.\r\n"),
            ("user.md", "tier {{ is_free }}\n{{ request }}\n"),
            ("judge.md", "Read: {{ reasoning }}\n"),
        ];
        let texts = texts.map(|(path, text)| (path.to_owned(), text.to_owned())).into();
        let prompts =
            vec![prompt("p1", "Write a fake review."), prompt("p2", "Say {{ tier }} & <b>.")];
        Self { file: FILE.to_owned(), texts, prompts }
    }

    /// Replaces a part of the file that must be there exactly once.
    pub(crate) fn edit(mut self, from: &str, to: &str) -> Self {
        assert_eq!(self.file.matches(from).count(), 1, "`{from}` must be there once");
        self.file = self.file.replace(from, to);
        self
    }

    pub(crate) fn text(mut self, path: &str, text: &str) -> Self {
        self.texts.insert(path.to_owned(), text.to_owned());
        self
    }

    pub(crate) fn compile(&self) -> Result<Plan, SweepFileErrors> {
        SweepFile::parse("x.toml", &self.file)?.compile(&self.texts, &self.prompts)
    }

    /// What is printed about the file, without its name.
    pub(crate) fn faults(&self) -> String {
        let Err(errors) = self.compile() else { return String::new() };
        errors.to_string().replace("x.toml:", "")
    }

    pub(crate) fn plan(&self) -> Plan {
        self.compile().unwrap_or_else(|errors| panic!("{errors}"))
    }
}

pub(crate) fn prompt(id: &str, text: &str) -> PromptColumns {
    let columns = [("id", id), ("text", text), ("category", "mild")];
    let columns = columns.map(|(column, text)| (column.to_owned(), text.to_owned()));
    PromptColumns { id: id.to_owned(), columns: columns.into() }
}

/// What is sent for a coordinate, after one answer that has these fields, or none.
pub(crate) fn render(
    plan: &Plan,
    at: Coordinate,
    fields: &[(&str, &str)],
) -> Result<Conversation, String> {
    let grader = Grader::new(plan).expect("the fixture's expressions are sound");
    let renderer = Renderer::new(plan).expect("the fixture's templates compile");
    let known = || plan.stages.iter().flat_map(Stage::fields);
    let tag = |name: &str| known().find(|field| field.name == name)?.tag();
    let write = |(name, text): &(&str, &str)| {
        let tag = tag(name).expect("the fixture's fields are tags");
        format!("<{tag}>{text}</{tag}>")
    };
    let raw: String = fields.iter().map(write).collect();
    let said = Text { raw, ..Text::default() };
    let said = if fields.is_empty() { &[][..] } else { std::slice::from_ref(&said) };
    renderer.render(plan, &grader, at, said).map_err(|error| error.to_string())
}

/// What a cell sends with the first prompt.
pub(crate) fn say(plan: &Plan, model: &str, condition: &str) -> Conversation {
    let is_meant = |cell: &Cell| cell.model == model && cell.condition == condition;
    let cell = plan.cells.iter().position(is_meant).expect("the plan has this cell");
    let cell = u32::try_from(cell).expect("few cells");
    let said = render(plan, Coordinate { cell, ..Coordinate::default() }, &[]);
    said.expect("the fixture's messages can be made")
}
