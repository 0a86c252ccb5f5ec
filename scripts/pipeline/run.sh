#!/usr/bin/env bash
# Sends sealed records through a real Filebeat to a real Elasticsearch, and verifies them there (sealed-records.js).
# Requires Go, JDK 17 or newer, and Maven. Writes only to a temporary folder, dist/, and the caches of Go and Maven. Stops what it
# starts. The first run builds Filebeat, which takes minutes.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
for program in go java javac mvn; do
  command -v "$program" >/dev/null || { echo "$program is missing: this check needs Go, a JDK and Maven" >&2; exit 77; }
done
programs=$(mktemp -d)
trap 'rm -rf "$programs"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

(cd "$here/filebeat" && go build -o "$programs/filebeat" github.com/elastic/beats/v7/filebeat)
(cd "$here/../.." && npm run -s build)
FILEBEAT="$programs/filebeat" bash "$here/../elasticsearch/run.sh" node "$here/sealed-records.js" "$@"
