use uframework::{Executor, Tap, Value, Workspace, for_each_result};
use umodel::{Blob, BlobId, Net};

use crate::error::Error;

/// See [`Range::headroom`].
const VERY_MANY: f64 = 1e6;

/// What is known of the values of one channel of a blob.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Range {
    /// The largest value, at least 0.
    pub(crate) most: f32,
    /// The smallest value, at most 0.
    pub(crate) least: f32,
    sum: f64,
    /// The sum of the squares.
    squares: f64,
    count: u64,
}

impl Range {
    /// The largest magnitude.
    pub(crate) fn largest(&self) -> f64 {
        f64::from(self.most.max(-self.least))
    }

    /// How many times as large the largest of very many values may be as the largest one of these. For values whose
    /// probability falls exponentially, the largest of n is about as large as ln n.
    pub(crate) fn headroom(&self) -> f64 {
        let known = self.count.max(2) as f64;
        (VERY_MANY.ln() / known.ln()).max(1.0)
    }

    /// The mean square.
    pub(crate) fn energy(&self) -> f64 {
        self.squares / (self.count.max(1) as f64)
    }

    pub(crate) fn mean(&self) -> f64 {
        self.sum / (self.count.max(1) as f64)
    }

    /// The mean square of what the mean leaves.
    pub(crate) fn variance(&self) -> f64 {
        (self.energy() - self.mean().powi(2)).max(0.0)
    }

    fn add(&mut self, values: &[f32]) {
        let (mut most, mut least) = ([self.most; 8], [self.least; 8]);
        let (mut sums, mut squares) = ([0f32; 8], [0f32; 8]);
        let mut add = |lane: usize, value: f32| {
            // Unlike `f32::max`, this is one instruction for eight lanes.
            most[lane] = if value > most[lane] { value } else { most[lane] };
            least[lane] = if value < least[lane] { value } else { least[lane] };
            sums[lane] += value;
            squares[lane] += value * value;
        };
        let (chunks, rest) = values.as_chunks::<8>();
        rest.iter().for_each(|&value| add(0, value));
        for chunk in chunks {
            (0..8).for_each(|lane| add(lane, chunk[lane]));
        }
        self.most = most.into_iter().fold(self.most, f32::max);
        self.least = least.into_iter().fold(self.least, f32::min);
        self.sum += sums.iter().map(|&sum| f64::from(sum)).sum::<f64>();
        self.squares += squares.iter().map(|&square| f64::from(square)).sum::<f64>();
        self.count += values.len() as u64;
    }

    fn merge(&mut self, other: &Range) {
        self.most = self.most.max(other.most);
        self.least = self.least.min(other.least);
        self.sum += other.sum;
        self.squares += other.squares;
        self.count += other.count;
    }
}

/// The range of every channel, along axis 1, of every blob of a net. A blob with fewer than two axes is one channel.
#[derive(Clone, Debug)]
pub(crate) struct Ranges {
    /// Where the channels of each blob begin.
    begin: Vec<usize>,
    channels: Vec<Range>,
}

impl Ranges {
    pub(super) fn new(net: &Net) -> Self {
        let mut begin = vec![0];
        for blob in net.blobs() {
            let last = begin.last().copied().unwrap_or(0);
            begin.push(last + blob.shape.get(1).copied().unwrap_or(1));
        }
        let channels = vec![Range::default(); begin.last().copied().unwrap_or(0)];
        Ranges { begin, channels }
    }

    /// Runs the net over its Data layers. The result does not depend on the number of threads: what iterations found
    /// is added up in their order.
    ///
    /// # Errors
    /// What the executor reports.
    pub(crate) fn collect(
        executor: &Executor,
        iterations: usize,
        progress: impl Fn(usize) + Sync,
    ) -> Result<Self, Error> {
        let empty = Ranges::new(executor.net());
        let run = |workspace: &mut Workspace, sources| {
            let mut ranges = empty.clone();
            executor.forward(workspace, sources, &mut ranges)?;
            Ok(ranges.channels)
        };
        let mut sum = empty.clone();
        let add = |found: Vec<Range>| {
            sum.channels.iter_mut().zip(&found).for_each(|(sum, part)| sum.merge(part));
            Ok(())
        };
        for_each_result(executor, iterations, run, add, progress)?;
        Ok(sum)
    }

    /// As if all values had been there so many times.
    #[cfg(test)]
    pub(super) fn repeat(&mut self, times: u64) {
        for channel in &mut self.channels {
            channel.count *= times;
            channel.sum *= times as f64;
            channel.squares *= times as f64;
        }
    }

    /// The places of a blob's channels among all channels.
    pub(crate) fn nodes(&self, blob: BlobId) -> std::ops::Range<usize> {
        self.begin[blob.index()]..self.begin[blob.index() + 1]
    }

    /// Whether sums and squares of all values are numbers.
    pub(crate) fn are_finite(&self) -> bool {
        self.channels.iter().all(|channel| channel.sum.is_finite() && channel.squares.is_finite())
    }

    /// The channels of all blobs.
    pub(crate) fn channels(&self) -> &[Range] {
        &self.channels
    }
}

impl Tap for Ranges {
    fn blob(&mut self, id: BlobId, blob: &Blob, value: &Value) {
        let Value::F32(values) = value else { return };
        let Some(values) = values.as_slice() else { return };
        let nodes = self.nodes(id);
        let channels = &mut self.channels[nodes];
        let inner: usize = blob.shape.iter().skip(2).product();
        // The blob may have been cut along an axis other than its channels'.
        if inner == 0 || channels.is_empty() || !values.len().is_multiple_of(inner * channels.len())
        {
            return;
        }
        if inner == 1 {
            for (index, value) in values.iter().enumerate() {
                let at = index % channels.len();
                channels[at].add(std::slice::from_ref(value));
            }
            return;
        }
        for (index, values) in values.chunks_exact(inner).enumerate() {
            let at = index % channels.len();
            channels[at].add(values);
        }
    }
}
