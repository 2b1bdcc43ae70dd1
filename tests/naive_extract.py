"""What an extract must have, straight from the events that senders sent: written apart from the register, person by person, and slowly."""

import collections
import datetime

SEX = {"SEX_MALE": "1", "SEX_FEMALE": "2", "SEX_NOT_APPLICABLE": "9"}
REVIEW = {"KIND_FULL_REVIEW": "1", "KIND_RECONCILIATION": "2"}
SYSTEM = {"SYSTEM_ICPC2": "1", "SYSTEM_ICD10": "2"}
NEVER = "9999-12-31"


def effective(events):
    """The facts in force: of each original the version with the highest sequence, if that is no annulment."""
    newest = {}
    for event in {event["event_id"]: event for event in events}.values():
        original = event.get("refers_to") or event["event_id"]
        if original not in newest or int(event["sequence"]) > int(newest[original]["sequence"]):
            newest[original] = event
    return [event for event in newest.values() if event["status"] != "EVENT_STATUS_ANNUL"]


def by_person(files):
    """Facts of each person over all senders; whoever's number changed is one person."""
    facts, now = collections.defaultdict(list), {}
    for events in files:
        for event in effective(events):
            number = event["subject"].get("person", {}).get("number")
            if number and "identity_changed" in event:
                now[number] = event["identity_changed"]["new_identity"]["number"]
            elif number:
                facts[number].append(event)
    persons = collections.defaultdict(list)
    for number, events in facts.items():
        while number in now:
            number = now[number]
        persons[number] += events
    return persons


def day(text):
    return datetime.date.fromisoformat(text)


def spells_of(facts):
    """(type, municipality, start, end, hours); an end without a start is none."""
    ends = {event["service_ended"]["service_id"]: event["occurred_on"] for event in facts if "service_ended" in event}
    died = died_on(facts)
    spells = []
    for event in facts:
        if "service_started" not in event:
            continue
        started = event["service_started"]
        end = min(ends.get(started["service_id"], NEVER), died)
        if event["occurred_on"] <= end:
            spells.append((started["service_type"], event["municipality"], event["occurred_on"], end))
    return spells


def details_of(facts):
    details = [event for event in facts if "person_details" in event]
    return max(details, key=lambda event: (event["occurred_on"], int(event["sequence"])))["person_details"] if details else {}


def died_on(facts):
    return details_of(facts).get("death_date") or NEVER


def reserved(facts):
    said = {}
    for event in sorted((event for event in facts if "reservation" in event), key=lambda event: (event["occurred_on"], int(event["sequence"]))):
        said[event["reservation"]["purpose"]] = not event["reservation"].get("withdrawn", False)
    return said.get("PURPOSE_RESEARCH", False) or said.get("PURPOSE_REGISTRATION", False)


def mean_score(scores):
    known = [score for score in scores if score != 9]
    return f"{int(100 * sum(known) / len(known) + 0.5) / 100:.2f}" if known else ""


# Columns whose values stand for something; of persons they could point to somebody, and classes see to what is left.
CODES = {"persons": (0, 3), "service_spells": (0,), "medication_review": (1,), "diagnosis": (0, 1)}


def group_rare(persons, fewest):
    """Codes of few persons as "other": column by column, the least common first until what is grouped is not few."""
    def number(code):
        return (0, int(code), "") if code.isdigit() else (1, 0, code)

    for table, columns in CODES.items():
        for column in columns:
            having = {}
            for i, person in enumerate(persons):
                for row in person[table]:
                    if row[column]:
                        having.setdefault(row[column], set()).add(i)
            other = {code for code, own in having.items() if len(own) < fewest}
            left = sorted(having.keys() - other, key=lambda code: (len(having[code]), number(code)))
            while table != "persons" and other and left and len(set().union(*(having[code] for code in other))) < fewest:
                other.add(left.pop(0))
            said = "other" if (table, column) == ("diagnosis", 1) else "-1"
            for person in persons:
                person[table] = sorted(tuple(said if i == column and value in other else value for i, value in enumerate(row)) for row in person[table])


def places_of(facts, first, last):
    """Where releases of the frame's years count the person: the municipality, or of whoever has several which one for what in which months."""
    begin, end = first[:4] + "-01-01", last[:4] + "-12-31"
    known = {"event_id", "status", "sequence", "previous_event_id", "refers_to", "municipality", "subject", "occurred_on", "registered_at", "sent_at", "source"}
    places = [(event["municipality"], *(event.keys() - known), max(event["occurred_on"], begin)[:7]) for event in facts
              if event["occurred_on"] <= end and (begin <= event["occurred_on"] or "place_applied" in event)]
    places += [(spell[1], spell[0], max(spell[2], begin)[:7], min(spell[3], end)[:7]) for spell in spells_of(facts) if spell[2] <= end and begin <= spell[3]]
    if len({place[0] for place in places}) == 1:
        return places[0][0]
    return frozenset(places)


def extract(files, first, last, types, birth_years, k=0, fewest=0):
    """The persons with a service of the types on a day of the frame, each as the rows of all their tables; codes of fewer than `fewest` as "other"."""
    persons, places = [], []
    for facts in by_person(files).values():
        spells = [spell for spell in spells_of(facts) if spell[2] <= last and spell[3] >= first]
        if not any(spell[0] in types for spell in spells) or reserved(facts):
            continue
        details = details_of(facts)
        birth, died = details.get("birth_date"), died_on(facts)
        year = max(int(birth[:4]), int(first[:4]) - 100) if birth else None
        inside = [event for event in facts if first <= event["occurred_on"] <= last]
        newest = max(spells, key=lambda spell: spell[2])
        tables = {
            "persons": [(SEX.get(details.get("sex"), ""), str(year // birth_years * birth_years) if birth else "", died if died <= last else "", newest[1][:2])],
            "service_spells": [(str(kind), start, end if end <= last else "", str((min(day(end), day(last)) - max(day(start), day(first))).days + 1))
                               for kind, _, start, end in spells],
            "medication_review": [(event["occurred_on"], REVIEW[event["medication_review"]["kind"]]) for event in inside if "medication_review" in event],
            "function_assessment": [(event["occurred_on"], mean_score(event["function_assessment"]["scores"])) for event in inside if "function_assessment" in event],
            "diagnosis": [(SYSTEM[event["diagnosis"]["system"]], event["diagnosis"]["code"]) for event in inside if "diagnosis" in event],
        }
        persons.append({name: sorted(rows) for name, rows in tables.items()})
        places.append(places_of(facts, first, last))
    group_rare(persons, fewest)
    alike = [(person["persons"][0], place) for person, place in zip(persons, places)]
    classes = collections.Counter(alike)
    return [person for person, own in zip(persons, alike) if classes[own] >= k]
