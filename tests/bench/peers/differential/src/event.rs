//! Events as 'kpr log print' has them, and what of them the five figures are made of.
use serde::{Deserialize, Serialize};
use std::hash::{DefaultHasher, Hash, Hasher};

/// Days since 1970-01-01.
pub type Day = i32;
pub const NEVER: Day = i32::MAX;

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Status {
    Original,
    Replace,
    Annul,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Fact {
    Started { service: u64, kind: u32, day: Day },
    Ended { service: u64, day: Day },
    Details { day: Day, birth: Option<Day>, death: Day },
    FullReview { day: Day },
    Nutrition { day: Day },
    Other,
}

/// One version of an event, in the order in which the newest is the greatest.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Version {
    pub sequence: i64,
    pub id: u128,
    pub status: Status,
    pub subject: u64,
    pub fact: Fact,
}

#[derive(Deserialize)]
struct Record<'a> {
    sender: &'a str,
    #[serde(borrow)]
    event: Event<'a>,
}

#[derive(Deserialize)]
struct Event<'a> {
    event_id: &'a str,
    #[serde(default)]
    refers_to: &'a str,
    status: &'a str,
    #[serde(default)]
    sequence: &'a str,
    #[serde(borrow)]
    subject: Subject<'a>,
    occurred_on: &'a str,
    #[serde(borrow)]
    service_started: Option<Service<'a>>,
    #[serde(borrow)]
    service_ended: Option<Service<'a>>,
    #[serde(borrow)]
    person_details: Option<Person<'a>>,
    #[serde(borrow)]
    medication_review: Option<Review<'a>>,
    nutrition_assessment: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Subject<'a> {
    pseudonym: Option<&'a str>,
    provider: Option<&'a str>,
    municipality: Option<&'a str>,
}

#[derive(Deserialize)]
struct Service<'a> {
    #[serde(default, borrow)]
    service_id: std::borrow::Cow<'a, str>,
    #[serde(default)]
    service_type: u32,
}

#[derive(Deserialize)]
struct Person<'a> {
    #[serde(default)]
    birth_date: &'a str,
    #[serde(default)]
    death_date: &'a str,
}

#[derive(Deserialize)]
struct Review<'a> {
    #[serde(default)]
    kind: &'a str,
}

fn hashed(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

fn uuid(text: &str) -> u128 {
    text.bytes().filter(|&c| c != b'-').fold(0, |id, c| id << 4 | u128::from((c as char).to_digit(16).expect("a UUID")))
}

/// Of YYYY-MM-DD in the Gregorian calendar.
pub fn day(text: &str) -> Day {
    let part = |from: usize, to: usize| text[from..to].parse::<i32>().expect("a day YYYY-MM-DD");
    let (year, month) = (part(0, 4), part(5, 7));
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 + part(8, 10) - 719_469
}

fn day_or<T>(text: &str, known: impl Fn(Day) -> T, unknown: T) -> T {
    if text.is_empty() {
        unknown
    } else {
        known(day(text))
    }
}

/// The event that the version is of, and the version.
pub fn parse(line: &str) -> (u128, Version) {
    let Record { sender, event } = serde_json::from_str(line).expect("a record of 'kpr log print'");
    let on = day(event.occurred_on);
    let service = |of: &Service| hashed((sender, &of.service_id));
    let fact = if let Some(started) = &event.service_started {
        Fact::Started { service: service(started), kind: started.service_type, day: on }
    } else if let Some(ended) = &event.service_ended {
        Fact::Ended { service: service(ended), day: on }
    } else if let Some(person) = &event.person_details {
        Fact::Details { day: on, birth: day_or(person.birth_date, Some, None), death: day_or(person.death_date, |of| of, NEVER) }
    } else if event.medication_review.is_some_and(|of| of.kind == "KIND_FULL_REVIEW") {
        Fact::FullReview { day: on }
    } else if event.nutrition_assessment.is_some() {
        Fact::Nutrition { day: on }
    } else {
        Fact::Other
    };
    let status = match event.status {
        "EVENT_STATUS_ORIGINAL" => Status::Original,
        "EVENT_STATUS_ANNUL" => Status::Annul,
        _ => Status::Replace,
    };
    let id = uuid(event.event_id);
    let subject = event.subject;
    let subject = hashed((subject.pseudonym, subject.provider, subject.municipality));
    let original = if event.refers_to.is_empty() { id } else { uuid(event.refers_to) };
    (original, Version { sequence: event.sequence.parse().unwrap_or(0), id, status, subject, fact })
}
