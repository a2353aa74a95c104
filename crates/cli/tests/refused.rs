//! Everything that has to be refused or waited for when the main job runs on several machines: bad
//! databases, bad listeners, bad tokens, bad addresses, and clocks that step. A row for each fault, with
//! its exit code and the words that it is told in.

#[path = "support/world.rs"]
mod world;

#[path = "support/fleet.rs"]
mod fleet;

#[path = "refused/row.rs"]
mod row;

#[path = "refused/certificate.rs"]
mod certificate;
#[path = "refused/client.rs"]
mod client;
#[path = "refused/clock.rs"]
mod clock;
#[path = "refused/database.rs"]
mod database;
#[path = "refused/disk_full.rs"]
mod disk_full;
#[path = "refused/listener.rs"]
mod listener;
#[path = "refused/settings.rs"]
mod settings;
#[path = "refused/token.rs"]
mod token;
#[path = "refused/version.rs"]
mod version;
#[path = "refused/worker.rs"]
mod worker;
