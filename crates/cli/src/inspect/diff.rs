//! `iago sweep diff`: where the messages of two conditions differ, and that they differ nowhere else.

use similar::{ChangeTag, TextDiff};

use crate::args::DiffArgs;
use crate::exit::{Exit, Stop};
use crate::inspect::job::Job;
use crate::inspect::show::list;
use crate::output::data;
use crate::plain::{plain, plain_line};

/// Prints every difference between what two conditions send.
pub(crate) fn run(args: &DiffArgs) -> Result<Exit, Stop> {
    let job = Job::find(&args.job)?;
    let side = |condition: &str| {
        let cell = job.cell(Some(condition))?;
        Ok::<_, Stop>(list(&job.conversation(cell)?))
    };
    let (from, to) = (side(&args.from)?, side(&args.to)?);
    let heading = format!(
        "{}: {}, prompt {}: {} against {}",
        job.stage(),
        job.model(),
        job.prompt(),
        args.from,
        args.to
    );
    data(&format!("{}\n{}", plain_line(&heading), shown(&from, &to)))?;
    Ok(Exit::Done)
}

/// Messages side by side, by who speaks and for the how manieth time.
fn shown(from: &[(String, String)], to: &[(String, String)]) -> String {
    let (from, to) = (numbered(from), numbered(to));
    let mut names: Vec<&String> = from.iter().map(|(name, _)| name).collect();
    names
        .extend(to.iter().map(|(name, _)| name).filter(|name| !from.iter().any(|f| f.0 == **name)));
    let text = |side: &[(String, String)], name: &str| {
        side.iter().find(|(other, _)| other == name).map(|(_, text)| text.clone())
    };
    names.into_iter().map(|name| message(name, text(&from, name), text(&to, name))).collect()
}

fn numbered(messages: &[(String, String)]) -> Vec<(String, String)> {
    let mut named: Vec<(String, String)> = Vec::new();
    for (number, (role, text)) in messages.iter().enumerate() {
        let earlier = messages[..number].iter().filter(|(other, _)| other == role).count();
        let name = if earlier == 0 { role.clone() } else { format!("{role} {}", earlier + 1) };
        named.push((name, text.clone()));
    }
    named
}

fn message(name: &str, from: Option<String>, to: Option<String>) -> String {
    match (from, to) {
        (None, None) => String::new(),
        (Some(from), None) => format!("--- {name}: only on the left, {} bytes\n", from.len()),
        (None, Some(to)) => format!("--- {name}: only on the right, {} bytes\n", to.len()),
        (Some(from), Some(to)) if from == to => {
            format!("--- {name}: the same {} bytes\n", from.len())
        }
        (Some(from), Some(to)) => differing(name, &from, &to),
    }
}

fn differing(name: &str, from: &str, to: &str) -> String {
    let first = from.bytes().zip(to.bytes()).take_while(|(from, to)| from == to).count();
    let heading = format!(
        "--- {name}: {} bytes against {}, the first difference at byte {first}\n",
        from.len(),
        to.len()
    );
    let diff = TextDiff::from_lines(from, to);
    let changes = diff.iter_all_changes().filter_map(|change| {
        let sign = match change.tag() {
            ChangeTag::Equal => return None,
            ChangeTag::Delete => '-',
            ChangeTag::Insert => '+',
        };
        let place = change.old_index().or(change.new_index()).map_or(0, |line| line + 1);
        Some(format!("{sign} {place:>4}  {}\n", visible(change.value())))
    });
    std::iter::once(heading).chain(changes).collect()
}

/// A line break, or that there is none, is a difference too, and so is white space at its end.
fn visible(line: &str) -> String {
    let body = line.strip_suffix('\n');
    let ended = body.is_some();
    let body = body.unwrap_or(line);
    let trimmed = body.trim_end();
    let marked = format!("{trimmed}{}", body[trimmed.len()..].replace(' ', "·").replace('\r', "␍"));
    let end = if ended { "" } else { "  (no line break at the end)" };
    format!("{}{end}", plain(&marked))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn side(messages: &[(&str, &str)]) -> Vec<(String, String)> {
        messages.iter().map(|(role, text)| ((*role).to_owned(), (*text).to_owned())).collect()
    }

    #[test]
    fn a_difference_is_shown_to_the_byte_and_the_rest_is_said_to_be_equal() {
        let from = side(&[("system", "a\nb\nc\n"), ("user", "tier: True"), ("prefill", "<O>")]);
        let to = side(&[("system", "a\nb\nc\n"), ("user", "tier: False ")]);
        let expected = "\
--- system: the same 6 bytes
--- user: 10 bytes against 12, the first difference at byte 6
-    1  tier: True  (no line break at the end)
+    1  tier: False·  (no line break at the end)
--- prefill: only on the left, 3 bytes
";
        assert_eq!(shown(&from, &to), expected);
    }

    #[test]
    fn turns_of_one_role_are_told_apart() {
        let from = side(&[("user", "a"), ("assistant", "b"), ("user", "c")]);
        let to = side(&[("user", "a"), ("assistant", "b"), ("user", "d")]);
        assert!(
            shown(&from, &to).contains("--- user 2: 1 bytes against 1"),
            "{}",
            shown(&from, &to)
        );
    }
}
