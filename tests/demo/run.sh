#!/usr/bin/env bash
# A cleanup of stale sessions against the emulator: planned, applied, and applied again. Called by `make demo`.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
exec </dev/null

if [ "${1:-}" != prepared ]; then
    echo "Preparing an environment in .build (the first time this takes a while) ..."
    exec "${PYTHON:-python3}" -B -m tests.demo.environment bash tests/demo/run.sh prepared
fi

work=.build/demo/work
rm -rf "$work" && mkdir -p "$work"
emulator=
trap '[ -z "$emulator" ] || { kill "$emulator" && wait "$emulator"; } 2>/dev/null || true' EXIT
trap 'exit 130' INT TERM HUP

heading() { printf '\n== %s\n\n' "$*"; }
ready() { python -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$work/ready.json" "$1"; }

# shorten: the output of ansible-playbook without what is the same in every run, for 80 columns.
shorten() {
    sed -u -E -e '/^TASK .*Validating/,/^$/d; /^$/d; /^included:/d' \
        -e 's/aimms\.cloud\.stale_session_cleanup : //; s/ \*\*+$//; s/ +(ignored|rescued|skipped|unreachable)=0//g; s/ +$//'
}

# cleanup NAME OPTION...: run the playbook, and count what it sent.
cleanup() {
    local name=$1 code=0 requests changing active
    shift
    heading "${title[$name]}"
    printf '$ ansible-playbook aimms.cloud.cleanup_stale_sessions'
    printf " \\\\\n    -e 'stale_session_cleanup_%s'" "$@"
    printf '\n\n'
    ansible-playbook aimms.cloud.cleanup_stale_sessions "${@/#/-estale_session_cleanup_}" \
        -e "stale_session_cleanup_report_dir=$PWD/$work/$name" 2>&1 | tee "$work/$name.log" | shorten || code=$?
    if [ "$code" -ne 0 ]; then
        echo "This run failed; its whole output is in $work/$name.log" >&2
        exit 1
    fi
    read -r requests changing active < <(python -m tests.demo.account "$AIMMS_URL" requests)
    figures+=("$(printf '%-8s %8s %9s %16s' "$name" "$requests" "$changing" "$active")")
    sent[$name]=$changing
}

declare -A title=([plan]="1. Plan: nothing is changed" [apply]="2. Apply: end what is stale" [again]="3. Again: nothing is left to do")
declare -A sent=()
figures=()

python -m tests.emulator --sessions 40 --seed 159 --end-delay 0.5 --port-file "$work/ready.json" >/dev/null 2>"$work/emulator.log" &
emulator=$!
for _ in $(seq 1200); do
    if [ -s "$work/ready.json" ]; then break; fi
    kill -0 "$emulator" 2>/dev/null || break
    sleep 0.1
done
if [ ! -s "$work/ready.json" ]; then
    echo "The emulator did not start:" >&2
    cat "$work/emulator.log" >&2
    exit 1
fi
AIMMS_URL=$(ready url)
AIMMS_API_KEY=$(ready admin_key)
export AIMMS_URL AIMMS_API_KEY
rm "$work/ready.json"  # it names the key
export ANSIBLE_HOME="$PWD/$work/home" ANSIBLE_REMOTE_TMP="$PWD/$work/tmp"
export ANSIBLE_CALLBACK_RESULT_FORMAT=yaml ANSIBLE_DISPLAY_SKIPPED_HOSTS=false
export ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false

heading "An account, emulated at $AIMMS_URL"
python -m tests.demo.account "$AIMMS_URL" overview

options=("protect_owners=svc-*" naive_timezone=UTC)
cleanup plan "${options[@]}"
cleanup apply "${options[@]}" apply=true batch_size=5
cleanup again "${options[@]}" apply=true

heading "What the server saw"
printf '%-8s %8s %9s %16s\n' run requests changing "active sessions"
printf '%s\n' "${figures[@]}"

heading "The report of the second run"
sed -n '/^## /q; p' "$work/apply/"*.md
echo "In full, as a page, as text, and for programs:"
printf '%s\n' "$work/apply/"*.html "$work/apply/"*.md "$work/apply/"*.json

if [ "${sent[plan]}" -ne 0 ] || [ "${sent[apply]}" -eq 0 ] || [ "${sent[again]}" -ne 0 ]; then
    echo "These figures are wrong: only the second run should have changed anything." >&2
    exit 1
fi
