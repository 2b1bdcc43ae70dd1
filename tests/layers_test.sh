#!/usr/bin/env bash
# Dependencies run downwards only, and each third-party library is included by its owner alone.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=0
complain() {
  echo "layers: $1" >&2
  failed=1
}
# folder, then what its files may include of our own
may_use() {
  local folder=$1 allowed=$2
  while IFS=: read -r file include; do
    [[ $file == *_test.cc ]] && continue
    [[ $include =~ ^($allowed)/ ]] || complain "$file includes $include"
  done < <(git ls-files "$folder" | grep -E '\.(cc|h)$' | xargs -r grep -oHE '^#include "[^"]+"' | sed -E 's/#include "([^"]+)"/\1/' |
    grep -vE ':[^/]*$')
}
owned() {
  local header=$1 owners=$2
  while read -r file; do
    [[ $file =~ ^($owners) ]] || complain "$file includes $header"
  done < <(git ls-files '*.cc' '*.h' | grep -v '^tests/' | grep -v _test.cc | xargs grep -lE "^#include [<\"]$header")
}
proto=kpr/v1
may_use base "base"
may_use access "base|registry/codelists|access|$proto"
may_use registry/codelists "base|registry/codelists"
may_use registry/attributes "base|registry/(attributes|codelists)"
may_use registry/facts "base|registry/(codelists|facts|pseudonym)|$proto"
may_use registry/timeline "base|registry/codelists|registry/facts|registry/timeline"
may_use registry/event_log "base|registry/event_log"
may_use registry/read "base|registry/(codelists|facts|read|timeline|sender_chain)|$proto"
may_use registry/store "base|registry/(codelists|facts|read|sender_chain|store|timeline)"
may_use registry/pseudonym "base|registry/(codelists|pseudonym)|$proto"
may_use registry "base|access|registry|$proto"
may_use ingest/admission "base|ingest/admission"
may_use ingest/validation "base|registry/(codelists|facts|pseudonym)|ingest/validation|$proto"
may_use ingest/his1135 "base|registry/codelists|ingest/his1135|$proto"
may_use ingest "base|access|registry|ingest|$proto"
may_use indicators/evaluation "base|registry/(codelists|facts|timeline)|indicators/(evaluation|cells)|$proto"
may_use indicators/measures "base|registry/(codelists|facts|timeline)|indicators/(evaluation|measures|cells|survey)|$proto"
may_use indicators/definition "base|registry/(codelists|facts)|indicators/(definition|evaluation|measures|cells)|$proto"
may_use indicators/engine "base|registry/(codelists|facts|timeline)|indicators/(definition|engine|evaluation|measures|cells)|$proto"
may_use indicators/geography "base|registry/codelists|indicators/geography"
may_use indicators/statistics "indicators/statistics"
may_use indicators/survey "indicators/survey"
may_use indicators/disclosure "base|indicators/disclosure|$proto"
may_use indicators "base|access|registry|indicators|$proto"
extract_base="base|registry/(codelists|facts|pseudonym|timeline)"
extract_indicators="indicators/(geography|cells|definition|engine|evaluation)"
may_use extracts/variables "base|registry/(codelists|facts)|indicators/(definition|engine)|extracts/variables|$proto"
may_use extracts/request "$extract_base|$extract_indicators|extracts/(request|variables)|$proto"
may_use extracts/rows "$extract_base|$extract_indicators|extracts/(request|rows|variables)|$proto"
may_use extracts/files "base|registry/pseudonym|extracts/(files|rows|variables)|$proto"
may_use extracts "base|access|registry|indicators|extracts|$proto"
may_use subject "base|access|registry|extracts|ingest/feedback|subject|$proto"
owned rocksdb/ "registry/store/|registry/event_log/local/"
owned librdkafka/ "registry/event_log/kafka/"
owned grpcpp/ "access/|[a-z_/]*/rpc/|ingest/client/|app/"
owned libxml/ "ingest/his1135/"
owned simdjson "ingest/client/"
owned openssl/ "base/crypto/|registry/pseudonym/|access/client_certificate|app/tls"
owned prometheus/ "app/"
owned curl/ "app/"
owned spdlog/ "app/"
owned coin/ "indicators/disclosure/linear_program"
owned boost/ "base/slots\.h|indicators/aggregation/add_up|indicators/statistics/|indicators/http/server"
owned Eigen/ "indicators/statistics/random_effects"
owned nlohmann/ "indicators/http/|extracts/files/"
owned brotli/ "indicators/http/compression"
owned zlib "indicators/http/compression|extracts/files/csv_writer"
owned readstat "extracts/files/"
owned arrow/ "extracts/files/parquet_writer"
owned toml "access/policy_file|app/"
# Pure folders do no I/O, read no clock and start no thread.
while read -r hit; do complain "pure folder: $hit"; done < <(git ls-files registry/timeline registry/attributes registry/codelists registry/facts ingest/validation ingest/session \
  indicators/evaluation indicators/measures indicators/definition indicators/engine indicators/geography indicators/statistics indicators/survey indicators/disclosure extracts/variables extracts/request extracts/rows | grep -E '\.(cc|h)$' | grep -v _test |
  xargs grep -nE '#include <(fstream|thread|mutex|chrono|iostream|filesystem)>|system_clock|steady_clock')
exit $failed
