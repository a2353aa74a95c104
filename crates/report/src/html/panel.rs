//! One model's stacked bars, as SVG that can be copied out of the page.

use super::escape::escape;
use super::swatch::{define_patterns, fill, ground, ink};
use crate::look::Look;
use crate::report::{Cell, Estimate, InterimModel, Simulated};
use crate::shown::{percent, points, thousands};

/// Everything that a panel shows.
pub(crate) struct Panel<'a> {
    pub(crate) model: &'a str,
    pub(crate) cells: Vec<&'a Cell>,
    pub(crate) looks: &'a [Look],
    pub(crate) interim: Option<&'a InterimModel>,
    /// Begins the ids of the panel's patterns.
    pub(crate) prefix: String,
}

// Lengths in SVG units, which are pixels at full size.
const LEFT: f64 = 40.0;
const TOP: f64 = 54.0;
const HEIGHT: f64 = 230.0;
const SLOT: f64 = 80.0;
const BAR: f64 = 42.0;
/// From the left of a slot to its bar; labels of thin segments need the room on the right.
const BAR_INSET: f64 = 2.0;
/// Between bars that differ in more than the level compared.
const GROUPS_APART: f64 = 14.0;
const LINE: f64 = 14.0;
const PANEL_MIN: f64 = 230.0;
/// A segment at least this high has its label inside.
const INSIDE_MIN: f64 = 17.0;
/// Labels beside a bar are at least this far apart.
const LABELS_APART: f64 = 12.0;
/// How a caption is drawn that says what is not there.
pub(crate) const FAINT: &str = " fill-opacity=\"0.65\" font-style=\"italic\"";
/// Characters of a name under a bar.
const NAME_CHARACTERS: usize = 12;

/// A label beside a bar: where its segment is, and what it says.
struct Beside {
    middle: f64,
    text: String,
}

impl Panel<'_> {
    pub(crate) fn draw(&self) -> String {
        let groups = self.group();
        let bars: String = self
            .cells
            .iter()
            .enumerate()
            .map(|(place, cell)| self.draw_cell(x_of(place, &groups), cell))
            .collect();
        let width = x_of(self.cells.len(), &groups).max(PANEL_MIN);
        let lines = self.cells.iter().map(|cell| self.captions(cell).len()).max().unwrap_or(0);
        let foot = TOP + HEIGHT + LINE * (lines as f64 + 0.7);
        let height = foot + LINE * 1.5;
        format!(
            "<svg class=\"panel\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" role=\"img\" \
             aria-label=\"{}\" xmlns=\"http://www.w3.org/2000/svg\" font-family=\"system-ui, sans-serif\" \
             font-size=\"11\" fill=\"currentColor\">\n{}{}{}{bars}{}</svg>\n",
            escape(&format!("Outcomes of {}", self.model)),
            define_patterns(self.looks, &self.prefix),
            self.draw_title(width),
            draw_axis(width),
            self.draw_groups(&groups, foot)
        )
    }

    /// Neighbours that differ in nothing but the last axis: the level that is compared. Each is the place of its first
    /// cell and how many it has.
    fn group(&self) -> Vec<(usize, usize)> {
        let mut groups: Vec<(usize, usize)> = Vec::new();
        for (place, cell) in self.cells.iter().enumerate() {
            let shared = |other: &Cell| group_levels(other) == group_levels(cell);
            match groups.last_mut() {
                Some((first, cells)) if shared(self.cells[*first]) => *cells += 1,
                Some(_) | None => groups.push((place, 1)),
            }
        }
        groups
    }

    /// What the bars of a group share, under a line that spans them.
    fn draw_groups(&self, groups: &[(usize, usize)], y: f64) -> String {
        let draw = |&(first, cells): &(usize, usize)| {
            let levels = group_levels(self.cells[first]).join(", ");
            if levels.is_empty() {
                return levels;
            }
            let (left, right) = (x_of(first, groups), x_of(first + cells - 1, groups) + BAR);
            format!(
                "<path d=\"M{left} {y}H{right}\" stroke=\"currentColor\" stroke-opacity=\"0.5\"/>\
                 <text x=\"{}\" y=\"{}\" text-anchor=\"middle\">{}</text>\n",
                (left + right) / 2.0,
                y + LINE,
                escape(&clip(&levels, NAME_CHARACTERS * cells))
            )
        };
        groups.iter().map(draw).collect()
    }

    fn draw_title(&self, width: f64) -> String {
        let interim = self.interim.map_or_else(String::new, |interim| {
            let text = format!(
                "INTERIM {} of {} blocks",
                thousands(interim.blocks),
                thousands(interim.of)
            );
            format!("<text x=\"0\" y=\"34\" font-weight=\"700\" fill=\"#b3202c\">{text}</text>\n")
        });
        format!(
            "<text x=\"0\" y=\"16\" font-size=\"15\" font-weight=\"700\">{}<title>{}</title></text>\n{interim}{}",
            escape(&clip(self.model, 20)),
            escape(self.model),
            draw_mark(sum_simulated(&self.cells), width)
        )
    }

    fn draw_cell(&self, x: f64, cell: &Cell) -> String {
        let mut drawn = String::new();
        let mut beside: Vec<Beside> = Vec::new();
        let mut bottom = TOP + HEIGHT;
        for look in self.looks {
            let share = cell.outcomes[look.outcome].estimate.known().map_or(0.0, |rate| rate.value);
            if share <= 0.0 {
                continue;
            }
            let height = share * HEIGHT;
            bottom -= height;
            drawn.push_str(&self.draw_segment(look, x, bottom, height));
            let text = if share < 1.0 { format!("{}%", points(share)) } else { percent(share) };
            if height >= INSIDE_MIN {
                drawn.push_str(&draw_inside(look, x + BAR / 2.0, bottom + height / 2.0, &text));
            } else {
                beside.push(Beside { middle: bottom + height / 2.0, text });
            }
        }
        drawn + &draw_beside(x + BAR, beside) + &self.draw_captions(x + BAR / 2.0, cell)
    }

    fn draw_segment(&self, look: &Look, x: f64, y: f64, height: f64) -> String {
        format!(
            "<rect x=\"{x}\" y=\"{y:.2}\" width=\"{BAR}\" height=\"{height:.2}\" fill=\"{}\"><title>{}</title></rect>\n",
            fill(look, &self.prefix),
            escape(&look.short)
        )
    }

    fn draw_captions(&self, x: f64, cell: &Cell) -> String {
        let captions = (1u32..).zip(self.captions(cell));
        let draw = |(line, (style, text)): (u32, (&str, String))| {
            let y = TOP + HEIGHT + 2.0 + LINE * f64::from(line);
            let text = escape(&text);
            format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"middle\"{style}>{text}</text>\n")
        };
        captions.map(draw).collect()
    }

    /// Under a bar: the level that is compared, the n, and what is not in it; each with how it is drawn.
    fn captions(&self, cell: &Cell) -> Vec<(&'static str, String)> {
        let mut captions = Vec::new();
        if let Some(level) = cell.labels.iter().skip(1).next_back() {
            captions.push((" font-weight=\"700\"", clip(level, NAME_CHARACTERS)));
        }
        captions.push(("", format!("n = {}", thousands(cell.n))));
        for (transcripts, word) in [(cell.dropped(), "dropped"), (cell.unknown, "unknown")] {
            if transcripts > 0 {
                captions.push(("", format!("{} {word}", thousands(transcripts))));
            }
        }
        let is_not_asked =
            |look: &&Look| cell.outcomes[look.outcome].estimate == Estimate::NotAsked;
        let not_asked: Vec<&Look> = self.looks.iter().filter(is_not_asked).collect();
        let named = match not_asked.as_slice() {
            [] => return captions,
            [only] => clip(&only.short, NAME_CHARACTERS),
            // Their names would run into those of the next bar; the table of cells has them.
            several => format!("{} outcomes", several.len()),
        };
        captions.extend([(FAINT, named), (FAINT, "not asked".to_owned())]);
        captions
    }
}

/// The levels that a cell's group shares: all but the model and the last.
fn group_levels(cell: &Cell) -> &[String] {
    let levels = cell.labels.get(1..).unwrap_or_default();
    levels.split_last().map_or(&[], |(_, shared)| shared)
}

/// The left of a bar; past the last cell, the right end of the panel.
fn x_of(place: usize, groups: &[(usize, usize)]) -> f64 {
    let before = groups.iter().skip(1).filter(|(first, _)| *first <= place).count();
    LEFT + BAR_INSET + SLOT * place as f64 + GROUPS_APART * before as f64
}

fn draw_axis(width: f64) -> String {
    let tick = |percent: u32| {
        let y = TOP + HEIGHT * (1.0 - f64::from(percent) / 100.0);
        format!(
            "<line x1=\"{LEFT}\" x2=\"{width}\" y1=\"{y}\" y2=\"{y}\" stroke=\"currentColor\" stroke-opacity=\"0.18\"/>\
             <text x=\"{}\" y=\"{}\" text-anchor=\"end\" fill-opacity=\"0.7\">{percent}%</text>\n",
            LEFT - 5.0,
            y + 4.0
        )
    };
    [0, 25, 50, 75, 100].map(tick).concat()
}

/// Text on a segment; on a pattern it stands on a plate.
fn draw_inside(look: &Look, x: f64, y: f64, text: &str) -> String {
    let plate = look.overlay.map_or_else(String::new, |_| {
        let fill = ground(look);
        format!(
            "<rect x=\"{}\" y=\"{}\" width=\"36\" height=\"13\" rx=\"3\" fill=\"{fill}\"/>",
            x - 18.0,
            y - 6.5
        )
    });
    format!(
        "{plate}<text x=\"{x}\" y=\"{:.2}\" text-anchor=\"middle\" font-weight=\"600\" fill=\"{}\">{text}</text>\n",
        y + 4.0,
        ink(look)
    )
}

/// Labels of thin segments, from the bottom up, each with a line to its segment.
fn draw_beside(x: f64, labels: Vec<Beside>) -> String {
    let mut highest = TOP + HEIGHT + LABELS_APART;
    let draw = |Beside { middle, text }: Beside| {
        // SVG counts downward: above is less.
        highest = middle.min(highest - LABELS_APART).max(TOP - LABELS_APART);
        format!(
            "<path d=\"M{x} {middle:.2}L{} {highest:.2}\" stroke=\"currentColor\" fill=\"none\"/>\
             <text x=\"{}\" y=\"{:.2}\">{text}</text>\n",
            x + 5.0,
            x + 7.0,
            highest + 4.0
        )
    };
    labels.into_iter().map(draw).collect()
}

/// Inside the drawing, so that it is still there when the drawing is copied.
pub(crate) fn draw_mark(simulated: Simulated, width: f64) -> String {
    let word = match (simulated.any(), simulated.all()) {
        (false, _) => return String::new(),
        (true, true) => "SIMULATED",
        (true, false) => "SIMULATED in part",
    };
    format!(
        "<text x=\"{width}\" y=\"16\" text-anchor=\"end\" font-weight=\"700\" letter-spacing=\"0.5\" \
         fill=\"#ea580c\">{word}</text>\n"
    )
}

pub(crate) fn sum_simulated(cells: &[&Cell]) -> Simulated {
    cells.iter().fold(Simulated { results: 0, of: 0 }, |sum, cell| Simulated {
        results: sum.results + cell.simulated.results,
        of: sum.of + cell.simulated.of,
    })
}

pub(crate) fn clip(name: &str, characters: usize) -> String {
    match name.char_indices().nth(characters) {
        None => name.to_owned(),
        Some(_) => name.chars().take(characters - 1).chain(['…']).collect(),
    }
}
