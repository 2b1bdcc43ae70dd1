#!/usr/bin/env bash
# Installs what kpr needs on Debian 12, as root. The one list of packages; README and CI use it through ./run.
#   deploy/setup.sh         to build and run
#   deploy/setup.sh kafka   also to run a Kafka broker
#   deploy/setup.sh test    also to test, format, fuzz and measure
set -euo pipefail

build=(
  g++ cmake ninja-build ccache mold pkg-config git ca-certificates curl
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc
  librocksdb-dev librdkafka-dev prometheus-cpp-dev libcurl4-openssl-dev zlib1g-dev
  libcli11-dev libtomlplusplus-dev libsimdjson-dev libspdlog-dev libfmt-dev
  libssl-dev libxml2-dev libboost1.81-dev libeigen3-dev libjemalloc-dev nlohmann-json3-dev libbrotli-dev libreadstat-dev coinor-libclp-dev age libgtest-dev libgmock-dev
)
kafka=(openjdk-17-jdk-headless maven)
test=(
  clang-14 libclang-rt-14-dev clang-format-14 libxml2-utils openssl
  "${kafka[@]}" iproute2
  openssh-client e2fsprogs mount systemd binutils libbenchmark-dev rocksdb-tools
  nginx python3-hpack python3-hyperframe python3-cryptography
  chromium fonts-dejavu-core python3-venv prometheus postgresql
  python3-pytest python3-grpcio python3-protobuf protobuf-compiler-grpc
)

wanted=("${build[@]}")
# The web page is built with them. Other builds of Node bring their own npm, beside which Debian's cannot be installed.
command -v npm >/dev/null || wanted+=(nodejs npm)
if [ "${1:-}" = kafka ]; then wanted+=("${kafka[@]}"); fi
if [ "${1:-}" = test ]; then wanted+=("${test[@]}"); fi
missing=()
for package in "${wanted[@]}"; do
  dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
done
if [ ${#missing[@]} -eq 0 ]; then exit 0; fi
if [ "$(id -u)" -ne 0 ]; then
  echo "setup: these packages are missing, and only root can install them: ${missing[*]}" >&2
  exit 1
fi
echo "setup: installing ${#missing[@]} packages"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
# Its tests start their own.
for service in nginx prometheus postgresql; do
  if [[ " ${missing[*]} " == *" $service "* ]]; then service "$service" stop >/dev/null 2>&1 || true; fi
done
