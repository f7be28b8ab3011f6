//! What processes have used, as Linux tells it, and what this one may use.

use std::{
    ops::Sub,
    path::{Path, PathBuf},
};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::{Failure, options::Plan, table};

/// Files that a process needs beside its connections.
const OTHER_FILES: u64 = 200;
const TMPFS: i64 = 0x0102_1994;

/// What is watched while something is measured.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Watched {
    /// The process that does the work.
    pub(crate) program: u32,
    /// PostgreSQL's first process, whose children do its work.
    pub(crate) postgres: Option<u32>,
}

/// Processor seconds used so far, or between two moments.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Used {
    pub(crate) program: f64,
    pub(crate) database: f64,
    pub(crate) this: f64,
}

impl Watched {
    /// What has been used so far.
    pub(crate) fn used(&self) -> Result<Used, Failure> {
        Ok(Used {
            program: seconds(&Stat::of(self.program)?),
            database: self.postgres.map_or(Ok(0.0), seconds_of_family)?,
            this: seconds(&Stat::of(std::process::id())?),
        })
    }
}

impl Sub for Used {
    type Output = Self;

    fn sub(self, earlier: Self) -> Self {
        Self {
            program: self.program - earlier.program,
            database: self.database - earlier.database,
            this: self.this - earlier.this,
        }
    }
}

/// One process in `/proc`.
struct Stat {
    parent: u32,
    ticks: u64,
    /// Of children that have ended.
    ticks_of_children: u64,
}

impl Stat {
    fn of(process: u32) -> Result<Self, Failure> {
        let path = format!("/proc/{process}/stat");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        Self::parse(&text).ok_or_else(|| format!("{path}: {text}").into())
    }

    /// The program's name is in brackets and may hold spaces: fields are counted from behind it. The first is the
    /// state, the second the parent, the twelfth to fifteenth are times.
    fn parse(text: &str) -> Option<Self> {
        let (_, fields) = text.rsplit_once(')')?;
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
        Some(Self {
            parent: u32::try_from(number(1)?).ok()?,
            ticks: number(11)? + number(12)?,
            ticks_of_children: number(13)? + number(14)?,
        })
    }
}

#[expect(clippy::cast_precision_loss, reason = "times of a bench are far below 2^52 ticks")]
fn in_seconds(ticks: u64) -> f64 {
    ticks as f64 / rustix::param::clock_ticks_per_second() as f64
}

fn seconds(stat: &Stat) -> f64 {
    in_seconds(stat.ticks)
}

/// A process with its children, also those that have ended.
fn seconds_of_family(first: u32) -> Result<f64, Failure> {
    let first_stat = Stat::of(first)?;
    let mut ticks = first_stat.ticks + first_stat.ticks_of_children;
    for entry in std::fs::read_dir("/proc")? {
        let name = entry?.file_name();
        let Some(process) = name.to_str().and_then(|name| name.parse().ok()) else {
            continue;
        };
        // Some end while the list is read.
        if let Ok(stat) = Stat::of(process)
            && stat.parent == first
        {
            ticks += stat.ticks;
        }
    }
    Ok(in_seconds(ticks))
}

/// The parent of a process.
pub(crate) fn parent(process: u32) -> Result<u32, Failure> {
    Ok(Stat::of(process)?.parent)
}

/// The memory a process holds, in bytes.
pub(crate) fn resident_memory(process: u32) -> Result<u64, Failure> {
    memory(process, "VmRSS:")
}

/// Bytes of memory that a process held at most since [its peak was forgotten](forget_peak).
pub(crate) fn peak_memory(process: u32) -> Result<u64, Failure> {
    memory(process, "VmHWM:")
}

/// Lets the most that a process held begin anew (proc(5), `/proc/pid/clear_refs`).
pub(crate) fn forget_peak(process: u32) -> Result<(), Failure> {
    let path = format!("/proc/{process}/clear_refs");
    Ok(std::fs::write(&path, "5").map_err(|error| format!("{path}: {error}"))?)
}

fn memory(process: u32, name: &str) -> Result<u64, Failure> {
    let path = format!("/proc/{process}/status");
    let status = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kibibytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    Ok(kibibytes.ok_or_else(|| format!("{path} tells no {name}"))? * 1024)
}

/// Lets this process and those it starts open as many files as they ever may.
pub(crate) fn allow_many_files() -> Result<(), Failure> {
    let limit = getrlimit(Resource::Nofile);
    let most = Rlimit {
        current: limit.maximum,
        maximum: limit.maximum,
    };
    Ok(setrlimit(Resource::Nofile, most)?)
}

/// How many connections a process can have.
pub(crate) fn most_connections() -> usize {
    let files = getrlimit(Resource::Nofile).current;
    files.map_or(usize::MAX, |files| {
        usize::try_from(files.saturating_sub(OTHER_FILES)).unwrap_or(usize::MAX)
    })
}

/// Where data of servers go.
pub(crate) fn data_folder() -> PathBuf {
    std::env::temp_dir()
}

/// Refuses to measure durability where nothing is durable.
pub(crate) fn check_disk(plan: &Plan) -> Result<(), Failure> {
    let folder = data_folder();
    if !is_in_memory(&folder)? {
        return Ok(());
    }
    let complaint = format!(
        "{} lies in memory: set TMPDIR to a folder on a real disk",
        folder.display()
    );
    if plan.is_short {
        table::complain(&complaint);
        return Ok(());
    }
    Err(complaint.into())
}

fn is_in_memory(folder: &Path) -> Result<bool, Failure> {
    let system = rustix::fs::statfs(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    Ok(system.f_type as i64 == TMPFS)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_move_the_fields() {
        let stat = Stat::parse("7 (a) b (c) S 3 7 7 0 -1 4194560 1 2 3 4 50 6 70 8 20 0 1").unwrap();
        assert_eq!((stat.parent, stat.ticks, stat.ticks_of_children), (3, 56, 78));
    }

    #[test]
    fn this_process_can_be_looked_at() {
        let this = std::process::id();
        assert!(resident_memory(this).unwrap() > 100_000);
        assert!(parent(this).unwrap() > 0);
        let watched = Watched {
            program: this,
            postgres: None,
        };
        assert!(watched.used().unwrap().program >= 0.0);
    }
}
