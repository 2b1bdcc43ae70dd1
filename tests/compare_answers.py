#!/usr/bin/env python3
"""Compares the JSON answers of two versions of kpr to the same questions over the same log.

    compare_answers.py BEFORE AFTER

Both are folders of files of the same names: what `kpr indicators get --json` and `compare --json` print. BEFORE is
of the interface before `IndicatorTable`, AFTER of the present one. Each is brought to one plain form; numbers must
be equal to the last digit. Prints what differs; exit code 1 if anything does, or if there is nothing to compare.
"""
import json
import pathlib
import sys

REASON, STATUS, SIGNAL = "MISSING_REASON_", "OUTLIER_STATUS_", "SIGNAL_"
RENAMED_REASONS = {"NOT_AVAILABLE": "NOT_COMPARABLE"}


def old_value(v):
    reason = v.get("missing_reason", "UNSPECIFIED")
    percentiles = v.get("percentiles", [])
    return {
        "period": v["period"], "area": v["area"], "name": v.get("area_name", ""), "sex": v["sex"], "age": v["age"],
        "value": (v.get("value"), v.get("lower"), v.get("upper")),
        "weighted": (v.get("weighted"), v.get("weighted_lower"), v.get("weighted_upper")),
        "percentiles": percentiles,
        "numerator": v.get("numerator", 0), "denominator": v.get("denominator", 0), "classes": v.get("classes", []),
        "reason": RENAMED_REASONS.get(reason, reason),
        "coverage": (v.get("municipalities", 0), v.get("municipalities_reporting", 0), v.get("municipalities_declared", 0)),
        "provisional": v.get("provisional", False), "carried": v.get("carried_forward", False),
        "notes": len(v.get("notes", [])), "invited": v.get("invited", "0"), "responded": v.get("responded", "0"),
    }


def new_value(r):
    of = {e["name"].removeprefix("ESTIMATE_NAME_"): e for e in r["estimates"]}
    triple = lambda e: (e.get("value"), e.get("lower"), e.get("upper"))
    name = r["area"].get("name", {})
    return {
        "period": r["period"], "area": r["area"]["code"], "name": name.get("nb", ""), "sex": r["sex"], "age": r["age"],
        "value": triple(of.get("VALUE", {})), "weighted": triple(of.get("WEIGHTED", {})),
        "percentiles": [of[p]["value"] for p in ("PERCENTILE_25", "PERCENTILE_75", "PERCENTILE_90") if p in of],
        "numerator": r["numerator"], "denominator": r["denominator"], "classes": r["classes"],
        "reason": r["missing_reason"].removeprefix(REASON),
        "coverage": tuple(r["coverage"][k] for k in ("municipalities", "reporting", "declared")),
        "provisional": r["provisional"], "carried": r["carried_forward"],
        "notes": len(r["notes"]), "invited": r["invited"], "responded": r["responded"],
    }


LIMITS = ("observed", "expected", "ratio", "warning_low", "warning_high", "alarm_low", "alarm_high")


def old_area(c):
    return {
        "area": c["area"], "name": c["area_name"], "group": c.get("size_group", ""),
        "value": (c.get("value"), c.get("lower"), c.get("upper")), **{k: c.get(k, 0) for k in LIMITS},
        "shrunken": c.get("shrunken", 0), "peers": c.get("peers"), "previous": c.get("previous"),
        "changed": c.get("changed_beyond_chance", False), "status": c["verdict"], "signals": c.get("signals", []),
    }


def new_area(c):
    row = new_value(c["row"])
    return {
        "area": row["area"], "name": row["name"], "group": c["group"], "value": row["value"],
        **{k: c[k] for k in LIMITS}, "shrunken": c["shrunken_ratio"], "peers": c.get("group_value"),
        "previous": c.get("previous"), "changed": c["changed_beyond_chance"],
        "status": c["outlier_status"].removeprefix(STATUS), "signals": [s.removeprefix(SIGNAL) for s in c["signals"]],
    }


def plain(answer, is_old):
    value, area = (old_value, old_area) if is_old else (new_value, new_area)
    head = {k: answer.get(k) for k in ("indicator", "version", "unit", "period", "horizon")}
    if "dispersion" in answer or "variance_between" in answer:
        head["spread"] = (answer.get("dispersion"), answer.get("variance_between", 0))
        return head, [value(answer["country"])] + [area(c) for c in answer.get("municipalities", [])]
    return head, [value(v) for v in answer.get("values" if is_old else "rows", [])]


def differences(old, new):
    """What differs, one text each; and how many rows were compared."""
    (old_head, old_rows), (new_head, new_rows) = plain(old, True), plain(new, False)
    said = [f"{k}: {v!r}, now {new_head.get(k)!r}" for k, v in old_head.items() if v is not None and v != new_head.get(k)]
    if len(old_rows) != len(new_rows):
        said.append(f"{len(old_rows)} rows, now {len(new_rows)}")
    for a, b in zip(old_rows, new_rows):
        if not a["name"]:
            b["name"] = ""  # size groups had no names
        said += [f"{a.get('period', '')} {a['area']} {k}: {a[k]!r}, now {b.get(k)!r}" for k in a if a[k] != b.get(k)]
    return said, len(old_rows)


def main(before, after):
    files = rows = empty = bad = 0
    for path in sorted(pathlib.Path(before).glob("*.json")):
        old, new = path.read_text(), (pathlib.Path(after) / path.name).read_text()
        if not old.strip() and not new.strip():
            empty += 1
            continue
        files += 1
        said, compared = differences(json.loads(old), json.loads(new))
        rows += compared
        bad += len(said)
        for text in said[:3]:
            print(f"{path.name}: {text}")
    print(f"{files} answers with {rows} rows compared, {empty} questions refused before and now, {bad} differences")
    return 0 if files and rows and not bad else 1


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main(*sys.argv[1:]))
