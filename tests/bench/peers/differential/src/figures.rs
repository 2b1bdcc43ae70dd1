//! The five figures as a dataflow: versions of events to what is in force, spells, persons and stays, and counts of those.
use crate::event::{day, Day, Fact, Status, Version, NEVER};
use differential_dataflow::VecCollection;
use std::ops::RangeInclusive;

pub type Collection<'scope, D> = VecCollection<'scope, u32, D, isize>;

/// By place: what is counted. A share has its denominator at the end.
pub const FIGURES: [&str; 5] =
    ["nursing_home_residents", "medication_review", "bed_days", "recipients_during_period", "nutrition_assessed"];
pub const RESIDENTS: usize = 5;

const LONG_STAY: u32 = 21;
const NURSING_HOME: RangeInclusive<u32> = 18..=21;
const BORN_BY: &str = "1957-12-31"; // 67 years old at the end of the year
const YEAR: (&str, &str) = ("2024-01-01", "2024-12-31");

type Facts<'scope> = Collection<'scope, (u64, (u128, Fact))>; // by subject: the event and its fact

/// Of one person. `last` is the day on which it ended or the person died.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
struct Stay {
    kind: u32,
    first: Day,
    last: Day,
    birth: Option<Day>,
}

/// What is in force of an event: none where it is annulled, or where nobody has told the original.
fn in_force(versions: &[(&Version, isize)]) -> Option<Version> {
    versions.iter().any(|(of, _)| of.status == Status::Original).then_some(())?;
    let newest = versions.iter().map(|(of, _)| *of).max()?;
    (newest.status != Status::Annul).then(|| newest.clone())
}

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

/// Birth and death by person, as the newest details have them.
fn persons<'scope>(facts: Facts<'scope>) -> Collection<'scope, (u64, (Option<Day>, Day))> {
    facts.filter(|(_, (_, fact))| matches!(fact, Fact::Details { .. })).reduce(|_, known, output| {
        let order = |(original, fact): &(u128, Fact)| (if let Fact::Details { day, .. } = fact { *day } else { 0 }, *original);
        if let Some((_, Fact::Details { birth, death, .. })) = known.iter().map(|(of, _)| *of).max_by_key(|of| order(of)) {
            output.push(((*birth, *death), 1));
        }
    })
}

/// Type, first and last day by person.
fn spells<'scope>(facts: Facts<'scope>) -> Collection<'scope, (u64, (u32, Day, Day))> {
    facts
        .flat_map(|(subject, (_, fact))| match fact {
            Fact::Started { service, kind, day } => Some(((subject, service), (Some(kind), day))),
            Fact::Ended { service, day } => Some(((subject, service), (None, day))),
            _ => None,
        })
        .reduce(|_, events, output| {
            for (kind, first) in events.iter().filter_map(|((kind, day), _)| kind.map(|kind| (kind, *day))) {
                let ends = events.iter().filter(|((kind, day), _)| kind.is_none() && *day >= first).map(|((_, day), _)| *day);
                output.push(((kind, first, ends.min().unwrap_or(NEVER)), 1));
            }
        })
        .map(|((subject, _), spell)| (subject, spell))
}

fn stays<'scope>(facts: Facts<'scope>) -> Collection<'scope, (u64, Stay)> {
    let (spells, persons) = (spells(facts.clone()), persons(facts));
    let known = persons.clone().map(|(subject, _)| subject).distinct();
    let unknown = spells.clone().antijoin(known).map(|(subject, (kind, first, last))| (subject, Stay { kind, first, last, birth: None }));
    spells
        .join(persons)
        .map(|(subject, ((kind, first, last), (birth, death)))| (subject, Stay { kind, first, last: last.min(death), birth }))
        .concat(unknown)
}

/// Those of the subjects who have a wanted fact in the year.
fn who_have<'scope>(subjects: Collection<'scope, u64>, facts: Facts<'scope>, wanted: fn(&Fact) -> Option<Day>) -> Collection<'scope, u64> {
    let (began, end) = (day(YEAR.0), day(YEAR.1));
    let have =
        facts.filter(move |(_, (_, fact))| wanted(fact).is_some_and(|on| on >= began && on <= end)).map(|(subject, _)| subject).distinct();
    subjects.map(|subject| (subject, ())).semijoin(have).map(|(subject, ())| subject)
}

/// How many are counted of each figure.
pub fn figures<'scope>(versions: Collection<'scope, (u128, Version)>) -> Collection<'scope, (usize, isize)> {
    let (began, end, born_by) = (day(YEAR.0), day(YEAR.1), day(BORN_BY));
    let facts = versions
        .reduce(|_, versions, output| output.extend(in_force(versions).map(|of| (of, 1))))
        .map(|(original, of)| (of.subject, (original, of.fact)));
    let stays = stays(facts.clone());
    let at_end = stays.clone().filter(move |(_, stay)| stay.first <= end && stay.last >= end);
    let in_home = at_end.clone().filter(|(_, stay)| NURSING_HOME.contains(&stay.kind)).map(|(subject, _)| subject).distinct();
    let residents = at_end
        .filter(move |(_, stay)| stay.kind == LONG_STAY && stay.birth.is_some_and(|of| of <= born_by))
        .map(|(subject, _)| subject)
        .distinct();
    let reviewed = who_have(residents.clone(), facts.clone(), |fact| if let Fact::FullReview { day } = fact { Some(*day) } else { None });
    let nourished = who_have(residents.clone(), facts, |fact| if let Fact::Nutrition { day } = fact { Some(*day) } else { None });
    let recipients = stays
        .clone()
        .filter(move |(_, stay)| stay.first <= end && stay.last >= began.max(stay.first))
        .map(|(subject, _)| subject)
        .distinct();
    let bed_days = stays
        .filter(|(_, stay)| NURSING_HOME.contains(&stay.kind))
        .map(|(subject, stay)| (subject, (stay.first, stay.last)))
        .reduce(move |_, stays, output| output.push((days_in(began, end + 1, stays.iter().map(|(of, _)| **of)), 1)))
        .explode(|(_, days)| Some((2, days)));
    let people = [reviewed.map(|_| 1), bed_days, recipients.map(|_| 3), nourished.map(|_| 4), residents.map(|_| RESIDENTS)];
    in_home.map(|_| 0).concatenate(people).count()
}
