#!/bin/sh
# Installs the lifecycle policy and the index templates in Elasticsearch. Running it again updates them.
#   ELASTICSEARCH_URL=https://... ELASTICSEARCH_USER=... ELASTICSEARCH_PASSWORD=... sh install.sh
#
# Requests from:
#   https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-ilm-put-lifecycle
#   https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-indices-put-index-template
set -eu
cd "$(dirname "$0")"

# Passed to curl on its standard input, because command-line arguments are visible to other processes.
credentials() {
  printf '%s:%s\n' "$ELASTICSEARCH_USER" "$ELASTICSEARCH_PASSWORD" | sed 's/["\\]/\\&/g; s/.*/user = "&"/'
}

put() {
  credentials |
    curl --fail-with-body --silent --show-error --config - --request PUT "$ELASTICSEARCH_URL/$1" \
      --header 'Content-Type: application/json' --data-binary "@$2"
  echo
}

put _ilm/policy/http-audit-log lifecycle-policy.json
put _index_template/http-audit-log index-template-audit.json
put _index_template/http-audit-log-datapunt index-template-datapunt.json
put _index_template/http-audit-log-ecs index-template-ecs.json
