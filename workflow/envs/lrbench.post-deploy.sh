#!/usr/bin/env bash
# Snakemake runs this in the environment that it made from lrbench.yaml.
set -euo pipefail

if [[ ! -f $LRBENCH_PROJECT/requirements.lock ]]; then
    echo "lrbench: --sdm conda needs a clone; run an installed lrbench without it." >&2
    exit 2
fi
python -m pip install --no-deps --require-hashes --requirement "$LRBENCH_PROJECT/requirements.lock"
python -m pip install --no-deps --no-build-isolation "$LRBENCH_PROJECT"
