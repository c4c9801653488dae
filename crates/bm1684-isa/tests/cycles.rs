//! Statistical: the formulas of [`bm1684_isa::cycles`] beside what the vendor's back end counted for random commands.
//!
//! `crates/conformance/oracle/cycles.py` recorded the counts and explains the files. The table of docs/bm1684.md must say
//! what is found here; `-- --nocapture` prints its numbers.

use std::error::Error;
use std::fs;
use std::path::PathBuf;

use bm1684_isa::commands::{Gdma, Tiu};
use bm1684_isa::field::FieldInfo;
use bm1684_isa::{Encoded, cycles};

type Failure = Box<dyn Error>;

fn root() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "..", ".."].iter().collect()
}

/// What the lines of one engine say.
struct Lines {
    fields: &'static [FieldInfo],
    start: Encoded,
    vary: Vec<&'static FieldInfo>,
}

impl Lines {
    fn field(&self, name: &str) -> Result<&'static FieldInfo, Failure> {
        let found = self.fields.iter().find(|field| field.name == name);
        Ok(found.ok_or_else(|| format!("no field {name}"))?)
    }

    /// The command of the values of one line.
    fn command(&self, values: &[&str]) -> Result<Encoded, Failure> {
        let mut bytes = self.start;
        if values.len() != self.vary.len() {
            return Err(format!("{} values for {} fields", values.len(), self.vary.len()).into());
        }
        for (field, value) in self.vary.iter().zip(values) {
            set(&mut bytes, field, value.parse()?);
        }
        Ok(bytes)
    }
}

fn set(bytes: &mut Encoded, field: &FieldInfo, value: u64) {
    for bit in 0..field.width {
        let place = field.lsb + bit;
        let mask = 1 << (place % 8);
        let byte = &mut bytes[place / 8];
        *byte = if value >> bit & 1 == 1 { *byte | mask } else { *byte & !mask };
    }
}

/// Cycles by the formulas and by the vendor, for each count of a file.
fn counts(text: &str) -> Result<Vec<(u64, u64)>, Failure> {
    let start: [Encoded; 2] = [Tiu::default().encode()?, Gdma::default().encode()?];
    let fields = [Tiu::FIELDS, Gdma::FIELDS];
    let mut engines =
        [0, 1].map(|engine| Lines { fields: fields[engine], start: start[engine], vary: vec![] });
    let (mut found, mut all) = (0, vec![]);
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (line, count) =
            line.split_once(" = ").map_or((line, None), |(line, count)| (line, Some(count)));
        let words: Vec<&str> = line.split_whitespace().collect();
        let engine = usize::from(words[0] == "g");
        let lines = &mut engines[engine];
        match words[1..] {
            ["same", ref known @ ..] => {
                for known in known {
                    let (name, value) = known.split_once('=').ok_or("no value")?;
                    set(
                        &mut lines.start,
                        lines.fields.iter().find(|field| field.name == name).ok_or(name)?,
                        value.parse()?,
                    );
                }
            }
            ["vary", ref names @ ..] => {
                lines.vary =
                    names.iter().map(|name| lines.field(name)).collect::<Result<_, _>>()?;
            }
            ref values => {
                let bytes = lines.command(values)?;
                found += match engine {
                    0 => cycles::tiu(&Tiu::decode(&bytes)?),
                    _ => cycles::gdma(&Gdma::decode(&bytes)?),
                };
            }
        }
        if let Some(count) = count {
            all.push((found, count.parse()?));
            found = 0;
        }
    }
    Ok(all)
}

/// The median and the largest error of formulas, in percent.
fn errors(counts: &[(u64, u64)]) -> (f64, f64) {
    let error = |(found, counted): &(u64, u64)| {
        found.abs_diff(*counted) as f64 * 100.0 / (*counted).max(1) as f64
    };
    let mut errors: Vec<f64> = counts.iter().map(error).collect();
    errors.sort_by(f64::total_cmp);
    (errors[errors.len() / 2], errors[errors.len() - 1])
}

#[test]
fn formulas_fit_the_vendors_counts() -> Result<(), Failure> {
    let docs = fs::read_to_string(root().join("docs/bm1684.md"))?;
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("fixtures/bm1684-cycles"))?
        .map(|entry| Ok(entry?.path()))
        .collect::<Result<_, std::io::Error>>()?;
    files.sort();
    assert!(files.len() > 50, "{} kinds", files.len());
    let mut wrong = vec![];
    for file in files {
        let kind = file.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let counts =
            counts(&fs::read_to_string(&file)?).map_err(|error| format!("{kind}: {error}"))?;
        assert!(counts.len() >= 500, "{kind}: {}", counts.len());
        let (median, worst) = errors(&counts);
        let row = format!("{} | {median:.1} % | {worst:.1} % |", counts.len());
        println!("| `{kind}` | … | {row}");
        if median > 2.0 || worst > 10.0 {
            let far = |(found, counted): &&(u64, u64)| found.abs_diff(*counted) * 10 > *counted;
            let far: Vec<_> = counts.iter().filter(far).take(5).collect();
            wrong.push(format!("{kind}: {row} {far:?}"));
        }
        let documented =
            |line: &str| line.contains(&format!("`{kind}`")) && line.ends_with(&format!("| {row}"));
        if !docs.lines().any(documented) {
            wrong.push(format!("docs/bm1684.md says otherwise of {kind}: {row}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    Ok(())
}
