use bm1684_isa::commands::{Arithmetic as Op, Precision};
use umodel::layers::{Eltwise, EltwiseOp};
use umodel::{Arithmetic, DType, Rescale};

use super::block::{Block, Elements, Value, is_signed};
use super::{Job, Lower, Site, float};
use crate::emit::Emitter;
use crate::error::{Int8Form, Reason};
use crate::form::Form;

impl Lower for Eltwise {
    fn forms() -> &'static [Form] {
        &[Form::Sum, Form::Max, Form::Product, Form::Float]
    }

    fn lower(&self, job: &mut Job<'_>) -> Result<Form, Reason> {
        let count = job.site.layer().bottoms.len();
        let types: Vec<DType> = (0..count).map(|i| job.site.bottom_format(i).dtype).collect();
        let top = job.site.top_format(0).dtype;
        let inputs: Vec<u64> = (0..count).map(|index| job.bottom(index)).collect();
        let all = Elements::integers(&inputs, job.top(0), job.site.bottom_words(0));
        match (&self.operation, job.site.arithmetic()) {
            (EltwiseOp::Sum(_), Arithmetic::Rescaled(by)) => {
                let all = all.temporaries(&[2]);
                all.lower(job.emitter, |emitter, block| sum(emitter, block, &types, by, top))?;
                Ok(Form::Sum)
            }
            (EltwiseOp::Max, Arithmetic::Rescaled(by)) => {
                let all = all.temporaries(&[1, 2]);
                all.lower(job.emitter, |emitter, block| max(emitter, block, &types, by, top))?;
                Ok(Form::Max)
            }
            (EltwiseOp::Product, Arithmetic::Product(by)) => {
                let all = all.temporaries(&[2, 2, 1, 1]);
                all.lower(job.emitter, |emitter, block| {
                    product(emitter, block, [types[0], types[1]], *by, top);
                })?;
                Ok(Form::Product)
            }
            (_, Arithmetic::Float) => float::lower(job),
            _ => Err(job.site.without_code(Int8Form::Type)),
        }
    }

    fn scratch(&self, site: &Site<'_>) -> usize {
        float::scratch(site)
    }

    fn computes_float(&self) -> bool {
        true
    }
}

/// `t = sat16(rsh(x₀·m₀, r₀))`, then `t = sat16(t + rsh(xᵢ·mᵢ, rᵢ))`, at last `sat(t)`. The previous t
/// is shifted left by rᵢ and back with the product, so it passes unchanged.
fn sum(emitter: &mut Emitter, block: &Block, types: &[DType], by: &[Rescale], top: DType) {
    let total = (block.temporaries[0], Precision::I16, true);
    for (index, (&input, by)) in block.inputs.iter().zip(by).enumerate() {
        let (operation, left) = if index == 0 { (Op::Mul, 0) } else { (Op::Mac, by.right_shift) };
        let x = (input, Precision::I8, is_signed(types[index]));
        let factor = Value::Integer(by.multiplier.into(), Precision::I8, true);
        block.compute(emitter, operation, total, x, factor, [left, by.right_shift]);
    }
    block.narrow(emitter, total.0, (block.output, top));
}

fn max(emitter: &mut Emitter, block: &Block, types: &[DType], by: &[Rescale], top: DType) {
    let [part, wide] = [block.temporaries[0], block.temporaries[1]];
    let (output, signed) = (block.output, is_signed(top));
    for (index, (&input, &by)) in block.inputs.iter().zip(by).enumerate() {
        let result = if index == 0 { output } else { part };
        block.rescale(emitter, (input, types[index]), by, (result, top), wide);
        if index > 0 {
            let all = (output, Precision::I8, signed);
            let part = Value::In(part, Precision::I8, signed);
            block.compute(emitter, Op::Max, all, all, part, [0, 0]);
        }
    }
}

/// `sat(rsh(a·b·m, r))`. There is no product of 16 by 8 bits, so a·b is cut into bytes:
/// `a·b·m = high·m·256 + low·m`.
fn product(emitter: &mut Emitter, block: &Block, types: [DType; 2], by: Rescale, top: DType) {
    let [t, p, low, high] = [0, 1, 2, 3].map(|index| block.temporaries[index]);
    let [a, b] = types.map(is_signed);
    let signed = a || b;
    let wide = (t, Precision::I16, signed);
    let second = Value::In(block.inputs[1], Precision::I8, b);
    block.compute(emitter, Op::Mul, wide, (block.inputs[0], Precision::I8, a), second, [0, 0]);
    let byte = (p, Precision::I16, false);
    let zero = Value::Integer(0, Precision::I16, false);
    block.compute(
        emitter,
        Op::And,
        byte,
        wide,
        Value::Integer(255, Precision::I16, signed),
        [0, 0],
    );
    block.compute(emitter, Op::Add, (low, Precision::I8, false), byte, zero, [0, 0]);
    block.shift_right(emitter, wide, 8);
    let zero = Value::Integer(0, Precision::I16, signed);
    block.compute(emitter, Op::Add, (high, Precision::I8, signed), wide, zero, [0, 0]);
    let factor = Value::Integer(by.multiplier.into(), Precision::I8, true);
    let sum = (p, Precision::I16, true);
    block.compute(emitter, Op::Mul, sum, (high, Precision::I8, signed), factor, [0, 0]);
    let shifts = [8, by.right_shift];
    block.compute(emitter, Op::Mac, sum, (low, Precision::I8, false), factor, shifts);
    block.narrow(emitter, p, (block.output, top));
}
