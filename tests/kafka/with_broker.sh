#!/usr/bin/env bash
# Runs a command with KPR_KAFKA naming a real broker made for it: with_broker.sh COMMAND...
set -euo pipefail
kafka=$(dirname "$0")/../../deploy/kafka/kafka.sh
export KPR_KAFKA_SHORT_LIVED=1
work=$(mktemp -d)
trap '"$kafka" kill "$work"; rm -rf "$work"' EXIT
"$kafka" create "$work" 1 $((20000 + RANDOM % 10000))
"$kafka" start "$work"
KPR_KAFKA=$("$kafka" bootstrap "$work")
export KPR_KAFKA
"$@"
