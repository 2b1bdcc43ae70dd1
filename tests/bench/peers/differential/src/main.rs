//! differential-dataflow, the incremental engine that retracts, with five figures of 2024 for the country. Arguments: events
//! and correction as 'kpr log print' has them, one record a line; the number of workers.
mod event;

use differential_dataflow::input::Input;
use event::{day, parse, Day, Fact, Status, Version, NEVER};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Instant;

const FIGURES: [&str; 7] = [
    "nursing_home_residents",
    "medication_review",
    "bed_days",
    "recipients_during_period",
    "nutrition_assessed",
    "medication_review of",
    "nutrition_assessed of",
];
const LONG_STAY: u32 = 21;
const NURSING_HOME: std::ops::RangeInclusive<u32> = 18..=21;
const BORN_BY: &str = "1957-12-31"; // 67 years old at the end of the year

type Figures = Arc<Mutex<BTreeMap<usize, isize>>>;

/// Days of [from, until) that any of the intervals [first, last) has.
fn days_in(from: Day, until: Day, intervals: impl Iterator<Item = (Day, Day)>) -> isize {
    let mut clipped: Vec<(Day, Day)> = intervals.map(|(first, last)| (first.max(from), last.min(until))).filter(|(a, b)| a < b).collect();
    clipped.sort_unstable();
    let (mut days, mut reached) = (0, from);
    for (first, last) in clipped {
        days += (last - first.max(reached)).max(0);
        reached = reached.max(last);
    }
    days as isize
}

/// What is in force of an event: none where it is annulled, or where nobody has told the original.
fn in_force(versions: &[(&Version, isize)]) -> Option<Version> {
    versions.iter().any(|(of, _)| of.status == Status::Original).then_some(())?;
    let newest = versions.iter().map(|(of, _)| *of).max()?;
    (newest.status != Status::Annul).then(|| newest.clone())
}

fn print(when: &str, figures: &Figures) {
    let known = figures.lock().unwrap();
    let of = |figure: usize| known.get(&figure).copied().unwrap_or(0);
    for (figure, name) in FIGURES.iter().enumerate().take(5) {
        let denominator = match figure {
            1 => of(5),
            4 => of(6),
            _ => 0,
        };
        println!("{when} {name} {} {denominator}", of(figure));
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, events, correction, workers] = arguments.as_slice() else {
        eprintln!("usage: kpr-peer EVENTS CORRECTION WORKERS");
        std::process::exit(2);
    };
    let text = Arc::new(std::fs::read_to_string(events).expect("the events"));
    let correction = Arc::new(std::fs::read_to_string(correction).expect("the correction"));
    let figures: Figures = Arc::default();
    let shown = figures.clone();
    let configuration = timely::Config::process(workers.parse().expect("a number of workers"));
    timely::execute(configuration, move |worker| {
        let (began, end) = (day("2024-01-01"), day("2024-12-31"));
        let figures = figures.clone();
        let (mut input, probe) = worker.dataflow::<u32, _, _>(|scope| {
            let (input, versions) = scope.new_collection::<(u128, Version), isize>();
            let facts = versions.reduce(|_, versions, output| output.extend(in_force(versions).map(|of| (of, 1))));
            let facts = facts.map(|(original, of)| (of.subject, (original, of.fact)));

            let persons = facts.clone().filter(|(_, (_, fact))| matches!(fact, Fact::Details { .. })).reduce(|_, known, output| {
                let order = |(original, fact): &(u128, Fact)| (if let Fact::Details { day, .. } = fact { *day } else { 0 }, *original);
                if let Some((_, Fact::Details { birth, death, .. })) = known.iter().map(|(of, _)| *of).max_by_key(|of| order(of)) {
                    output.push(((*birth, *death), 1));
                }
            });
            let spells = facts
                .clone()
                .flat_map(|(subject, (_, fact))| match fact {
                    Fact::Started { service, kind, day } => Some(((subject, service), (Some(kind), day))),
                    Fact::Ended { service, day } => Some(((subject, service), (None, day))),
                    _ => None,
                })
                .reduce(|_, told, output| {
                    for ((kind, first), _) in told.iter().map(|(of, n)| (**of, n)) {
                        let Some(kind) = kind else { continue };
                        let ends = told.iter().filter(|((end, day), _)| end.is_none() && *day >= first).map(|((_, day), _)| *day);
                        output.push(((kind, first, ends.min().unwrap_or(NEVER)), 1));
                    }
                })
                .map(|((subject, _), spell)| (subject, spell));
            let known = persons.clone().map(|(subject, _)| subject).distinct();
            let told = spells
                .clone()
                .join(persons)
                .map(|(subject, ((kind, first, last), (birth, death)))| (subject, (kind, first, last.min(death), birth)))
                .concat(spells.antijoin(known).map(|(subject, (kind, first, last))| (subject, (kind, first, last, None))));

            let at_end = told.clone().filter(move |(_, (_, first, last, _))| *first <= end && *last >= end);
            let in_home = at_end.clone().filter(|(_, (kind, ..))| NURSING_HOME.contains(kind)).map(|(subject, _)| subject).distinct();
            let born_by = day(BORN_BY);
            let residents = at_end
                .filter(move |(_, (kind, _, _, birth))| *kind == LONG_STAY && birth.is_some_and(|of| of <= born_by))
                .map(|(subject, _)| subject)
                .distinct();
            let within = move |on: Day| on >= began && on <= end;
            let with = |wanted: fn(&Fact) -> Option<Day>| {
                let told =
                    facts.clone().filter(move |(_, (_, fact))| wanted(fact).is_some_and(within)).map(|(subject, _)| subject).distinct();
                residents.clone().map(|subject| (subject, ())).semijoin(told).map(|(subject, ())| subject)
            };
            let reviewed = with(|fact| if let Fact::FullReview { day } = fact { Some(*day) } else { None });
            let nourished = with(|fact| if let Fact::Nutrition { day } = fact { Some(*day) } else { None });
            let recipients = told
                .clone()
                .filter(move |(_, (_, first, last, _))| *first <= end && *last >= began.max(*first))
                .map(|(subject, _)| subject)
                .distinct();
            let bed_days = told
                .filter(|(_, (kind, ..))| NURSING_HOME.contains(kind))
                .map(|(subject, (_, first, last, _))| (subject, (first, last)))
                .reduce(move |_, stays, output| output.push((days_in(began, end + 1, stays.iter().map(|(of, _)| **of)), 1)))
                .explode(|(_, days)| Some((2, days)));
            let (probe, _) = in_home
                .map(|_| 0)
                .concatenate([
                    reviewed.map(|_| 1),
                    bed_days,
                    recipients.map(|_| 3),
                    nourished.map(|_| 4),
                    residents.clone().map(|_| 5),
                    residents.map(|_| 6),
                ])
                .count()
                .inspect(move |((figure, count), _, change)| {
                    if *change > 0 {
                        figures.lock().unwrap().insert(*figure, *count);
                    }
                })
                .probe();
            (input, probe)
        });

        let first = worker.index() == 0;
        let timed = |name: &str, began: Instant| {
            if first {
                println!("{name} {:.3}", began.elapsed().as_secs_f64())
            }
        };
        let clock = Instant::now();
        let mine: Vec<(u128, Version)> = text.lines().skip(worker.index()).step_by(worker.peers()).map(parse).collect();
        timed("load_s", clock);
        let clock = Instant::now();
        for record in mine {
            input.insert(record);
        }
        input.advance_to(1);
        input.flush();
        worker.step_while(|| probe.less_than(input.time()));
        timed("first_s", clock);
        if first {
            print("before", &shown);
        }
        let clock = Instant::now();
        if first {
            correction.lines().map(parse).for_each(|record| input.insert(record));
        }
        input.advance_to(2);
        input.flush();
        worker.step_while(|| probe.less_than(input.time()));
        timed("correction_s", clock);
        if first {
            print("after", &shown);
        }
    })
    .expect("the workers");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    println!("memory_mib {}", peak.unwrap_or(0) / 1024);
}
