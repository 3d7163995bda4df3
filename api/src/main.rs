//! Voxpark
fn main() {}
