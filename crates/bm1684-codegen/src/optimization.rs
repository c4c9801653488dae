/// How much a compiler does for speed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Optimization {
    /// Layer by layer: each reads its bottoms from DDR and writes its tops there.
    Layers,
    /// Blobs stay in local memory where they fit.
    Groups,
    /// The same, and the form of each blob is chosen by the cycles that it costs: four images in a word, or four bands
    /// of one image.
    #[default]
    Search,
}
