#!/usr/bin/env bash
# Starts an Elasticsearch server from the jars on Maven Central and runs test/deploy/real-elasticsearch.ts against it.
# With arguments it runs that command instead, with ELASTICSEARCH_URL and ELASTICSEARCH_VERSION in its environment.
# Requires JDK 17 or newer, and Maven. Writes only to a temporary folder and to Maven's cache.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
repository=$(cd "$here/../.." && pwd)
work=$(mktemp -d)

server=
finish() {
  if [ -n "$server" ]; then
    exec 3>&-
    wait "$server" || true
  fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

mvn -q -B -f "$here/pom.xml" dependency:copy-dependencies -DoutputDirectory="$work/lib"

# Elasticsearch loads its HTTP server as a module from a separate folder.
module="$work/home/modules/transport-netty4"
mkdir -p "$module" "$work/home/config" "$work/home/plugins" "$work/home/logs"
mv "$work"/lib/netty-*.jar "$work"/lib/transport-netty4-*.jar "$module"
version=$(basename "$work"/lib/elasticsearch-[0-9]*.jar .jar)
version=${version#elasticsearch-}
cat >"$module/plugin-descriptor.properties" <<EOF
name=transport-netty4
description=HTTP
version=$version
elasticsearch.version=$version
java.version=17
classname=org.elasticsearch.transport.netty4.Netty4Plugin
extended.plugins=
has.native.controller=false
EOF

javac -cp "$work/lib/*" -d "$work/classes" "$here/Server.java"
mkfifo "$work/stdin"
java -Xmx1g -cp "$work/classes:$work/lib/*" Server "$work/home" <"$work/stdin" >"$work/log" 2>&1 &
server=$!
exec 3>"$work/stdin"
for _ in $(seq 120); do
  if [ -f "$work/home/logs/http.ports" ]; then break; fi
  if ! kill -0 "$server" 2>/dev/null; then
    cat "$work/log"
    exit 1
  fi
  sleep 0.5
done

echo "Elasticsearch $version"
cd "$repository"
export ELASTICSEARCH_VERSION="$version"
ELASTICSEARCH_URL="http://$(head -1 "$work/home/logs/http.ports")"
export ELASTICSEARCH_URL
if [ "$#" -eq 0 ]; then set -- npx jest -w 1 --testMatch '<rootDir>/test/deploy/real-elasticsearch.ts'; fi
"$@"
