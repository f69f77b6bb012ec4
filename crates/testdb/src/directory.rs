//! Directories for as long as a test runs. Their names carry the process that made them, so that what a killed
//! process left behind is found and removed.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::{
        Once,
        atomic::{AtomicU32, Ordering},
    },
};

const PREFIX: &str = "fasti-test-";

pub(crate) struct Directory(PathBuf);

impl Directory {
    pub fn create(purpose: &str) -> Directory {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        static SWEPT: Once = Once::new();
        SWEPT.call_once(remove_leftovers);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("{PREFIX}{}-{purpose}-{count}", process::id()));
        fs::create_dir(&path)
            .unwrap_or_else(|error| panic!("{} cannot be made: {error}", path.display()));
        Directory(path)
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Directory {
    /// What cannot be removed now is removed by a later run.
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).ok();
    }
}

/// Only where `/proc` tells which processes live.
fn remove_leftovers() {
    let processes = Path::new("/proc");
    if !processes.join(process::id().to_string()).exists() {
        return;
    }
    for entry in fs::read_dir(env::temp_dir())
        .into_iter()
        .flatten()
        .flatten()
    {
        let name = entry.file_name();
        let maker = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX))
            .and_then(|rest| rest.split('-').next());
        if maker.is_some_and(|maker| !processes.join(maker).exists()) {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}
