#!/bin/sh
# Write requirements/{base,test,dev}.txt from pyproject.toml: every version with its hashes, for every platform, and
# no address of any registry or folder. Arguments go to uv, for example --upgrade or --upgrade-package django.
set -eu

compile() {
    output=$1
    shift
    .venv/bin/uv pip compile pyproject.toml requirements/build.in --quiet --generate-hashes --universal --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links --no-annotate --no-header --output-file "requirements/$output.txt" "$@"
}

unset PIP_FIND_LINKS UV_FIND_LINKS
compile base "$@"
compile test --extra test --constraint requirements/base.txt "$@"
compile dev --extra test --extra quality --constraint requirements/test.txt "$@"
