//! differential-dataflow, the incremental engine that retracts, with five figures of 2024 for the country. Arguments: events
//! and correction as 'kpr log print' has them, one record a line; the number of workers.
mod event;
mod figures;

use differential_dataflow::input::Input;
use event::{parse, Version};
use figures::{figures, FIGURES, RESIDENTS};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::sync::{Arc, Mutex};
use std::time::Instant;

type Counts = Arc<Mutex<BTreeMap<usize, isize>>>;

/// Every so-manieth record, so that workers share them.
fn read(path: &str, first: usize, step: usize) -> Vec<(u128, Version)> {
    let file = File::open(path).unwrap_or_else(|error| panic!("{path}: {error}"));
    let lines = BufReader::new(file).lines().skip(first).step_by(step);
    lines.map(|line| parse(&line.expect("text"))).collect()
}

fn print(when: &str, counts: &Counts) {
    let counts = counts.lock().unwrap();
    let of = |figure: usize| counts.get(&figure).copied().unwrap_or(0);
    for (figure, name) in FIGURES.iter().enumerate() {
        let denominator = if matches!(figure, 1 | 4) { of(RESIDENTS) } else { 0 };
        println!("{when} {name} {} {denominator}", of(figure));
    }
}

fn peak_mib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    peak.unwrap_or(0) / 1024
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, events, correction, workers] = arguments.as_slice() else {
        eprintln!("usage: kpr-peer EVENTS CORRECTION WORKERS");
        std::process::exit(2);
    };
    let (events, correction) = (events.clone(), correction.clone());
    let counts = Counts::default();
    let configuration = timely::Config::process(workers.parse().expect("a number of workers"));
    timely::execute(configuration, move |worker| {
        let known = counts.clone();
        let (mut input, probe) = worker.dataflow::<u32, _, _>(|scope| {
            let (input, versions) = scope.new_collection::<(u128, Version), isize>();
            let counted = figures(versions).inspect(move |((figure, count), _, change)| {
                if *change > 0 {
                    known.lock().unwrap().insert(*figure, *count);
                }
            });
            (input, counted.probe().0)
        });
        let first = worker.index() == 0;
        let timed = |name: &str, began: Instant| {
            if first {
                println!("{name} {:.4}", began.elapsed().as_secs_f64());
            }
        };
        let clock = Instant::now();
        let mut mine = read(&events, worker.index(), worker.peers());
        timed("load_s", clock);
        for (step, name, when) in [(1, "first_s", "before"), (2, "correction_s", "after")] {
            let records = match (step, first) {
                (1, _) => std::mem::take(&mut mine),
                (_, true) => read(&correction, 0, 1),
                _ => Vec::new(),
            };
            let clock = Instant::now();
            records.into_iter().for_each(|record| input.insert(record));
            input.advance_to(step);
            input.flush();
            worker.step_while(|| probe.less_than(input.time()));
            timed(name, clock);
            if first {
                print(when, &counts);
            }
        }
    })
    .expect("the workers");
    println!("memory_mib {}", peak_mib());
}
