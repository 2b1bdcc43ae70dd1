# Sourced: the position token of an answer, and what it says. A token is the varints of the partitions' offsets and two
# bytes of checksum, in hexadecimal digits.
token_of() { grep -oE '"position": *"[^"]*"' | head -n 1 | sed -E 's/.*"([^"]*)"$/\1/'; }
# 120/118/131 of a token
offsets_of() {
  [ -n "$1" ] || return 0
  local hex=${1:0:$((${#1} - 4))} i byte shift=0 offset=0 offsets=()
  for ((i = 0; i < ${#hex}; i += 2)); do
    byte=$((16#${hex:i:2}))
    offset=$((offset | (byte & 127) << shift))
    if ((byte & 128)); then
      shift=$((shift + 7))
    else
      offsets+=("$offset")
      offset=0 shift=0
    fi
  done
  local IFS=/
  echo "${offsets[*]}"
}
