//! What a private cluster is told beyond Postgres' own defaults.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

/// Durable as a real one: a test that passes without syncs proves nothing about crashes.
const ALWAYS: [(&str, &str); 6] = [
    ("listen_addresses", "127.0.0.1"),
    ("fsync", "on"),
    ("full_page_writes", "on"),
    ("synchronous_commit", "on"),
    // Tests run side by side, each with a pool of its own.
    ("max_connections", "400"),
    ("log_min_messages", "warning"),
];

/// Adds settings to a configuration file; the last one of a name counts.
pub(crate) fn write_settings(file: &Path, folder: &Path, asked: &[(&str, &str)]) -> io::Result<()> {
    let mut file = File::options().append(true).open(file)?;
    let socket = folder.to_string_lossy();
    for (name, value) in
        ALWAYS.iter().chain(&[("unix_socket_directories", socket.as_ref())]).chain(asked)
    {
        writeln!(file, "{name} = '{}'", value.replace('\'', "''"))?;
    }
    Ok(())
}
