#!/usr/bin/env python3
"""Sends the events of an NDJSON file (one kpr.v1.Event as JSON a line), and is safe to run again at any time.

    pip install grpcio grpcio-tools
    python3 -m grpc_tools.protoc -Iproto --python_out=. --grpc_python_out=. proto/kpr/v1/*.proto
    python3 send_events.py events.ndjson --server kpr.example.no:7443 --ca ca.crt --cert my.crt --key my.key

Without certificates it talks to a server for trials on this machine, which also wants --sender NAME.
"""

import argparse
import bisect
import pathlib
import queue
import sys
import time

import grpc
from google.protobuf import json_format
from kpr.v1 import event_pb2, ingest_pb2, ingest_pb2_grpc

BATCH = 500    # events; at most 10,000 and 4 MiB
IN_FLIGHT = 4  # batches without a receipt; beyond it the server stops reading
# The connection or the server failed: whatever has no receipt is sent again.
TRY_AGAIN = (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.DEADLINE_EXCEEDED,
             grpc.StatusCode.INTERNAL, grpc.StatusCode.UNKNOWN, grpc.StatusCode.CANCELLED)


def channel(options):
    if options.cert is None:
        return grpc.insecure_channel(options.server)
    read = lambda path: pathlib.Path(path).read_bytes()
    return grpc.secure_channel(options.server, grpc.ssl_channel_credentials(
        read(options.ca), read(options.key), read(options.cert)))


def missing(state, events):
    """Those that the server lacks: in a gap, or after all that it has."""
    ends = [gap.before_sequence for gap in state.missing]

    def in_gap(sequence):
        gap = bisect.bisect_right(ends, sequence)  # the first that ends after it
        return gap < len(ends) and sequence > state.missing[gap].after_sequence

    return [event for event in events if event.sequence > state.highest_sequence or in_gap(event.sequence)]


def send(stub, events, sender, totals):
    """One stream, until every event has its outcome or the stream breaks."""
    state = stub.GetSubmissionState(ingest_pb2.GetSubmissionStateRequest(sender=sender), timeout=30)
    left = [event for event in missing(state, events) if event.event_id not in totals["refused"]]
    batches = [left[i:i + BATCH] for i in range(0, len(left), BATCH)]
    to_write, done = queue.Queue(), 0
    for number in range(min(IN_FLIGHT, len(batches))):
        to_write.put(number)
    if not batches:
        return

    def requests():
        while (number := to_write.get()) is not None:
            yield ingest_pb2.EventBatch(batch=number, sender=sender,
                                        events=[event.SerializeToString() for event in batches[number]])

    try:
        for receipt in stub.SubmitEvents(requests()):
            if receipt.state == ingest_pb2.Receipt.STATE_RETRY_LATER:  # nothing was kept
                print("the server takes nothing now:", receipt.message, file=sys.stderr)
                time.sleep(receipt.retry_delay.seconds + receipt.retry_delay.nanos / 1e9)
                to_write.put(receipt.batch)
                continue
            if receipt.state == ingest_pb2.Receipt.STATE_REFUSED:  # the batch as a whole
                sys.exit(receipt.message)
            totals["accepted"] += receipt.accepted
            for result in receipt.results:
                if result.outcome == ingest_pb2.EventResult.OUTCOME_REFUSED:
                    totals["refused"].add(result.event_id)
                    for violation in result.violations:
                        print(f"{result.event_id}: {violation.code} at {violation.field}: {violation.message_en}",
                              file=sys.stderr)
            done += 1
            if done == len(batches):
                return
            if done + IN_FLIGHT <= len(batches):
                to_write.put(done + IN_FLIGHT - 1)
    finally:
        to_write.put(None)  # ends the requests


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--server", default="127.0.0.1:7443")
    parser.add_argument("--sender", default="", help="for trials without certificates")
    parser.add_argument("--ca")
    parser.add_argument("--cert")
    parser.add_argument("--key")
    options = parser.parse_args()
    events = [json_format.Parse(line, event_pb2.Event()) for line in open(options.file, encoding="utf-8")]
    totals, pause = {"accepted": 0, "refused": set()}, 1
    while True:
        try:
            with channel(options) as connection:
                send(ingest_pb2_grpc.IngestStub(connection), events, options.sender, totals)
            break
        except grpc.RpcError as error:
            if error.code() not in TRY_AGAIN:
                sys.exit(f"{error.code().name}: {error.details()}")
            print(f"{error.code().name}: {error.details()}; again in {pause} s", file=sys.stderr)
            time.sleep(pause)
            pause = min(2 * pause, 60)
    print(f"{totals['accepted']} accepted, {len(totals['refused'])} refused")
    sys.exit(1 if totals["refused"] else 0)


if __name__ == "__main__":
    main()
