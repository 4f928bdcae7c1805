#!/bin/sh
# Make what deploy/compose.yaml and compose.cluster.yaml hand to the containers as secrets; nothing that is
# there is changed. Usage: sh deploy/secrets.sh dateline.example
#
# The folder is its owner's alone. The files in it may be read by all, since the containers' users are others
# than you and compose mounts a file with the rights that it has.
set -eu
site=${1:?name the site: sh deploy/secrets.sh dateline.example}
folder=$(dirname "$0")/secrets
mkdir -p "$folder"
chmod 0700 "$folder"

make() {  # NAME: what is read becomes the secret, unless there is one
    if [ -s "$folder/$1" ]; then
        cat >/dev/null
        echo "kept  $folder/$1"
    else
        cat >"$folder/$1"
        chmod 0444 "$folder/$1"
        echo "made  $folder/$1"
    fi
}

openssl rand -hex 32 | make api_key
openssl rand -hex 32 | make postgres_password
echo "postgresql+psycopg://dateline:$(cat "$folder/postgres_password")@db/dateline" | make archive_url
if [ ! -s "$folder/certificate.pem" ]; then
    # Until there is one that browsers trust: RUNBOOK.md, "The certificate".
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 90 -subj "/CN=$site" \
        -addext "subjectAltName=DNS:$site" -keyout "$folder/.key" -out "$folder/.pem" 2>/dev/null
    make certificate.pem <"$folder/.pem"
    make certificate.key <"$folder/.key"
    rm -f "$folder/.key" "$folder/.pem"
fi
