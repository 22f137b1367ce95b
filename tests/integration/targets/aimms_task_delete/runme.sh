#!/usr/bin/env bash
exec bash ../setup_emulator/with_emulator.sh "$@"
