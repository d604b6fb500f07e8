# shellcheck shell=bash
# What several scripts here share; sourced, never run.

say() { printf '%s: %s\n' "${0##*/}" "$*" >&2; }

die() {
    say "$*"
    exit 1
}

# Runs a command as root: directly, or by sudo. What needs root says why in its message.
as_root() {
    if [ "$(id -u)" -eq 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo -- "$@"
    else
        die "needs root for \"$1\", and there is no sudo; run it as root"
    fi
}

# Is there something with this pid? Works for other users' processes too.
is_alive() { [ -n "$1" ] && [ -d "/proc/$1" ]; }

# Waits until a command succeeds, at most SECONDS; fails at once when the process PID has ended meanwhile.
# usage: wait_until SECONDS PID COMMAND…
wait_until() {
    local deadline=$((SECONDS + $1)) pid=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        is_alive "$pid" || return 1
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.1
    done
}

# Stops a process and waits for its end; after SECONDS it is killed.
# usage: stop_process PID SECONDS [SIGNAL]
stop_process() {
    local pid=$1 deadline=$((SECONDS + $2)) signal=${3:-TERM} as=
    is_alive "$pid" || return 0
    [ -O "/proc/$pid" ] || as=as_root
    $as kill -s "$signal" "$pid" 2>/dev/null || return 0
    while is_alive "$pid"; do
        if [ "$SECONDS" -ge "$deadline" ]; then
            say "process $pid did not stop in $2 s: killed"
            $as kill -s KILL "$pid" 2>/dev/null || true
            return 0
        fi
        sleep 0.05
    done
}

# Runs the caller's COMMAND, passes INT, TERM and HUP on to it and all that it started, and returns its code. The
# caller's EXIT trap then stops the parts: so they outlive the command, whatever ends it.
run_command() {
    local code=0
    if [ -t 0 ]; then
        # A person at a terminal: the command stays in the foreground, where it may read, and Ctrl-C reaches it by itself.
        trap : INT
        "$@" || code=$?
        return "$code"
    fi
    set -m # its own process group, and SIGINT not ignored
    "$@" &
    local child=$!
    set +m
    # shellcheck disable=SC2064 # the pid of now
    for signal in INT TERM HUP; do trap "kill -s $signal -- -$child 2>/dev/null || true" "$signal"; done
    while :; do
        code=0
        wait "$child" || code=$?
        is_alive "$child" || break
    done
    kill -s KILL -- "-$child" 2>/dev/null || true
    return "$code"
}
