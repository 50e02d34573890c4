#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# run.sh [contestant...]   measures mailweir beside its peers, in alternating rounds over the same messages, and writes the
# tables to bench/out/. It uses the bench rig (BENCH_RIG, default ../shared/bench beside the project), which holds the load
# generator and the peers' set-up; amavisd-new takes part if it is installed. Root and Debian 12 are needed, 20 minutes, and
# a machine that does nothing else.
#
#   ROUNDS=5 bench/run.sh null mailweir      only these, five rounds
#   MEMORY=no bench/run.sh                   without the 100 messages of 25 MB
set -euo pipefail
cd "$(dirname "$0")/.."
rig=${BENCH_RIG:-$PWD/../shared/bench}
[ -x "$rig/bench" ] || [ -f "$rig/bench" ] || {
  echo "bench: there is no bench rig in $rig, so nothing is measured; BENCH_RIG names another folder" >&2
  exit 2
}
scripts/prerequisites test
make -s build

BENCH_DIR=$(mktemp -d -t bench.XXXXXX)
export BENCH_DIR
peers=(clamd)
if command -v amavisd >/dev/null || command -v amavisd-new >/dev/null; then
  peers+=(amavis-off-4)
else
  export BENCH_PEER_USER=clamav
fi
project=$PWD
# shellcheck source=/dev/null
. "$rig/lib.sh" # B, SINK, wait_port

pids=()
finish() {
  for p in "${pids[@]}"; do kill "$p" 2>/dev/null || continue; wait "$p" 2>/dev/null || true; done
  bash "$rig/peers-down" "${peers[@]}" >/dev/null || true
  rm -rf "$BENCH_DIR"
}
trap finish EXIT
bash "$rig/peers-up" "${peers[@]}" >&2

start() { # name port chain: a mailweir of its own for each contestant
  local d=$BENCH_DIR/$1
  mkdir -p "$d/work" "$d/quarantine"
  cat >"$d/mailweir.yaml" <<Y
listen:
  - {address: 127.0.0.1:$2, protocol: smtp, mode: after-queue, next_hop: 127.0.0.1:$SINK, bare_newline: pass}
hostname: mailweir.bench.test
work_dir: $d/work
quarantine: {dir: $d/quarantine}
metrics: {address: ""}
scanners: {clamav: {clamd: {address: unix:$BENCH_DIR/run/clamd.sock}}}
chain: $3
Y
  bin/mailweir serve --config "$d/mailweir.yaml" >"$BENCH_DIR/log/$1.log" 2>&1 &
  pids+=($!)
  echo $! >"$BENCH_DIR/run/$1.pid"
  wait_port "$2" 20
}
virus() { echo "[[virus: {scanners: [clamav], require: all, scan: $1}]]"; }
start mailweir "$((B + 90))" '[]'
start mailweir-clamd-message "$((B + 91))" "$(virus message)"
start mailweir-clamd-both "$((B + 92))" "$(virus both)"
start mailweir-content "$((B + 93))" '[[attachments, html, macros, phishing]]'

# The rig's own lines for the peers, and ours. A name that ends in /own counts mailweir's processes alone.
table=$BENCH_DIR/contestants.tsv
{
  grep -P '^(null|clamd)\t' "$rig/contestants.tsv"
  case " ${peers[*]} " in *" amavis-off-4 "*) grep -P '^amavis-off-4\t' "$rig/contestants.tsv" ;; esac
  row() { printf '%s\tsmtp\t%s\t%s\t%s\t%s\n' "$@"; }
  row mailweir "$((B + 90))" mailweir 2000 4
  row mailweir-content "$((B + 93))" mailweir-content 1000 4
  for c in "message 91" "both 92"; do
    scan=${c% *} at=$((B + ${c#* }))
    row "mailweir-clamd-$scan" "$at" "mailweir-clamd-$scan,clamd" 400 4
    row "mailweir-clamd-$scan/own" "$at" "mailweir-clamd-$scan" 400 4
  done
} >"$table"

out=$project/bench/out
mkdir -p "$out"
report=$out/$(date -u +%Y%m%dT%H%M%SZ).md
{
  echo "$(bin/mailweir version | head -n 1), $(go version | cut -d' ' -f3), log level info into a file, GOMAXPROCS and memory limit as Go sets them."
  echo
  BENCH_TABLE=$table bash "$rig/bench" -r "${ROUNDS:-3}" -o "$out/results.jsonl" "$@"
} | tee "$report"

if [ "${MEMORY:-yes}" = yes ]; then
  mkdir -p "$BENCH_DIR/large"
  {
    printf 'Subject: large\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    head -c 19000000 /dev/urandom | base64 -w 76 | sed 's/$/\r/'
  } >"$BENCH_DIR/large/large.eml"
  printf 'mailweir-100x25MB\tsmtp\t%s\tmailweir\t200\t100\n' "$((B + 90))" >"$table"
  {
    printf '\n100 connections, each with a message of 25 MB in flight:\n\n'
    BENCH_CORPUS=$BENCH_DIR/large BENCH_TABLE=$table bash "$rig/bench" -r 1 -o "$out/memory.jsonl"
  } | tee -a "$report"
fi
echo "written to $report" >&2
