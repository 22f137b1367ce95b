#!/usr/bin/env bash
# Runs a target's test.yml against the servers that spell things most differently, each an emulator of its own, side by side.
set -eu

top=${ANSIBLE_COLLECTIONS_PATH:-}
top=${top%%:*}/ansible_collections/aimms/cloud  # ansible-test runs targets from a copy that has only them
python=${ANSIBLE_TEST_PYTHON_INTERPRETER:-python3}
cache=${top}/tests/output/module-cache
mkdir -p "${cache}"
folder=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "${folder}"' EXIT

told() {
    "${python}" -c 'import json, sys; print(json.load(sys.stdin)[sys.argv[1]])' "$2" < "${folder}/$1.json"
}

serve() {
    cd "${top}" && exec "${python}" -m tests.emulator --dialect "$1" --sessions 60 --seed 7 > "${folder}/$1.json"
}

play() {
    for _try in $(seq 600); do
        [ -s "${folder}/$1.json" ] && break
        sleep 0.2
    done
    # Pipelining, and modules that are compiled once, save processor time; without them, as by default, one play is enough.
    if [ "$1" != current ]; then
        export ANSIBLE_PIPELINING=true MODULE_CACHE=${cache}
        export PYTHONPATH=${top}/tests/gates/module_cache${PYTHONPATH:+:${PYTHONPATH}}
    fi
    AIMMS_URL=$(told "$1" url) AIMMS_API_KEY=$(told "$1" admin_key) ANSIBLE_LOCAL_TEMP=${folder}/local-$1 \
        ansible-playbook test.yml -i localhost, -c local -e "generation=${1%%-*}" -e "folder=${folder}/files-$1" \
        -e "ansible_python_interpreter=${python}" "${@:2}" > "${folder}/$1.log" 2>&1
}

dialects=(legacy current)
# How servers spell things does not depend on Ansible: with ansible-core 2.20 and newer the odd ones are left out.
case $(ansible --version | head -n 1) in
    *"core 2.2"*) ;;
    *) dialects+=(legacy-skip current-rows current-literal) ;;
esac
plays=()
for dialect in "${dialects[@]}"; do
    serve "${dialect}" &
    play "${dialect}" "$@" &
    plays+=("$!")
done
failed=0
for number in "${!dialects[@]}"; do
    wait "${plays[number]}" || failed=1
    echo "== ${dialects[number]}"
    cat "${folder}/${dialects[number]}.log"
done
exit "${failed}"
