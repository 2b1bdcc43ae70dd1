"""The judges of histories and answers catch made-up bad ones."""

import pytest

from history import judge_answers, judge_log

GOOD = {"lost": 0, "reordered": 0, "foreign": 0, "unseen": 0}


@pytest.mark.parametrize("acknowledged, answered, log, faults", [
    ("abc", 4, "ax by cx dy", {}),
    ("abc", 5, "ax bx ax bx cx", {}),  # sent again
    ("abc", 3, "by ax cx", {}),  # other subjects in between
    ("ab", 2, "ax bx cx", {}),  # neither acknowledged nor answered
    ("abc", 2, "ax cx", {"lost": 1}),
    ("abc", 3, "bx ax cx", {"reordered": 1}),
    ("a", 2, "ax zx", {"foreign": 1}),
    ("abc", 2, "ax bx cx", {"unseen": 1}),
])
def test_a_log_is_judged(acknowledged, answered, log, faults):
    lines = [f"0 {offset} {entry[0]} 1103 7 {entry[1]}" for offset, entry in enumerate(log.split())]
    assert judge_log("abcd", acknowledged, lines, [answered]) == {**GOOD, **faults}


def answer(offsets, value, day):
    """Of two partitions; in this register the value is the sum of the offsets."""
    return {"position": bytes(offsets).hex() + "0000" if offsets else "", "fresh_at": day, "value": value}


@pytest.mark.parametrize("answers, faults", [
    ([("q1", (1, 2), 3), ("q2", (0, 1), 1), ("q1", (2, 2), 4)], (3, 0, 0)),
    ([("q1", (1, 2), 4), ("q1", (2, 2), 4)], (2, 1, 0)),  # an event counted twice
    ([("q1", (1, 2), 3), ("q1", (2, 2), 3)], (2, 1, 0)),  # an event left out
    ([("q1", (10, 2), 12), ("q1", (9, 4), 13)], (2, 0, 1)),  # one partition went back
    ([("q1", (), 0), ("q1", (1, 2), 3)], (1, 0, 0)),  # none before the first data
    ([("q1", (1, 2), 3), ("q1", (), 0)], (1, 0, 1)),  # none after it
    ([], (0, 0, 0)),
])
def test_answers_are_judged(answers, faults):
    def ask(position):
        offsets = bytes.fromhex(position)[:-2]
        return answer(offsets, sum(offsets), "another day")

    given = [(node, answer(offsets, value, "a day")) for node, offsets, value in answers]
    assert judge_answers(given, 10, ask) == dict(zip(("asked", "wrong", "back"), faults))
