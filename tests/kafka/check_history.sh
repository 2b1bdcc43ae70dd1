#!/usr/bin/env bash
# What a run's outside witnesses say of the log: check_history.sh SENT ACKNOWLEDGED LOG SEEN
#   SENT          folder of NDJSON files, one a sender, in the order it sends them
#   ACKNOWLEDGED  ids of events that senders have receipts for
#   LOG           as kpr log print --brief shows it
#   SEEN          a log position, 120/118/131: up to where the last answer goes
# Prints how many events are lost (acknowledged, not in the log), reordered (of one sender and subject, first seen
# in the log before one that was sent earlier), foreign (in the log, never sent) and unseen (acknowledged, in the
# log, not in the last answer); fails if any are.
set -euo pipefail
cat "$1"/*.ndjson | grep -oE '"event_id":"[^"]*"' | cut -d'"' -f4 |
  awk -v acknowledged="$2" -v log_file="$3" -v seen="$4" '
    !($1 in sent) { sent[$1] = ++line }
    END {
      split(seen, answered_to, "/")
      while ((getline entry < log_file) > 0) {
        split(entry, field, " ")
        id = field[3]
        if (!(id in sent)) { ++foreign; continue }
        if (id in logged) continue  # sent again
        logged[id] = field[2] < answered_to[field[1] + 1] + 0
        who = field[4] " " field[6]
        if (sent[id] < last[who]) ++reordered
        if (sent[id] > last[who]) last[who] = sent[id]
      }
      while ((getline id < acknowledged) > 0) {
        if (id in counted) continue
        counted[id] = 1
        if (!(id in logged)) ++lost
        else if (!logged[id]) ++unseen
      }
      print "lost " lost + 0 ", reordered " reordered + 0 ", foreign " foreign + 0 ", unseen " unseen + 0
      exit lost + reordered + foreign + unseen > 0
    }'
