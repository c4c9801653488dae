use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::meta::Meta;
use super::page::{HEADER, Leaf, Page, overflow_pages};
use super::{Failure, Fault, PageKind};
use crate::bytes::{long, size};
use crate::error::{Action, Error};
use crate::store::{Record, Store};

/// Reads the records of a database in key order.
///
/// It sees what was committed when it was opened; the database may not be written meanwhile.
pub struct Reader {
    file: File,
    path: Arc<Path>,
    meta: Meta,
    /// Pages from the root to the current leaf, and the next node in each.
    stack: Vec<(Page, usize)>,
    started: bool,
    passed: u64,
    last_key: Option<Vec<u8>>,
}

impl Reader {
    /// Opens a database for reading: a folder with `data.mdb`, or such a file by itself. The folder
    /// may be read-only and needs no `lock.mdb`.
    ///
    /// # Errors
    /// [`Error::Io`] if there is no database, [`Error::Corrupt`] for a file that is not LMDB's or is
    /// truncated, [`Error::Empty`] for one without records.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        let path = path.as_ref();
        let io = |source, path: PathBuf| Error::Io { action: Action::Open, path, source };
        let metadata = path.metadata().map_err(|source| io(source, path.to_owned()))?;
        let name = if metadata.is_dir() { path.join("data.mdb") } else { path.to_owned() };
        let mut file = File::open(&name).map_err(|source| io(source, name.clone()))?;
        let meta = Meta::read(&mut file).map_err(|failure| match failure {
            Failure::Io(source) => Error::Io { action: Action::Read, path: name, source },
            Failure::Corrupt(fault) => {
                Error::Corrupt { path: path.to_owned(), fault: fault.into() }
            }
        })?;
        if meta.entries == 0 {
            return Err(Error::Empty { path: path.to_owned() });
        }
        let path = path.into();
        let stack = Vec::with_capacity(meta.depth.into());
        Ok(Reader { file, path, meta, stack, started: false, passed: 0, last_key: None })
    }

    /// The next leaf's next node, as long as there is one.
    fn step(&mut self) -> Result<Option<()>, Error> {
        if !self.started {
            self.stack.clear();
            self.push(self.meta.root)?;
            self.started = true;
        }
        loop {
            let depth = self.stack.len();
            let Some((page, next)) = self.stack.last_mut() else { return Ok(None) };
            if *next == page.len() {
                self.stack.pop();
            } else if depth == usize::from(self.meta.depth) {
                return Ok(Some(()));
            } else {
                let child = page.child(*next);
                *next += 1;
                let child = child.map_err(|fault| self.corrupt(fault))?;
                self.push(child)?;
            }
        }
    }

    fn push(&mut self, number: u64) -> Result<(), Error> {
        let mut bytes = Vec::new();
        self.read(number, self.meta.page_size, &mut bytes)?;
        let is_leaf = self.stack.len() + 1 == usize::from(self.meta.depth);
        let kind = if is_leaf { PageKind::Leaf } else { PageKind::Branch };
        let page = Page::new(bytes, number, kind).map_err(|fault| self.corrupt(fault))?;
        self.stack.push((page, 0));
        Ok(())
    }

    /// Reads `length` bytes from the start of a page on; they may cover the pages behind it.
    fn read(&mut self, page: u64, length: u64, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let pages = length.div_ceil(self.meta.page_size);
        let end = page.checked_add(pages);
        // Pages 0 and 1 are the meta pages.
        if page < 2 || end.is_none_or(|end| end > self.meta.last_page.saturating_add(1)) {
            let last = self.meta.last_page;
            return Err(self.corrupt(Fault::PagesBeyondFile { pages, page, last }));
        }
        // `Meta` has checked that all pages are in the file.
        bytes.resize(size(length), 0);
        let at = SeekFrom::Start(page.saturating_mul(self.meta.page_size));
        let read = self.file.seek(at).and_then(|_| self.file.read_exact(bytes));
        let path = || self.path.to_path_buf();
        read.map_err(|source| Error::Io { action: Action::Read, path: path(), source })
    }

    /// Reads a value of `size` bytes from the overflow pages that begin with this one.
    fn outside(&mut self, page: u64, size: u32) -> Result<Vec<u8>, Error> {
        let mut bytes = Vec::new();
        let length = long(HEADER) + u64::from(size);
        self.read(page, length, &mut bytes)?;
        let pages = overflow_pages(&bytes, page).map_err(|fault| self.corrupt(fault))?;
        if length.div_ceil(self.meta.page_size) > pages {
            return Err(self.corrupt(Fault::ValueBeyondPages { size, pages, page }));
        }
        bytes.drain(..HEADER);
        Ok(bytes)
    }

    fn corrupt(&self, fault: Fault) -> Error {
        Error::Corrupt { path: self.path.to_path_buf(), fault: fault.into() }
    }

    fn read_next(&mut self, with_value: bool) -> Result<Option<Record>, Error> {
        if self.step()?.is_none() {
            if self.passed != self.meta.entries {
                let (found, noted) = (self.passed, self.meta.entries);
                return Err(self.corrupt(Fault::RecordCount { found, noted }));
            }
            return Ok(None);
        }
        let Some((page, next)) = self.stack.last_mut() else { return Ok(None) };
        let node = page.leaf(*next).map(|leaf| match leaf {
            Leaf::Inside(key, value) => {
                let value = if with_value { value.to_vec() } else { Vec::new() };
                (key.to_vec(), Ok(value))
            }
            Leaf::Outside(key, number, size) => (key.to_vec(), Err((number, size))),
        });
        let (key, value) = node.map_err(|fault| self.corrupt(fault))?;
        // A tree whose pages are linked in circles would never end.
        let unsorted =
            self.meta.ascending && self.last_key.as_ref().is_some_and(|last| key <= *last);
        if unsorted || self.passed == self.meta.entries {
            let key = String::from_utf8_lossy(&key).into_owned();
            return Err(self.corrupt(Fault::KeyOrder { key }));
        }
        let value = match value {
            Ok(value) => value,
            Err((number, size)) if with_value => self.outside(number, size)?,
            Err(_) => Vec::new(),
        };
        if let Some((_, next)) = self.stack.last_mut() {
            *next += 1;
        }
        self.passed += 1;
        self.last_key = Some(key.clone());
        Ok(Some(Record::new(key, value, &self.path)))
    }
}

impl Store for Reader {
    fn next_record(&mut self) -> Result<Option<Record>, Error> {
        self.read_next(true)
    }

    fn rewind(&mut self) {
        self.stack.clear();
        self.started = false;
        self.passed = 0;
        self.last_key = None;
    }

    fn skip(&mut self, count: u64) -> Result<u64, Error> {
        for skipped in 0..count {
            if self.read_next(false)?.is_none() {
                return Ok(skipped);
            }
        }
        Ok(count)
    }

    fn len_hint(&self) -> Option<u64> {
        Some(self.meta.entries)
    }

    fn path(&self) -> &Path {
        &self.path
    }
}
