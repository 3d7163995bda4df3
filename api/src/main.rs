//! Voxpark.

fn main() -> std::process::ExitCode {
    voxpark::cli::main()
}
