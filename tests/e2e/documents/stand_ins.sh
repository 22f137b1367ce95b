#!/usr/bin/env bash
# What the commands of the pages need and a test cannot have: the network, containers, other environments.
# Each stand-in checks what it is given, and fails as the program would. ROOT is this repository.
python3() {
    if [ "${1-} ${2-}" = "-m venv" ]; then mkdir -p "$3/bin" && touch "$3/bin/activate"; else command python3 "$@"; fi
}
python() { [ -f "$ROOT/$1" ]; }
pip() {
    [ "$1" = install ]
    [ "$2" != -r ] || [ -f "$ROOT/$3" ]
}
make() {
    local word
    for word; do case $word in *=*) ;; *) grep -q "^$word:" "$ROOT/Makefile" ;; esac; done
}
ansible-galaxy() {
    case "$*" in *" community.general" | *" awx.awx:"*) ;; *) command ansible-galaxy "$@" ;; esac
}
ansible-playbook() { # the set-up of AWX has tests of its own, with an AWX
    case "$*" in *awx_setup*) command ansible-playbook --list-hosts "$@" ;; *) command ansible-playbook "$@" ;; esac
}
ansible-rulebook() { [ "$1" = --rulebook ] && [ -f "$ROOT/extensions/eda/rulebooks/${2#aimms.cloud.}.yml" ]; }
ansible-builder() { [ -f execution-environment.yml ] && [ -f aimms-cloud.tar.gz ]; }
ansible-navigator() { [ "$1" = run ] && [ -f "$ROOT/playbooks/${2#aimms.cloud.}.yml" ]; }
sudo() { # looks only whether the files are there that are installed
    local files=()
    [ "$1" = install ] || return 0
    while [ $# -gt 1 ]; do
        case $2 in -d) return 0 ;; -m | -o) shift 2 ;; *) files+=("$2") && shift ;; esac
    done
    ls "${files[@]:0:${#files[@]}-1}" >/dev/null
}
sudoedit() { :; }
journalctl() { :; }
cd() { builtin cd "${1/#\/opt\/aimms\/collections\/ansible_collections\/aimms\/cloud/$ROOT}" || return; }
py-spy() { [ -f "$ROOT/${run-}" ]; }
mkdir -p .venv/bin
cat >.venv/bin/pytest <<'END'
#!/bin/sh
[ -e "$ROOT/${1%%::*}" ]
END
chmod +x .venv/bin/pytest
