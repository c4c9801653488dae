//! list_layers FILE: the layers of a prototxt or caffemodel, and how many values their weights have.

use std::error::Error;

use umodel::NetParameter;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::args_os().nth(1).ok_or("usage: list_layers FILE")?;
    let model = NetParameter::read(path)?;
    println!("{}", model.name());
    for layer in model.layers() {
        let weights: usize = layer.weight_counts().sum();
        println!("{:32} {:20} {weights:12} weights", layer.name(), layer.kind());
    }
    Ok(())
}
