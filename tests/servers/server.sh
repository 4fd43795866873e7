# What the scripts that start a server have in common: a folder of its own, with its logs and a list of its processes. Sourced, not run.
. "$(dirname "${BASH_SOURCE[0]}")/../../scripts/setup.sh"

# use_folder DIR: makes it, if need be, and names it.
use_folder() {
  mkdir -p "${1:?usage: ${0##*/} start|stop DIR}"
  dir=$(cd "$1" && pwd)
}

# begin NAME COMMAND...: in the background, its output in a log, its process in a list that stop reads.
begin() {
  mkdir -p "$dir/log"
  setsid "${@:2}" >"$dir/log/$1" 2>&1 </dev/null &
  echo "$!" >>"$dir/processes"
}

# wait_for SECONDS WHAT COMMAND...: until it succeeds.
wait_for() {
  local end=$((SECONDS + $1))
  until "${@:3}" >/dev/null 2>&1; do
    if ((SECONDS >= end)); then
      tail -n 5 "$dir"/log/* >&2
      die "$2 was not ready in $1 s"
    fi
    sleep 0.1
  done
}

stop() {
  [ -f "$dir/processes" ] || return 0
  local process
  # The last to come goes first. What has gone by itself is no fault.
  for process in $(tac "$dir/processes"); do
    kill "$process" 2>/dev/null || true
    for _ in $(seq 50); do kill -0 "$process" 2>/dev/null || break; sleep 0.1; done
    kill -9 "$process" 2>/dev/null || true
  done
  rm -rf "$dir"
}
