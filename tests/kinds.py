"""Municipalities of three kinds, with which the share of reviews goes, and a number with which it does not."""

from conftest import events_of, write_events


def number_of(code):
    return 3 * (int(code) % 7) + 0.5


def kind_of(code):
    return "abc"[int(code) % 3]


def review_less(path):
    """In every third municipality half of the reviews are not told: more than chance, and it goes with the kind."""
    if kind_of(path.stem) == "a":
        events = events_of(path)
        reviews = [event for event in events if "medication_review" in event]
        left_out = {event["event_id"] for event in reviews[::2]}
        write_events(path, [event for event in events if not left_out & {event["event_id"], event.get("refers_to")}])
