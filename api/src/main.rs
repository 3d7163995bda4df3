//! Voxpark.

/// A request allocates some thousand small things, most of them on one thread and freed on another.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    voxpark::cli::main()
}
