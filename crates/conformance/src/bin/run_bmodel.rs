//! run_bmodel FOLDER MODEL STAGE OUTPUT INPUT...: executes a bmodel's first net on the vendor's runtime and
//! simulator, with the input shapes of a stage, counted from 0.
//!
//! FOLDER holds libbmlib.so.0, libbmrt.so.1.0 and libcmodel_bm1684.so. An INPUT is a file of plain
//! N, C, H, W; OUTPUT gets all outputs in that form, one behind the other. A wrong bmodel can make the
//! runtime crash or wait for ever, so this is a program of its own, to be run under a time limit.
#![allow(unsafe_code, reason = "the vendor's runtime is a C library")]

use std::error::Error;
use std::ffi::{CString, c_char, c_int, c_void};
use std::mem::ManuallyDrop;
use std::path::Path;

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW, Symbol};

/// `bm_shape_t` of the runtime's public header.
#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Shape {
    count: c_int,
    dims: [c_int; 8],
}

/// `bm_stage_info_t`.
#[repr(C)]
struct Stage {
    inputs: *const Shape,
    outputs: *const Shape,
    input_memories: *const c_void,
    output_memories: *const c_void,
}

/// The begin of `bm_net_info_t`.
#[repr(C)]
struct NetInfo {
    name: *const c_char,
    is_dynamic: bool,
    input_count: c_int,
    input_names: *const *const c_char,
    input_types: *const c_int,
    input_scales: *const f32,
    output_count: c_int,
    output_names: *const *const c_char,
    output_types: *const c_int,
    output_scales: *const f32,
    stage_count: c_int,
    stages: *const Stage,
    max_input_bytes: *const usize,
    max_output_bytes: *const usize,
}

type Handle = *mut c_void;
type Launch = unsafe extern "C" fn(
    Handle,
    *const c_char,
    *const *mut c_void,
    *const Shape,
    c_int,
    *mut *mut c_void,
    *mut Shape,
    c_int,
    bool,
) -> bool;

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, model, stage, output, inputs @ ..] = arguments.as_slice() else {
        return Err("usage: run_bmodel FOLDER MODEL STAGE OUTPUT INPUT...".into());
    };
    let inputs: Vec<Vec<u8>> = inputs.iter().map(std::fs::read).collect::<Result<_, _>>()?;
    let outputs = run(Path::new(folder), model, stage.parse()?, &inputs)?;
    std::fs::write(output, outputs)?;
    Ok(())
}

fn run(
    folder: &Path,
    model: &str,
    stage: usize,
    inputs: &[Vec<u8>],
) -> Result<Vec<u8>, Box<dyn Error>> {
    // SAFETY: the libraries are the vendor's; each symbol has the type that its public header states.
    // Pointers that go in stay valid until the call returns, those that come out belong to the runtime
    // and are used only while it lives.
    unsafe {
        // Unloading the libraries would pull code from under the runtime's threads, after an error too.
        let open = |name: &str| {
            Library::open(Some(folder.join(name)), RTLD_NOW | RTLD_GLOBAL).map(ManuallyDrop::new)
        };
        let device_library = open("libbmlib.so.0")?;
        let runtime_library = open("libbmrt.so.1.0")?;
        let request: Symbol<unsafe extern "C" fn(*mut Handle, c_int) -> c_int> =
            device_library.get(b"bm_dev_request")?;
        let create: Symbol<unsafe extern "C" fn(Handle) -> Handle> =
            runtime_library.get(b"bmrt_create")?;
        let load: Symbol<unsafe extern "C" fn(Handle, *const c_char) -> bool> =
            runtime_library.get(b"bmrt_load_bmodel")?;
        let names: Symbol<unsafe extern "C" fn(Handle, *mut *const *const c_char)> =
            runtime_library.get(b"bmrt_get_network_names")?;
        let info: Symbol<unsafe extern "C" fn(Handle, *const c_char) -> *const NetInfo> =
            runtime_library.get(b"bmrt_get_network_info")?;
        let launch: Symbol<Launch> = runtime_library.get(b"bmrt_launch_data")?;

        let mut device: Handle = std::ptr::null_mut();
        if request(&mut device, 0) != 0 {
            return Err("no device".into());
        }
        let runtime = create(device);
        let path = CString::new(model)?;
        if runtime.is_null() || !load(runtime, path.as_ptr()) {
            return Err("the runtime does not load this bmodel".into());
        }
        let mut list = std::ptr::null();
        names(runtime, &mut list);
        let name = *list;
        let net = &*info(runtime, name);
        let (ins, outs) = (usize::try_from(net.input_count)?, usize::try_from(net.output_count)?);
        if ins != inputs.len() {
            return Err(format!("the net has {ins} inputs; {} given", inputs.len()).into());
        }
        if stage >= usize::try_from(net.stage_count)? {
            return Err(format!("there are {} stages", net.stage_count).into());
        }
        let mut buffers = Vec::new();
        for (index, input) in inputs.iter().enumerate() {
            // The runtime states what the blob takes in DDR, where images may be padded.
            let bytes = *net.max_input_bytes.add(index);
            if bytes < input.len() {
                let found = input.len();
                return Err(format!("input {index} has {bytes} bytes, {found} given").into());
            }
            let mut buffer = input.clone();
            buffer.resize(bytes, 0);
            buffers.push(buffer);
        }
        let pointers: Vec<*mut c_void> =
            buffers.iter_mut().map(|buffer| buffer.as_mut_ptr().cast()).collect();
        let mut results: Vec<Vec<u8>> =
            (0..outs).map(|index| vec![0; *net.max_output_bytes.add(index)]).collect();
        let mut result_pointers: Vec<*mut c_void> =
            results.iter_mut().map(|result| result.as_mut_ptr().cast()).collect();
        let mut shapes = vec![Shape::default(); outs];
        let good = launch(
            runtime,
            name,
            pointers.as_ptr(),
            (*net.stages.add(stage)).inputs,
            net.input_count,
            result_pointers.as_mut_ptr(),
            shapes.as_mut_ptr(),
            net.output_count,
            true,
        );
        if !good {
            return Err("the launch failed".into());
        }
        for (index, (result, shape)) in results.iter_mut().zip(&shapes).enumerate() {
            let dims = shape.dims.iter().take(usize::try_from(shape.count)?);
            let volume: usize =
                dims.map(|&size| usize::try_from(size)).product::<Result<usize, _>>()?;
            // Types 0 (fp32) and 2, 3 (8 bits) are all that this project writes.
            result.truncate(if *net.output_types.add(index) == 0 { 4 * volume } else { volume });
        }
        let destroy: Symbol<unsafe extern "C" fn(Handle)> = runtime_library.get(b"bmrt_destroy")?;
        let free: Symbol<unsafe extern "C" fn(Handle)> = device_library.get(b"bm_dev_free")?;
        destroy(runtime);
        free(device);
        Ok(results.concat())
    }
}
