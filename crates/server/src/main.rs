//! The `fasti` binary.

/// Answers of tens of kilobytes come and go on many threads, which the system's allocator gives back each time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    server::cli::run()
}
