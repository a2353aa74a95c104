//! Reads a cron expression, more strictly than the library does: a slip is an error here.

use croner::Cron;
use croner::parser::{CronParser, Seconds, Year};
use jiff::civil::{DateTime, date};

/// What stands for five fields.
const NICKNAMES: [&str; 6] = ["@hourly", "@daily", "@weekly", "@monthly", "@yearly", "@annually"];

/// The fields in order, with the letters that each may have beside numbers.
const FIELDS: [(&str, &[&str]); 5] = [
    ("minute", &[]),
    ("hour", &[]),
    ("day of the month", &["L", "W", "LW"]),
    ("month", &MONTHS),
    ("day of the week", &DAYS),
];

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

const DAYS: [&str; 8] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT", "L"];

/// How many there are before they begin again: minutes, hours, months. Days have no such number.
const IN_A_CYCLE: [Option<u32>; 5] = [Some(60), Some(24), None, Some(12), None];

/// Of the name of a month or a day.
const NAME_LETTERS: usize = 3;

/// Any moment does that is not too late: whether an expression ever names a time does not depend on
/// when one asks.
const LONG_AGO: DateTime = date(2000, 1, 1).at(0, 0, 0, 0);

/// An expression with single spaces, or the words that say what is wrong with it.
pub(super) fn read(expression: &str) -> Result<Cron, String> {
    check(expression)?;
    let parser = CronParser::builder().seconds(Seconds::Disallowed).year(Year::Disallowed).build();
    let cron = parser.parse(expression).map_err(|error| {
        format!(
            "`{expression}` is no cron expression ({error}); five fields are meant: minute, hour, \
             day of the month, month, day of the week, such as \"0 2 * * MON-FRI\""
        )
    })?;
    match cron.find_next_occurrence(&LONG_AGO, false) {
        Ok(_) => Ok(cron),
        Err(_never) => Err(format!("`{expression}` names no day that ever comes")),
    }
}

/// Whether the library describes it as it is. For `*/45` it says "every 45 minutes", though from 45 it
/// is a quarter of an hour to the next, and of `*/10,5` it leaves out the five.
pub(super) fn has_true_words(expression: &str) -> bool {
    let mut counted = expression.split(' ').zip(IN_A_CYCLE);
    counted.all(|(field, cycle)| match field.strip_prefix("*/").map(str::parse::<u32>) {
        _ if cycle.is_none() => true, // days are listed
        Some(step) => step.is_ok_and(|step| cycle.is_some_and(|n| n.is_multiple_of(step))),
        None => !field.contains('/'),
    })
}

/// What the library would read as something else than it says, or explain less well.
fn check(expression: &str) -> Result<(), String> {
    if expression.starts_with('@') {
        return check_nickname(expression);
    }
    let fields: Vec<_> = expression.split(' ').filter(|field| !field.is_empty()).collect();
    if fields.len() != FIELDS.len() {
        return Err(format!(
            "`{expression}` has {} fields of the five of a cron expression: minute, hour, day of the \
             month, month, day of the week, such as \"0 2 * * *\" for every night at two",
            fields.len()
        ));
    }
    let mut named = FIELDS.iter().zip(fields);
    named.try_for_each(|((noun, words), field)| check_field(noun, words, field))
}

fn check_nickname(expression: &str) -> Result<(), String> {
    if NICKNAMES.contains(&expression.to_ascii_lowercase().as_str()) {
        return Ok(());
    }
    Err(format!("`{expression}` is none of {}", NICKNAMES.join(", ")))
}

/// A field is a list of numbers and words with the signs of a cron expression between them.
fn check_field(noun: &str, words: &[&str], field: &str) -> Result<(), String> {
    if let Some(strange) =
        field.chars().find(|c| !c.is_ascii_alphanumeric() && !"*/,-#".contains(*c))
    {
        return Err(format!("`{field}` of the {noun} has a `{strange}`, which means nothing here"));
    }
    if field.split(',').any(str::is_empty) {
        return Err(format!("`{field}` of the {noun} has a comma with nothing beside it"));
    }
    let parts = field.split(|c: char| !c.is_ascii_alphanumeric()).filter(|part| !part.is_empty());
    for part in parts {
        let word = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let known = word.is_empty() || words.iter().any(|name| name.eq_ignore_ascii_case(word));
        // The names of months and days stand alone: the library would read `1SUN` as 10.
        if !known || (word.len() == NAME_LETTERS && word.len() < part.len()) {
            return Err(format!("`{field}` of the {noun}: `{part}` means nothing there"));
        }
    }
    check_range(noun, words, field)
}

/// A range goes upwards: the days of `FRI-MON` are two ranges.
fn check_range(noun: &str, words: &[&str], field: &str) -> Result<(), String> {
    let rank = |name: &str| match name.parse::<usize>() {
        Ok(number) => Some(number),
        Err(_name) => words.iter().position(|word| word.eq_ignore_ascii_case(name)),
    };
    for part in field.split(',') {
        let Some((from, to)) = part.split('/').next().and_then(|range| range.split_once('-'))
        else {
            continue;
        };
        if let (Some(low), Some(high)) = (rank(from), rank(to))
            && low > high
            && from.parse::<usize>().is_ok() == to.parse::<usize>().is_ok()
        {
            return Err(format!(
                "`{part}` of the {noun} goes backwards; write two ranges with a comma between them"
            ));
        }
    }
    Ok(())
}
