#!/usr/bin/env python3
"""figures.py FIGURES EVENTS OUT COMMITTED: lines of name and number as JSON in OUT, and beside the committed ones.

Machines differ: what is per second is compared as a ratio to what the same run's limit did, db_bench or the bare echo.
"""

import json
import os
import sys

DISK, DISK_ONE, WIRE = "db_bench_500_records_per_s", "db_bench_1_records_per_s", "echo_events_per_s"
LIMITS = {
    "ingest_events_per_s": (DISK, WIRE),
    "ingest_and_apply_events_per_s": (DISK, WIRE),
    "single_acks_per_s": (DISK_ONE,),
    "audit_records_per_s": (DISK,),
    "apply_records_per_s": (DISK,),
    "rebuild_records_per_s": (DISK,),
}
NAMES = {DISK: "db_bench, 500", DISK_ONE: "db_bench, 1", WIRE: "echo"}


def shares(name, figures):
    limits = [limit for limit in LIMITS.get(name, ()) if name in figures and limit in figures]
    return ", ".join(f"{figures[name] / figures[limit]:.3f} of {NAMES[limit]}" for limit in limits)


def main():
    lines, events, out, committed = sys.argv[1:]
    with open(lines, encoding="utf-8") as file:
        figures = {name: float(value) for name, value in (line.split() for line in file)}
    now = {"events": int(events), "cores": os.cpu_count(), "figures": figures}
    with open(out, "w", encoding="utf-8") as file:
        json.dump(now, file, indent=2, sort_keys=True)
        file.write("\n")
    with open(committed, encoding="utf-8") as file:
        last = json.load(file)
    print(f"| figure | now | last ({last['events']:,} events, {last['cores']} cores) | share of its limit now | last |\n|---|---|---|---|---|")
    for name, value in sorted(figures.items()):
        before = last["figures"].get(name)
        print(f"| {name} | {value:,.0f} | {'' if before is None else format(before, ',.0f')} | {shares(name, figures)} | {shares(name, last['figures'])} |")
    print(f"\nwritten to {out}; to commit it: cp {out} {committed}")


main()
