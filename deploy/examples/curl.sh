#!/bin/sh
# Dateline's API by curl: sh curl.sh [ADDRESS]; with DATELINE_KEY set it also adds an article and removes it.
set -eu
at="${1:-http://127.0.0.1:8000}/api/v1"
ask() { curl --silent --show-error --fail-with-body "$@"; echo; }

# The best two paragraphs for some words; --data-urlencode spells what an address cannot hold.
ask --get "$at/search" --data-urlencode 'q="dam inquiry" OR ferr*' --data limit=2 --data facets=

# A person is one id however the name is written: find it by typing, then narrow to it.
ask --get "$at/facets/person" --data prefix=wal
ask --get "$at/search" --data person=person-helen-walsh --data published_from=2018 --data limit=1 --data facets=

if [ -n "${DATELINE_KEY:-}" ]; then
    printf '%s' '{"id": "example-1", "headline": "Ferry sails again", "published": "2019-05-04",
        "text": "The ferry to Kasara sailed on Saturday."}' |
        ask --request POST "$at/documents" --header "Authorization: Bearer $DATELINE_KEY" \
            --header 'Content-Type: application/json' --data-binary @-
    ask --request DELETE "$at/documents/example-1" --header "Authorization: Bearer $DATELINE_KEY"
fi
