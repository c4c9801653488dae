use std::fs::File;
use std::io;
use std::ops::Bound;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::log::LogReader;
use super::manifest::{Manifest, TableFile};
use super::memory::Memory;
use super::table::{Kind, TableReader, split_key};
use super::{Failure, Fault};
use crate::error::{Action, Error};
use crate::read_file::read_file;
use crate::store::{Record, Store};

/// Bytes of the file CURRENT at most: it has one short name.
const MAX_CURRENT: u64 = 1 << 12;

/// Reads the records of a database in key order: tables and logs merged, the newest value of each
/// key, without deleted ones.
///
/// Nothing is written, not even a lock; the database may not be written meanwhile.
#[derive(Debug)]
pub struct Reader {
    path: Arc<Path>,
    memory: Memory,
    groups: Vec<Vec<TableFile>>,
    /// One for each group, while reading.
    cursors: Vec<Cursor>,
    started: bool,
    last_key: Option<Vec<u8>>,
}

/// Walks over the tables of a group.
#[derive(Debug, Default)]
struct Cursor {
    table: Option<TableReader>,
    next_table: usize,
    /// The current entry's key, sequence number and kind; `None` at the end.
    head: Option<(Vec<u8>, u64, Kind)>,
}

/// A key and its newest value; none if that is a deletion.
type Newest = (Vec<u8>, Option<Vec<u8>>);

impl Reader {
    /// Opens a database for reading. The folder may be read-only.
    ///
    /// # Errors
    /// [`Error::Io`] if there is no database or a file of it is missing, [`Error::Corrupt`] names the
    /// file that is damaged, [`Error::Empty`] for a database without records.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let current = path.join("CURRENT");
        let name = read_file(&current, MAX_CURRENT).map_err(|source| Error::Io {
            action: Action::Open,
            path: current.clone(),
            source,
        })?;
        let name = name.strip_suffix(b"\n").and_then(|name| std::str::from_utf8(name).ok());
        let name = name.filter(|name| {
            let number = name.strip_prefix("MANIFEST-").unwrap_or_default();
            !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
        });
        let name = name.ok_or_else(|| corrupt(&current, Fault::NoManifest))?;
        let file = path.join(name);
        let manifest = read_manifest(&file)?;
        let memory = read_logs(path, &manifest)?;
        let mut reader = Reader {
            path: path.into(),
            memory,
            groups: manifest.groups(),
            cursors: Vec::new(),
            started: false,
            last_key: None,
        };
        if reader.next_record()?.is_none() {
            return Err(Error::Empty { path: path.to_owned() });
        }
        reader.rewind();
        Ok(reader)
    }

    fn start(&mut self) -> Result<(), Error> {
        self.cursors = self.groups.iter().map(|_| Cursor::default()).collect();
        for (cursor, group) in self.cursors.iter_mut().zip(&self.groups) {
            cursor.advance(&self.path, group)?;
        }
        self.started = true;
        self.last_key = None;
        Ok(())
    }

    /// The next key with its newest entry.
    fn step(&mut self) -> Result<Option<Newest>, Error> {
        let after = match &self.last_key {
            Some(key) => Bound::Excluded(key.as_slice()),
            None => Bound::Unbounded,
        };
        let in_memory = self.memory.entries.range::<[u8], _>((after, Bound::Unbounded)).next();
        let heads = self.cursors.iter().filter_map(|cursor| cursor.head.as_ref());
        let keys = heads.map(|(key, _, _)| key).chain(in_memory.map(|(key, _)| key));
        let Some(key) = keys.min().cloned() else { return Ok(None) };
        let in_memory =
            in_memory.filter(|(found, _)| **found == key).map(|(_, entry)| entry.clone());

        let mut newest = in_memory.as_ref().map(|(sequence, _)| *sequence);
        let mut from_table = None;
        for (cursor, group) in self.cursors.iter_mut().zip(&self.groups) {
            while let Some((found, sequence, kind)) = &cursor.head {
                if *found != key {
                    break;
                }
                if newest.is_none_or(|newest| newest < *sequence) {
                    newest = Some(*sequence);
                    let value = cursor.table.as_ref().and_then(TableReader::entry);
                    let value = value.map(|(_, value)| value.to_vec());
                    from_table = Some(value.filter(|_| *kind == Kind::Value));
                }
                cursor.advance(&self.path, group)?;
            }
        }
        let value = match (from_table, in_memory) {
            (Some(value), _) => value,
            (None, Some((_, Some(place)))) => {
                Some(self.memory.value(&place).map_err(|source| Error::Io {
                    action: Action::Read,
                    path: self.path.to_path_buf(),
                    source,
                })?)
            }
            (None, _) => None,
        };
        self.last_key = Some(key.clone());
        Ok(Some((key, value)))
    }
}

impl Cursor {
    /// Goes to the group's next entry.
    fn advance(&mut self, folder: &Path, group: &[TableFile]) -> Result<(), Error> {
        loop {
            let Some(table) = &mut self.table else {
                let Some(next) = group.get(self.next_table) else {
                    self.head = None;
                    return Ok(());
                };
                self.table = Some(open_table(folder, next)?);
                self.next_table += 1;
                continue;
            };
            let number = group.get(self.next_table.wrapping_sub(1)).map_or(0, |table| table.number);
            let failed = |failure| failed(&folder.join(format!("{number:06}.ldb")), failure);
            if !table.advance().map_err(failed)? {
                self.table = None;
                continue;
            }
            let Some((stored, _)) = table.entry() else { continue };
            let head = split_key(stored).map_err(|fault| failed(fault.into()))?;
            let (key, sequence, kind) = head;
            let in_order = self.head.as_ref().is_none_or(|(last, newer, _)| {
                last.as_slice() < key || (last == key && *newer > sequence)
            });
            if !in_order {
                let key = String::from_utf8_lossy(key).into_owned();
                return Err(failed(Fault::KeyOrder { key }.into()));
            }
            self.head = Some((key.to_vec(), sequence, kind));
            return Ok(());
        }
    }
}

impl Store for Reader {
    fn next_record(&mut self) -> Result<Option<Record>, Error> {
        if !self.started {
            self.start()?;
        }
        loop {
            match self.step()? {
                None => return Ok(None),
                Some((_, None)) => {}
                Some((key, Some(value))) => return Ok(Some(Record::new(key, value, &self.path))),
            }
        }
    }

    fn rewind(&mut self) {
        self.started = false;
    }

    fn len_hint(&self) -> Option<u64> {
        None
    }

    fn path(&self) -> &Path {
        &self.path
    }
}

fn read_manifest(path: &Path) -> Result<Manifest, Error> {
    let file = open_file(path)?;
    let mut log = LogReader::new(file);
    let mut manifest = Manifest::default();
    let mut edits = 0;
    while let Some(edit) = log.next_record().map_err(|failure| failed(path, failure))? {
        manifest.apply(&edit.data).map_err(|fault| corrupt(path, fault))?;
        edits += 1;
    }
    if edits == 0 {
        return Err(corrupt(path, Fault::NoEdits));
    }
    Ok(manifest)
}

/// Reads all logs that are not in tables yet, older ones first.
fn read_logs(folder: &Path, manifest: &Manifest) -> Result<Memory, Error> {
    let io = |source| Error::Io { action: Action::Read, path: folder.to_owned(), source };
    let mut logs: Vec<(u64, PathBuf)> = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(io)? {
        let path = entry.map_err(io)?.path();
        let stem = path.file_stem().and_then(|stem| stem.to_str());
        let number = stem.and_then(|stem| stem.parse::<u64>().ok());
        if let Some(number) = number
            && path.extension().is_some_and(|extension| extension == "log")
            && (number >= manifest.log || number == manifest.previous_log)
        {
            logs.push((number, path));
        }
    }
    logs.sort();
    if manifest.log != 0 && logs.iter().all(|(number, _)| *number != manifest.log) {
        return Err(missing(folder.join(format!("{:06}.log", manifest.log))));
    }
    let mut memory = Memory::default();
    for (_, path) in logs {
        memory.add(open_file(&path)?).map_err(|failure| failed(&path, failure))?;
    }
    Ok(memory)
}

fn open_table(folder: &Path, table: &TableFile) -> Result<TableReader, Error> {
    for extension in ["ldb", "sst"] {
        let path = folder.join(format!("{:06}.{extension}", table.number));
        if path.exists() {
            return TableReader::open(open_file(&path)?, table.size)
                .map_err(|failure| failed(&path, failure));
        }
    }
    Err(missing(folder.join(format!("{:06}.ldb", table.number))))
}

fn open_file(path: &Path) -> Result<File, Error> {
    File::open(path).map_err(|source| Error::Io {
        action: Action::Open,
        path: path.to_owned(),
        source,
    })
}

fn missing(path: PathBuf) -> Error {
    Error::Io { action: Action::Open, path, source: io::ErrorKind::NotFound.into() }
}

fn failed(path: &Path, failure: Failure) -> Error {
    match failure {
        Failure::Io(source) => Error::Io { action: Action::Read, path: path.to_owned(), source },
        Failure::Corrupt(fault) => corrupt(path, fault),
    }
}

fn corrupt(path: &Path, fault: Fault) -> Error {
    Error::Corrupt { path: path.to_owned(), fault: fault.into() }
}
