//! The binary `voxpark` and its composition root: command line, HTTP edge, the one place where ports meet adapters.

pub mod cli;
pub mod compose;
pub mod demo;
pub mod desk;
pub mod edge;
pub mod printing;
