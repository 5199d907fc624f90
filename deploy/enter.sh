#!/bin/sh
# Settings that are files come as variables (FILE_KEYS and so on), and the database's address in parts, as a store of
# secrets keeps them. They become what the server reads; then it takes this process over, and the variables are gone.
set -eu
umask 077
folder=${RUN_FOLDER:-/run/amparo}

file() { # NAME SETTING: the variable's text as a file, and the setting that names it
  eval "text=\${FILE_$1:-}"
  if [ -n "$text" ]; then
    printf '%s' "$text" > "$folder/$1.json"
    export "$2=$folder/$1.json"
  fi
  unset "FILE_$1"
}
file KEYS AMPARO_KEYS
file SURFACES AMPARO_SURFACES
file GROUPS AMPARO_AGENTS_GROUPS
file POLICY AMPARO_POLICY
file REASONS AMPARO_REASONS

if [ -n "${DATABASE_HOST:-}" ]; then
  export DATABASE_URL="postgres://$DATABASE_USER:$DATABASE_PASSWORD@$DATABASE_HOST:${DATABASE_PORT:-5432}/${DATABASE_NAME:-amparo}?sslmode=verify-full"
  unset DATABASE_USER DATABASE_PASSWORD DATABASE_HOST DATABASE_PORT DATABASE_NAME
fi
exec "$@"
