//! Which pictures are looked at, and what is known of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use quantization_tools::datum_store::read_text;
use quantization_tools::detection::coco::{GroundTruth, Limits};
use quantization_tools::transform_param::Format;
use quantization_tools_cli::cli::Failure;

/// Bytes of a list or a COCO file at most.
const MAX_BYTES: u64 = 1 << 30;

/// A picture to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Picture {
    pub(super) path: PathBuf,
    /// The name of the drawn picture.
    pub(super) drawn: String,
    /// Its id in the results.
    pub(super) image: u64,
}

/// The pictures, and the true boxes if they are known.
#[derive(Debug)]
pub(super) struct Pictures {
    pub(super) list: Vec<Picture>,
    pub(super) truth: Option<GroundTruth>,
}

impl Pictures {
    /// Of a folder, a list, a COCO file or a single picture. Paths of lists and COCO files are below `root`, or beside
    /// the file.
    pub(super) fn read(
        named: &Path,
        root: Option<&Path>,
        ground_truth: Option<&Path>,
    ) -> Result<Self, Failure> {
        let root = || match root {
            Some(root) => root.to_owned(),
            None => named.parent().unwrap_or(Path::new("")).to_owned(),
        };
        let truth = ground_truth.map(read_truth).transpose()?;
        let (found, mut ids, truth) = if named.is_dir() {
            (of_folder(named)?, None, truth)
        } else if extension(named) == "json" {
            let own = read_truth(named)?;
            let paths = own.images().iter().map(|image| root().join(&image.file_name)).collect();
            let ids: Vec<u64> = own.images().iter().map(|image| image.id).collect();
            // A file of pictures alone has names of classes at most.
            let ids = truth.is_none().then_some(ids);
            (paths, ids, Some(truth.unwrap_or(own)))
        } else if is_picture(named) {
            (vec![named.to_owned()], None, truth)
        } else {
            (of_list(named, &root())?, None, truth)
        };
        if found.is_empty() {
            return Err(format!("{}: no pictures", named.display()).into());
        }
        if ids.is_none()
            && let Some(truth) = &truth
        {
            ids = Some(ids_of(truth, &found)?);
        }
        let names = names(&found);
        let each = found.into_iter().zip(names).enumerate();
        let list = each.map(|(index, (path, drawn))| {
            let image = ids.as_ref().and_then(|ids| ids.get(index).copied());
            Picture { path, drawn, image: image.unwrap_or(index as u64 + 1) }
        });
        Ok(Pictures { list: list.collect(), truth })
    }
}

fn extension(path: &Path) -> String {
    path.extension().and_then(|extension| extension.to_str()).unwrap_or_default().to_lowercase()
}

fn is_picture(path: &Path) -> bool {
    extension(path).parse::<Format>().is_ok()
}

fn read_truth(path: &Path) -> Result<GroundTruth, Failure> {
    let text = read_text(path, MAX_BYTES).map_err(|error| named(path, &error))?;
    GroundTruth::parse(text.as_bytes(), &Limits::default()).map_err(|error| named(path, &error))
}

/// An error with the file that it is about.
pub(super) fn named(path: &Path, error: &(dyn std::error::Error + 'static)) -> Failure {
    format!("{}: {}", path.display(), quantization_tools_cli::cli::one_line(error)).into()
}

/// The pictures of a folder, by name.
fn of_folder(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| named(folder, &error))? {
        let path = entry.map_err(|error| named(folder, &error))?.path();
        if is_picture(&path) && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// The pictures of a list: a path on each line, and behind the last blank perhaps a label or annotations, as the lists of
/// the converters have them.
fn of_list(list: &Path, root: &Path) -> Result<Vec<PathBuf>, Failure> {
    let text = read_text(list, MAX_BYTES).map_err(|error| named(list, &error))?;
    let path = |line: &str| {
        let whole = root.join(line);
        match line.rsplit_once([' ', '\t']) {
            Some((first, _)) if !is_picture(&whole) || !whole.is_file() => {
                root.join(first.trim_end())
            }
            _ => whole,
        }
    };
    Ok(text.lines().map(str::trim).filter(|line| !line.is_empty()).map(path).collect())
}

/// The pictures' ids in the ground truth: that of the file name with which the path ends.
fn ids_of(truth: &GroundTruth, paths: &[PathBuf]) -> Result<Vec<u64>, Failure> {
    let mut by_last: HashMap<&std::ffi::OsStr, Vec<(&Path, u64)>> = HashMap::new();
    for image in truth.images() {
        let name = Path::new(&image.file_name);
        by_last.entry(name.file_name().unwrap_or_default()).or_default().push((name, image.id));
    }
    let mut used: BTreeSet<u64> = BTreeSet::new();
    let id = |path: &PathBuf| {
        let same = by_last.get(path.file_name().unwrap_or_default());
        let mut fitting = same.into_iter().flatten().filter(|(name, _)| path.ends_with(name));
        let (found, more) = (fitting.next(), fitting.next());
        match (found, more) {
            (Some(&(_, id)), None) if used.insert(id) => Ok(id),
            (Some(_), None) => {
                Err(format!("{}: the picture of this name was there before", path.display()).into())
            }
            (Some(_), Some(_)) => {
                Err(format!("{}: the ground truth has several such pictures", path.display())
                    .into())
            }
            (None, _) => Err(format!("{}: not in the ground truth", path.display()).into()),
        }
    };
    paths.iter().map(id).collect()
}

/// A name for each drawn picture: the file's own without its extension. Names that would be the same get a number.
fn names(paths: &[PathBuf]) -> Vec<String> {
    let stem = |path: &PathBuf| path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let stems: Vec<String> = paths.iter().map(stem).collect();
    let mut taken: BTreeSet<String> = stems.iter().cloned().collect();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut name = |stem: &'_ String, count: usize| {
        if count == 1 {
            return format!("{stem}.png");
        }
        let free = (count..).map(|n| format!("{stem}_{n}")).find(|name| !taken.contains(name));
        let name = free.unwrap_or_default();
        taken.insert(name.clone());
        format!("{name}.png")
    };
    stems
        .iter()
        .map(|stem| {
            let count = seen.entry(stem.as_str()).or_default();
            *count += 1;
            name(stem, *count)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawn_pictures_have_names_of_their_own() {
        let paths = ["a/x.jpg", "b/x.png", "c/x_2.png", "d/x.bmp", "e/y z.png"].map(PathBuf::from);
        assert_eq!(names(&paths), ["x.png", "x_3.png", "x_2.png", "x_4.png", "y z.png"]);
    }

    #[test]
    fn ids_come_from_the_ends_of_paths() {
        let text = r#"{"images": [{"id": 5, "file_name": "a.png"}, {"id": 6, "file_name": "sub/b.png"},
            {"id": 7, "file_name": "other/b.png"}]}"#;
        let truth = GroundTruth::parse(text.as_bytes(), &Limits::default()).expect("truth");
        let ids =
            |paths: &[&str]| ids_of(&truth, &paths.iter().map(PathBuf::from).collect::<Vec<_>>());
        assert_eq!(ids(&["x/other/b.png", "a.png"]).expect("ids"), [7, 5]);
        for (paths, expected) in [
            (&["xa.png"][..], "xa.png: not in the ground truth"),
            (&["b.png"], "b.png: not in the ground truth"),
            (&["x/a.png", "y/a.png"], "y/a.png: the picture of this name was there before"),
        ] {
            assert_eq!(ids(paths).expect_err(expected).to_string(), expected);
        }
    }

    #[test]
    fn lists_have_paths_with_and_without_labels() {
        let folder = tempfile::tempdir().expect("folder");
        let root = folder.path();
        for name in ["a b.png", "c.png"] {
            std::fs::write(root.join(name), "").expect("written");
        }
        let list = root.join("list.txt");
        std::fs::write(&list, "a b.png\nc.png 3\n\na b.png boxes/a.xml\n  c.png\t1\r\n")
            .expect("written");
        let found = of_list(&list, root).expect("a list");
        let expected = ["a b.png", "c.png", "a b.png", "c.png"].map(|name| root.join(name));
        assert_eq!(found, expected);
        assert_eq!(of_folder(root).expect("a folder"), [root.join("a b.png"), root.join("c.png")]);
    }
}
