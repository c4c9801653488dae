//! Cycles of a bmodel or of a net (development only).
use bm1684_codegen::{Optimization, compile_with};
use bm1684_isa::commands::Streams;
use bm1684_isa::{Engine, cycles, timeline::Timeline};
use umodel::{NetParameter, NoSources, Phase, QuantizedNet};

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (groups, costs): (Vec<Streams>, Vec<bm1684_codegen::LayerCost>) =
        if args[0].ends_with("model") && args.len() < 2 {
            let model = bmodel::Bmodel::read(&args[0]).unwrap();
            let p = &model.model.net[0].parameter.as_ref().unwrap()[0];
            let mut gs = Vec::new();
            let mut all = p.cmd_group.iter().flatten().collect::<Vec<_>>();
            for s in p.sub_net.iter().flatten() {
                if all.is_empty() || p.cmd_group.is_none() {
                    all.extend(s.cmd_group.iter().flatten());
                }
            }
            for g in all {
                let [t, g] = model.commands(g).unwrap();
                gs.push(Streams::decode(t, g).unwrap());
            }
            (gs, vec![])
        } else {
            let m = NetParameter::read(&args[0]).unwrap();
            let w = NetParameter::read(&args[1]).unwrap();
            let net = QuantizedNet::read(&m, &w, Phase::Test, &NoSources).unwrap();
            let n: usize = args.get(3).map_or(1, |a| a.parse().unwrap());
            let inputs: Vec<(String, Vec<usize>)> = net
                .net()
                .inputs()
                .iter()
                .map(|&i| {
                    let b = net.net().blob(i);
                    let mut s = b.shape.to_vec();
                    s[0] = n;
                    (b.name.clone(), s)
                })
                .collect();
            let refs: Vec<(&str, &[usize])> =
                inputs.iter().map(|(n, s)| (n.as_str(), s.as_slice())).collect();
            let net = net.reshaped(&refs).unwrap();
            let opt = match args[2].as_str() {
                "0" => Optimization::Layers,
                "1" => Optimization::Groups,
                _ => Optimization::Search,
            };
            let start = std::time::Instant::now();
            let cut = bm1684_codegen::cut(&net).unwrap();
            let program = compile_with(&cut.chip, opt).unwrap();
            println!("compiled in {:.2} s", start.elapsed().as_secs_f64());
            (program.groups.clone(), program.costs.clone())
        };
    let t = Timeline::of(&groups).unwrap();
    let traffic: bm1684_isa::commands::Traffic = groups.iter().map(|g| g.traffic()).sum();
    println!(
        "cycles {} = {:.3} ms; TIU busy {} GDMA busy {}; commands {} {}; traffic {:?} = {:.2} MB",
        t.cycles(),
        t.milliseconds(),
        t.busy(Engine::Tiu),
        t.busy(Engine::Gdma),
        groups.iter().map(|g| g.tiu.len()).sum::<usize>(),
        groups.iter().map(|g| g.gdma.len()).sum::<usize>(),
        traffic,
        (traffic.read + traffic.written + 2 * traffic.copied) as f64 / 1e6
    );
    if !costs.is_empty() && std::env::var("L").is_ok() {
        let tiu: Vec<u64> = groups.iter().flat_map(|g| &g.tiu).map(cycles::tiu).collect();
        let entries: Vec<_> = t.entries().iter().filter(|e| e.engine == Engine::Tiu).collect();
        let mut at = 0;
        for c in &costs {
            let own = &tiu[at..at + c.tiu];
            let span =
                if c.tiu > 0 { [entries[at].start, entries[at + c.tiu - 1].end] } else { [0, 0] };
            at += c.tiu;
            println!(
                "{:30} {:16} {:20} {:4} tiu {:8} cycles {:8}..{:8} gdma {:3} {:?}",
                c.layer,
                c.kind,
                format!("{:?}", c.form),
                c.tiu,
                own.iter().sum::<u64>(),
                span[0],
                span[1],
                c.gdma,
                c.traffic
            );
        }
    }
    if std::env::var("E").is_ok() {
        for e in t.entries() {
            let g = &groups[e.group];
            let text = match e.engine {
                Engine::Tiu => format!("{}", g.tiu[e.id - 1]),
                Engine::Gdma => format!("{}", g.gdma[e.id - 1]),
            };
            println!(
                "{:8} {:8} {:?} {} {}",
                e.start,
                e.end,
                e.engine,
                e.id,
                text.chars().take(220).collect::<String>()
            );
        }
    }
}
