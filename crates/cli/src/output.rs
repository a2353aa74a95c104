//! The only module that prints: stdout is data, stderr is talk.

use std::io::{ErrorKind, IsTerminal, Write};

use crate::exit::{Exit, Stop};
use crate::plain::plain;
use crate::wrap::wrap;

/// What the command was asked for. A reader that hung up (`| head`) is no error; a disk that is full is
/// one, because whoever reads the file later would take a part for all of it.
pub(crate) fn data(text: &str) -> Result<(), Stop> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => {
            let message =
                format!("cannot write to stdout: {error}; what is there is not all of it");
            Err(Stop::new(Exit::Io, message))
        }
    }
}

/// A line of talk, which may quote anybody. On a terminal it is broken between words, and stands at the left edge even after
/// a `^C` that the terminal wrote.
pub(crate) fn talk(line: &str) {
    let line = plain(line);
    let mut err = std::io::stderr().lock();
    let text = if err.is_terminal() {
        let width = terminal_width();
        let lines: Vec<String> = line.lines().flat_map(|line| wrap(line, width)).collect();
        format!("\r\x1b[K{}", lines.join("\n"))
    } else {
        line
    };
    drop(writeln!(err, "{text}"));
}

/// Draws over what was drawn before.
pub(crate) fn draw(text: &str) {
    let mut err = std::io::stderr().lock();
    drop(err.write_all(text.as_bytes()).and_then(|()| err.flush()));
}

/// Whether somebody watches stderr.
pub(crate) fn talk_is_watched() -> bool {
    std::io::stderr().is_terminal()
}

/// Whether stdout is a terminal.
pub(crate) fn data_is_watched() -> bool {
    std::io::stdout().is_terminal()
}

/// Columns that data may take: those of the terminal, and as many as it needs where it goes into a file or
/// a pipe, unless `COLUMNS` says how many there are.
pub(crate) fn width() -> usize {
    let is_bound = data_is_watched() || columns_told().is_some();
    if is_bound { terminal_width() } else { usize::MAX }
}

/// Columns of the terminal: `COLUMNS` where it is set, else what the terminal says, else 100.
pub(crate) fn terminal_width() -> usize {
    const USUAL: usize = 100;
    let told = columns_told();
    told.or_else(|| terminal_size::terminal_size().map(|(width, _)| usize::from(width.0)))
        .unwrap_or(USUAL)
}

/// Lines of the terminal, where it says so.
pub(crate) fn terminal_height() -> Option<usize> {
    terminal_size::terminal_size().map(|(_, height)| usize::from(height.0))
}

fn columns_told() -> Option<usize> {
    #[expect(clippy::disallowed_methods, reason = "the terminal's own variable")]
    let told = std::env::var("COLUMNS").ok()?.parse().ok();
    told.filter(|columns| *columns > 0)
}
