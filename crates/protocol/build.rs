//! Generates the wire types. `protox` parses the files, so no system `protoc` is needed.

use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new("../../proto");
    let files = ["jobs", "nights", "workers"].map(|of| root.join(format!("iago/v1/{of}.proto")));
    println!("cargo:rerun-if-changed=../../proto");
    let descriptors = protox::compile(files, [root])?;
    tonic_prost_build::configure().compile_fds(descriptors)?;
    Ok(())
}
