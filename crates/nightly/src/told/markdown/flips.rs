//! Prompts that are another way than in the baseline, with what was said on both sides.

use super::escape::{code, fenced, inline};
use crate::Flip;
use crate::told::gate::cell;
use crate::told::numbers::{count, plural};
use crate::told::text::plain_lines;

/// A prompt that is another way, with its texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FlipShown {
    /// Which prompt, and how it went.
    pub flip: Flip,
    /// What was asked, as (role, text); empty where it is not to be shown.
    pub prompt_text: Vec<(String, String)>,
    /// What was said in one repeat of the baseline, as (stage, text).
    pub baseline: Vec<(String, String)>,
    /// What was said in one repeat tonight, as (stage, text).
    pub tonight: Vec<(String, String)>,
}

/// So many are shown.
const FLIPS_MAX: usize = 3;

/// So many characters are shown of what was asked, and of what each side said.
const SIDE_MAX: usize = 3_000;

/// The first of them, each whole and under a heading of its own, as far as there is room for these characters;
/// how many are left out for want of it.
pub(super) fn describe(flips: &[FlipShown], mut room: usize) -> Vec<String> {
    let (mut parts, mut left_out) = (Vec::new(), 0);
    for part in flips.iter().take(FLIPS_MAX).map(side_by_side) {
        let wanted = part.chars().count() + 2;
        if wanted <= room {
            room -= wanted;
            parts.push(part);
        } else {
            left_out += 1;
        }
    }
    let note =
        || format!("(what was said to {} is left out: too long)", plural(left_out, "prompt"));
    parts.extend((left_out > 0).then(note));
    parts
}

/// A table puts both sides beside each other.
fn side_by_side(shown: &FlipShown) -> String {
    let FlipShown { flip, prompt_text, baseline, tonight } = shown;
    let mut parts = vec![heading(flip)];
    parts.extend((!prompt_text.is_empty()).then(|| texts(prompt_text)));
    // Blank lines end the HTML, so that the texts between are Markdown again, in fences.
    let (baseline, tonight) = (texts(baseline), texts(tonight));
    parts.push(format!(
        "<table><tr><th>baseline</th><th>tonight</th></tr><tr><td>\n\n{baseline}\n\n</td><td>\n\n\
         {tonight}\n\n</td></tr></table>"
    ));
    parts.join("\n\n")
}

fn heading(flip: &Flip) -> String {
    let (prompt, way) = (code(&flip.prompt), if flip.worse { "worse" } else { "better" });
    let place = inline(&format!("{}, {}", flip.measure, cell(&flip.model, &flip.condition)));
    let (then, now) = (flip.baseline, flip.tonight);
    format!("### {prompt} is {way}: {place} {}/{} → {}/{}", then.yes, then.of, now.yes, now.of)
}

/// One after the other, as far as there is room.
fn texts(texts: &[(String, String)]) -> String {
    if texts.is_empty() {
        return "(nothing is stored)".to_owned();
    }
    let mut room = SIDE_MAX;
    let mut parts = Vec::new();
    for (who, text) in texts {
        if room == 0 {
            parts.push("(what follows is left out)".to_owned());
            break;
        }
        parts.push(format!("{}\n\n{}", inline(who), cut(text, &mut room)));
    }
    parts.join("\n\n")
}

/// Counted as it is shown, so that no text grows by being made plain.
fn cut(text: &str, room: &mut usize) -> String {
    let text = plain_lines(text);
    let all = text.chars().count();
    let shown: String = text.chars().take(*room).collect();
    let taken = all.min(*room);
    *room -= taken;
    let note = if taken < all {
        format!("\n\n(cut: {} of {} characters)", count(taken as u64), count(all as u64))
    } else {
        String::new()
    };
    format!("{}{note}", fenced(&shown))
}
