"""What a run's outside witnesses say of the log and of what was answered meanwhile."""

import collections
import json


def offsets_of(token):
    """Of a position token the offsets, one a partition: it is their varints and two bytes of checksum, in hexadecimal digits."""
    offsets, shift, offset = [], 0, 0
    for byte in bytes.fromhex(token)[:-2]:
        offset |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            offsets.append(offset)
            offset = shift = 0
    return offsets


def judge_log(sent, acknowledged, log, answered):
    """How many events are lost (acknowledged, not in the log), reordered (of one sender and subject, first seen in the log before
    one that was sent earlier), foreign (in the log, never sent) and unseen (acknowledged, in the log, not in the last answer).

    sent: ids, of each sender in the order it sends them; acknowledged: ids with a receipt; log: lines of `kpr log print --brief`;
    answered: the offsets of the last answer.
    """
    places = {}
    for event in sent:
        places.setdefault(event, len(places))
    faults = collections.Counter(lost=0, reordered=0, foreign=0, unseen=0)
    seen, latest = {}, {}
    for line in log:
        partition, offset, event, sender, _, subject = line.split()[:6]
        if event not in places:
            faults["foreign"] += 1
        elif event not in seen:  # else it was sent again
            seen[event] = int(offset) < answered[int(partition)]
            faults["reordered"] += places[event] < latest.get((sender, subject), -1)
            latest[sender, subject] = max(places[event], latest.get((sender, subject), -1))
    for event in set(acknowledged):
        faults["lost"] += event not in seen
        faults["unseen"] += event in seen and not seen[event]
    return dict(faults)


def _state(answer):
    """Without how fresh it was."""
    return {key: value for key, value in answer.items() if key != "fresh_at"}


def judge_answers(answers, most, ask):
    """How many of the answers are wrong, that is not what the log up to their position gives, and how many went back: a node knew
    less than it had before. An answer with no position is of a node that has no data yet.

    answers: (node, answer as a dictionary) in the order they were given; most: how many of them are asked again, by
    ask(position).
    """
    faults = collections.Counter(asked=0, wrong=0, back=0)
    highest = {}
    for node, answer in answers:
        now = offsets_of(answer["position"])
        before = highest.get(node, [])
        faults["back"] += len(now) < len(before) or any(offset < known for offset, known in zip(now, before))
        highest[node] = [max(pair) for pair in zip(now, before or now)] or before
    placed = [answer for _, answer in answers if answer["position"]]
    for answer in placed[::-max(1, -(-len(placed) // most))]:
        faults["asked"] += 1
        again = ask(answer["position"])
        if _state(again) != _state(answer):
            faults["wrong"] += 1
            print(f"wrong: {json.dumps(answer)}\nand is {json.dumps(again)}")
    return dict(faults)
