#!/usr/bin/env bash
# What a run's outside witnesses say of the log: check_history.sh SENT ACKNOWLEDGED LOG
#   SENT          folder of NDJSON files, one a sender, in the order it sends them
#   ACKNOWLEDGED  ids of events that senders have receipts for
#   LOG           as kpr log print --brief shows it
# Prints how many events are lost (acknowledged, not in the log), reordered (of one sender and subject, first seen
# in the log before one that was sent earlier) and foreign (in the log, never sent); fails if any are.
set -euo pipefail
cat "$1"/*.ndjson | grep -oE '"event_id":"[^"]*"' | cut -d'"' -f4 |
  awk -v acknowledged="$2" -v log_file="$3" '
    !($1 in sent) { sent[$1] = ++line }
    END {
      while ((getline entry < log_file) > 0) {
        split(entry, field, " ")
        id = field[3]
        if (!(id in sent)) { ++foreign; continue }
        if (id in logged) continue  # sent again
        logged[id] = 1
        who = field[4] " " field[6]
        if (sent[id] < last[who]) ++reordered
        if (sent[id] > last[who]) last[who] = sent[id]
      }
      while ((getline id < acknowledged) > 0) if (!(id in logged) && !(id in counted)) { counted[id] = 1; ++lost }
      print "lost " lost + 0 ", reordered " reordered + 0 ", foreign " foreign + 0
      exit lost + reordered + foreign > 0
    }'
