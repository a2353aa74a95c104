//! Texts with variables in them, compiled strictly: a variable that is not there is an error, and
//! what a variable holds is text that is never read as a template itself.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, Value};

/// Variable to value, as a template sees them.
pub(crate) type Context = BTreeMap<String, Value>;

/// How many steps one rendering may take. The shipped texts take about ten; loops within loops
/// would otherwise hold up whoever compiles the file.
const STEPS_MAX: u64 = 100_000;

/// What a template may call. It can look at nothing but what it is given.
const FUNCTIONS: [&str; 3] = ["dict", "namespace", "range"];

/// Tags that would reach for another template, where every text stands for itself.
const FOREIGN_TAGS: [&str; 4] = ["extends", "from", "import", "include"];

/// A set of compiled templates, each under the key that it stands at.
#[derive(Debug)]
pub(crate) struct Templates(Environment<'static>);

/// A template that cannot be compiled or rendered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub(crate) struct TemplateError {
    /// Line of the template, from 1.
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Templates {
    pub(crate) fn new() -> Self {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_auto_escape_callback(|_| AutoEscape::None);
        environment.set_fuel(Some(STEPS_MAX));
        // Debug reports quote variables, and what models and people write is not for logs.
        environment.set_debug(false);
        environment.set_path_join_callback(|_, _| "no template has this name".into());
        // A last line break that was written in place is meant.
        let syntax = SyntaxConfig::builder().keep_trailing_newline(true).build();
        environment.set_syntax(syntax.expect("the delimiters are the default ones"));
        let globals: Vec<String> = environment.globals().map(|(name, _)| name.to_owned()).collect();
        for name in globals.iter().filter(|name| !FUNCTIONS.contains(&name.as_str())) {
            environment.remove_global(name);
        }
        Self(environment)
    }

    /// Compiles a template.
    pub(crate) fn add(&mut self, key: &str, template: &str) -> Result<(), TemplateError> {
        let source = template.to_owned();
        self.0.add_template_owned(key.to_owned(), source).map_err(|error| explain(&error))?;
        match find_foreign_tag(template) {
            None => Ok(()),
            Some((line, tag)) => {
                let message = format!("`{tag}` is not available: a text cannot use another one");
                Err(TemplateError { line, message })
            }
        }
    }

    /// Every variable that some way through the template reads, functions left out.
    pub(crate) fn variables(&self, key: &str) -> BTreeSet<String> {
        let Ok(template) = self.0.get_template(key) else { return BTreeSet::new() };
        template.undeclared_variables(false).into_iter().collect()
    }

    /// Lookups inside a variable, such as `request.text`, as (variable, lookup).
    pub(crate) fn lookups(&self, key: &str) -> BTreeSet<(String, String)> {
        let Ok(template) = self.0.get_template(key) else { return BTreeSet::new() };
        let nested = template.undeclared_variables(true);
        let split = |path: &String| {
            path.split_once('.').map(|(variable, _)| (variable.to_owned(), path.clone()))
        };
        nested.iter().filter_map(split).collect()
    }

    /// Renders with a stand-in for every variable, for faults that hang on no value: words that do
    /// not exist are otherwise noticed only when they are reached.
    pub(crate) fn probe(
        &self,
        key: &str,
        variables: &BTreeSet<String>,
    ) -> Result<(), TemplateError> {
        let context: Context =
            variables.iter().map(|name| (name.clone(), Value::from("text"))).collect();
        let probe = || self.0.get_template(key)?.render(Value::from(context));
        match probe() {
            Err(error) if hangs_on_no_value(error.kind()) => Err(explain(&error)),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    pub(crate) fn render(&self, key: &str, context: &Context) -> Result<String, TemplateError> {
        let render = || self.0.get_template(key)?.render(Value::from(context.clone()));
        render().map_err(|error| explain(&error))
    }
}

/// Whether a template can call this without anybody declaring it.
pub(crate) fn is_function(name: &str) -> bool {
    FUNCTIONS.contains(&name)
}

fn hangs_on_no_value(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::UnknownFilter
            | ErrorKind::UnknownTest
            | ErrorKind::UnknownFunction
            | ErrorKind::UnknownMethod
            | ErrorKind::OutOfFuel
    )
}

fn explain(error: &Error) -> TemplateError {
    let message = match error.detail() {
        Some(detail) => format!("{}: {detail}", error.kind()),
        None => error.kind().to_string(),
    };
    TemplateError { line: error.line().unwrap_or(1), message }
}

/// The first tag that names another template, with its line. It is also found inside `{% raw %}`:
/// such a text can be the value of a variable.
fn find_foreign_tag(template: &str) -> Option<(usize, &'static str)> {
    let mut offset = 0;
    while let Some(found) = template[offset..].find("{%") {
        offset += found + "{%".len();
        let rest = template[offset..].trim_start_matches(['-', '+']).trim_start();
        let word = rest.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
        if let Some(tag) = FOREIGN_TAGS.into_iter().find(|tag| *tag == word) {
            return Some((template[..offset].matches('\n').count() + 1, tag));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn render(template: &str, variables: &[(&str, &str)]) -> Result<String, String> {
        let mut templates = Templates::new();
        templates.add("t", template).map_err(|error| error.to_string())?;
        let context =
            variables.iter().map(|(name, text)| ((*name).to_owned(), Value::from(*text))).collect();
        templates.render("t", &context).map_err(|error| error.to_string())
    }

    #[test]
    fn a_value_is_never_a_template() {
        let hostile = [("request", "{{ tier }}<b>&{% for %}")];
        assert_eq!(render("-{{ request }}-", &hostile).unwrap(), "-{{ tier }}<b>&{% for %}-");
    }

    #[test]
    fn line_breaks_written_in_place_are_kept() {
        assert_eq!(render("{{ a }}\n", &[("a", "x\n")]).unwrap(), "x\n\n");
    }

    #[test]
    fn undefined_is_an_error_and_never_empty_text() {
        assert_eq!(render("a\n{{ b }}", &[]).unwrap_err(), "line 2: undefined value");
        assert!(render("{% if b %}x{% endif %}", &[]).is_err());
    }

    #[test]
    fn no_template_reaches_another_one() {
        for tag in ["include 't'", "- extends 't'", "import 't' as x", "from 't' import x"] {
            let error = render(&format!("\n{{%{tag} %}}"), &[]).unwrap_err();
            assert!(error.starts_with("line 2: ") && error.contains("not available"), "{error}");
        }
    }

    #[test]
    fn endless_work_ends() {
        let loops = "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}";
        assert_eq!(render(loops, &[]).unwrap_err(), "line 1: engine ran out of fuel");
        assert!(render("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", &[]).is_err());
    }

    #[test]
    fn variables_are_found_on_every_way_through() {
        let mut templates = Templates::new();
        templates
            .add("t", "{% if a %}{{ b.c }}{% endif %}{% for d in range(3) %}{{ d }}{% endfor %}")
            .unwrap();
        let found: Vec<String> = templates.variables("t").into_iter().collect();
        assert_eq!(found, ["a", "b", "range"]);
        assert_eq!(templates.lookups("t"), BTreeSet::from([("b".into(), "b.c".into())]));
    }
}
