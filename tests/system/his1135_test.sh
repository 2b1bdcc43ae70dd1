#!/usr/bin/env bash
# The national message: what is simulated is schema-valid where the schema is at hand, reads back the same, and
# gives the same indicators as NDJSON.
. "$(dirname "$0")/../support/server.sh"
simulate --format his1135 --his1135-facts --seed 5 --out "$work/xml"
simulate --his1135-facts --duplicated 0 --seed 5 --out "$work/json"
# Renumbering is no HIS 1135 fact; both worlds are without it.
export_of() { # folder, push options
  rm -rf "$work/data"
  write_config
  start_server || fail "no start"
  pushed=$("$kpr" push "$@" --server "$server" --quiet 2>&1) || fail "push: $pushed"
  wait_applied
  stop_server
  "$kpr" export --config "$work/kpr.toml" 2>/dev/null
}
export_of "$work"/json/*.ndjson >"$work/export-json"
export_of "$work"/xml/*.xml --his1135 >"$work/export-xml"
[ -s "$work/export-json" ] || fail "empty export"
# A municipality that changes its code writes a message for each.
"$kpr" simulate --municipalities 5501 --scale 0.05 --from 2023-06-01 --to 2024-06-30 --format his1135 --out "$work/codes" >/dev/null || fail "codes"
equal "a message for each code" "$(ls "$work/codes" | xargs)" "5401.xml 5501.xml"
cmp "$work/export-json" "$work/export-xml" || fail "the figures differ between XML and NDJSON"
for file in "$work"/xml/*.xml; do
  "$kpr" convert --to his1135 "$file" >"$work/again.xml" || fail "convert"
  cmp -s "$file" "$work/again.xml" || fail "written back, $file differs"
done
schema=${KPR_HIS1135_SCHEMA:-}
[ -n "$schema" ] || schema=$(ls -d "$(dirname "$0")"/../../../shared/reference/his1135 2>/dev/null || true)
if [ -f "$schema/XPR(ipl).xsd" ]; then
  for file in "$work"/xml/*.xml; do
    xmllint --nonet --noout --schema "$schema/XPR(ipl).xsd" "$file" 2>"$work/lint" || fail "not schema-valid: $(head -3 "$work/lint")"
  done
else
  echo "the national schema is not at hand (KPR_HIS1135_SCHEMA); its validation is left out"
fi
sed 's/ fid="[0-9]*"//' "$work/xml/1103.xml" >"$work/deleted.xml"
expect "message marked deleted" "$("$kpr" push --his1135 "$work/deleted.xml" --quiet 2>&1)" 'Bruker/@fid is missing -> message marked deleted'
exit $((failures > 0))
