//! Matrix products of ResNet's convolutions: int8 beside fp32, on one thread.
//!
//! `cargo bench -p benches`; compare the two rows of a group, not days.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use uframework::kernels::{Matrix, PackedColumns, PackedWeights, gemm_f32};

#[expect(clippy::cast_possible_truncation, reason = "what lies beyond the range is saturated")]
fn integers(values: &[f32]) -> Vec<i8> {
    values.iter().map(|&value| value as i8).collect()
}

fn gemm(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("gemm");
    for [m, n, k] in
        [[64, 3136, 576], [64, 3136, 64], [128, 784, 1152], [256, 196, 2304], [512, 49, 4608]]
    {
        let size = format!("{m}x{n}x{k}");
        group.throughput(Throughput::Elements((2 * m * n * k) as u64));
        let a: Vec<f32> = (0..m * k).map(|i| (i % 251) as f32 - 125.0).collect();
        let b: Vec<f32> = (0..k * n).map(|i| (i % 241) as f32 - 120.0).collect();
        let mut c = vec![0.0; m * n];
        group.bench_function(BenchmarkId::new("fp32", &size), |bencher| {
            bencher.iter(|| {
                gemm_f32([m, n, k], Matrix::rows(&a, k), Matrix::rows(&b, n), &mut c);
            });
        });
        let [weights, values] = [&a, &b].map(|values| integers(values));
        let weights = PackedWeights::new(m, k, &weights);
        let mut columns = PackedColumns::default();
        let mut sums = vec![0; m * n];
        // Packing the picture's side is part of every product.
        group.bench_function(BenchmarkId::new("int8", &size), |bencher| {
            bencher.iter(|| {
                columns.pack(&values, k, n, [n, 1]);
                weights.multiply(&columns, &mut sums);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, gemm);
criterion_main!(benches);
