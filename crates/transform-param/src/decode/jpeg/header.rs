//! What stands before the entropy-coded data of a baseline JPEG.

use super::huffman::{AcTable, DcTable, ZIGZAG};
use super::idct::Steps;

/// A baseline file's parameters. Files of rarer kinds have none, and libjpeg decodes them.
pub(super) struct Header<'a> {
    /// Rows, pixels of a row.
    pub(super) size: [usize; 2],
    /// One, the luma, or three: Y, Cb, Cr.
    pub(super) components: Vec<Component>,
    dc: [Option<DcTable>; TABLES],
    ac: [Option<AcTable>; TABLES],
    /// MCUs from one restart marker to the next; 0 if there are none.
    pub(super) restart_interval: usize,
    /// The data of APP1 markers.
    pub(super) app1: Vec<&'a [u8]>,
    /// What follows the header.
    pub(super) scan: &'a [u8],
}

/// A channel of the file.
pub(super) struct Component {
    id: u8,
    /// Blocks of an MCU, vertically and horizontally.
    pub(super) sampling: [usize; 2],
    quantizer: usize,
    /// What the coefficients are multiplied by.
    pub(super) steps: Steps,
    dc: usize,
    ac: usize,
}

/// Tables of one kind that a file may have.
const TABLES: usize = 4;

const SOF0: u8 = 0xC0;
const SOF1: u8 = 0xC1;
const DHT: u8 = 0xC4;
const SOS: u8 = 0xDA;
const DQT: u8 = 0xDB;
const DRI: u8 = 0xDD;
const APP0: u8 = 0xE0;
const APP1: u8 = 0xE1;
const APP14: u8 = 0xEE;
const APP15: u8 = 0xEF;
const COM: u8 = 0xFE;

/// The colour space that a file claims; without one it is taken for Y, Cb, Cr.
#[derive(Default)]
struct Claims {
    jfif: bool,
    adobe: Option<u8>,
}

impl<'a> Header<'a> {
    /// Reads a file from its start.
    pub(super) fn read(file: &'a [u8]) -> Option<Self> {
        let mut rest = file.strip_prefix(&[0xFF, 0xD8])?;
        let mut quantizers = [None; TABLES];
        let mut claims = Claims::default();
        let mut header = Header {
            size: [0; 2],
            components: Vec::new(),
            dc: Default::default(),
            ac: Default::default(),
            restart_interval: 0,
            app1: Vec::new(),
            scan: &[],
        };
        loop {
            let (&[mark, marker, high, low], _) = rest.split_first_chunk()?;
            let length = usize::from(u16::from_be_bytes([high, low]));
            let data = rest.get(4..2 + length)?;
            rest = rest.get(2 + length..)?;
            match (mark, marker) {
                (0xFF, SOF0 | SOF1) => header.frame(data)?,
                (0xFF, DHT) => header.huffman_tables(data)?,
                (0xFF, DQT) => quantization_tables(data, &mut quantizers)?,
                (0xFF, DRI) => {
                    header.restart_interval = u16::from_be_bytes(data.try_into().ok()?).into();
                }
                (0xFF, SOS) => {
                    header.scan(data, &quantizers, &claims)?;
                    header.scan = rest;
                    return Some(header);
                }
                (0xFF, APP0..=APP15 | COM) => match marker {
                    APP0 => claims.jfif |= data.len() >= 14 && data.starts_with(b"JFIF\0"),
                    APP1 => header.app1.push(data),
                    APP14 if data.starts_with(b"Adobe") => {
                        claims.adobe = data.get(11).copied().or(claims.adobe);
                    }
                    _ => {}
                },
                _ => return None,
            }
        }
    }

    /// The tables that a component's codes are in.
    pub(super) fn tables(&self, component: &Component) -> Option<(&DcTable, &AcTable)> {
        Some((self.dc.get(component.dc)?.as_ref()?, self.ac.get(component.ac)?.as_ref()?))
    }

    fn frame(&mut self, data: &[u8]) -> Option<()> {
        let (&[precision, h1, h0, w1, w0, count], components) = data.split_first_chunk()?;
        let sizes = [[h1, h0], [w1, w0]].map(u16::from_be_bytes);
        let once = self.components.is_empty();
        let known = matches!(count, 1 | 3) && components.len() == 3 * usize::from(count);
        if precision != 8 || sizes.contains(&0) || sizes.iter().any(|&side| side > 65_500) {
            return None;
        }
        self.size = sizes.map(usize::from);
        self.components = components
            .as_chunks()
            .0
            .iter()
            .map(|&[id, sampling, quantizer]| Component {
                id,
                sampling: [sampling & 15, sampling >> 4].map(usize::from),
                quantizer: quantizer.into(),
                steps: Steps::default(),
                dc: 0,
                ac: 0,
            })
            .collect();
        let samplings: Vec<_> = self.components.iter().map(|c| c.sampling).collect();
        let usual = match *samplings {
            // The only component of a scan has MCUs of one block, whatever its sampling is.
            [[1..=4, 1..=4]] => {
                self.components.iter_mut().for_each(|component| component.sampling = [1, 1]);
                true
            }
            [[1 | 2, 1 | 2], [1, 1], [1, 1]] => true,
            _ => false,
        };
        (once && known && usual).then_some(())
    }

    fn huffman_tables(&mut self, mut data: &[u8]) -> Option<()> {
        while let Some((&index, rest)) = data.split_first() {
            let (lengths, rest) = rest.split_first_chunk::<16>()?;
            let count = lengths.iter().map(|&n| usize::from(n)).sum();
            let (symbols, rest) = rest.split_at_checked(count)?;
            let slot = usize::from(index & 15);
            match index >> 4 {
                0 => *self.dc.get_mut(slot)? = Some(DcTable::new(lengths, symbols)?),
                1 => *self.ac.get_mut(slot)? = Some(AcTable::new(lengths, symbols)?),
                _ => return None,
            }
            data = rest;
        }
        Some(())
    }

    fn scan(
        &mut self,
        data: &[u8],
        quantizers: &[Option<[u8; 64]>; TABLES],
        claims: &Claims,
    ) -> Option<()> {
        let (&count, rest) = data.split_first()?;
        let (selectors, spectrum) = rest.split_at_checked(2 * usize::from(count))?;
        if usize::from(count) != self.components.len() || spectrum != [0, 63, 0] {
            return None;
        }
        let selectors = selectors.as_chunks().0.iter();
        for (component, &[id, tables]) in self.components.iter_mut().zip(selectors) {
            if id != component.id {
                return None;
            }
            (component.dc, component.ac) = (usize::from(tables >> 4), usize::from(tables & 15));
            let steps = quantizers.get(component.quantizer)?.as_ref()?;
            for (&place, &step) in ZIGZAG.iter().zip(steps) {
                let slot = component.steps.as_flattened_mut().get_mut(usize::from(place))?;
                *slot = step.into();
            }
        }
        let ids: Vec<u8> = self.components.iter().map(|component| component.id).collect();
        let luma = match (ids.as_slice(), claims) {
            ([_], _) => true,
            ([a, b, c], _) if a == b || b == c || a == c => false,
            (_, Claims { jfif: true, .. }) => true,
            (_, Claims { adobe: Some(transform), .. }) => *transform == 1,
            (ids, _) => ids != b"RGB",
        };
        luma.then_some(())
    }
}

fn quantization_tables(mut data: &[u8], tables: &mut [Option<[u8; 64]>; TABLES]) -> Option<()> {
    while let Some((&index, rest)) = data.split_first() {
        // Above 3 are those with 16 bits a value.
        let (table, rest) = rest.split_first_chunk()?;
        *tables.get_mut(usize::from(index))? = Some(*table);
        data = rest;
    }
    Some(())
}
