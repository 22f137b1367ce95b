#!/usr/bin/env bash
# Runs a target's test.yml once for each generation of the service, against an emulator of its own.
set -eu

top=${ANSIBLE_COLLECTIONS_PATH:-}
top=${top%%:*}/ansible_collections/aimms/cloud  # ansible-test runs targets from a copy that has only them
python=${ANSIBLE_TEST_PYTHON_INTERPRETER:-python3}
ready=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "${ready}"' EXIT

for generation in legacy current; do
    (cd "${top}" && exec "${python}" -m tests.emulator --generation "${generation}" --sessions 60 --seed 7) \
        > "${ready}/${generation}.json" &
    for _try in $(seq 100); do
        [ -s "${ready}/${generation}.json" ] && break
        sleep 0.2
    done
    AIMMS_URL=$("${python}" -c 'import json, sys; print(json.load(sys.stdin)["url"])' < "${ready}/${generation}.json")
    AIMMS_API_KEY=$("${python}" -c 'import json, sys; print(json.load(sys.stdin)["admin_key"])' < "${ready}/${generation}.json")
    export AIMMS_URL AIMMS_API_KEY
    ansible-playbook test.yml -i localhost, -c local -e "generation=${generation}" \
        -e "ansible_python_interpreter=${python}" "$@"
done
