//! One call over real sockets: how its body is read, and which way it goes.

mod certificates;
mod keys;
mod probing;
mod proxies;
mod server;
mod streams;
