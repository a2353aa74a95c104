//! The store on a real server that the tests start and stop themselves.

mod against_memory;
mod cluster;
mod conformance;
mod crash;
mod facts;
mod fence;
mod layouts;
mod partitions;
mod places;
mod views;
