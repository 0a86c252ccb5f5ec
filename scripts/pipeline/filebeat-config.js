// The configuration of Filebeat for sealed-records.js, made of deploy/filebeat.yml.
import { parse, stringify } from 'yaml'

/**
 * Replaces the output: Elasticsearch instead of Logstash, as the last comment of deploy/filebeat.yml describes.
 *
 * @param source the content of deploy/filebeat.yml
 * @param index the data stream
 */
export function sendToElasticsearch(source, index) {
  const [active, comment] = source.split(/^# To send directly to Elasticsearch/m)
  const { 'output.logstash': _, ...config } = parse(active)
  const direct = parse(uncomment(comment.slice(comment.indexOf('\n# processors'))))
  // This server has no users.
  const { api_key: _key, ...output } = direct['output.elasticsearch']
  return stringify({
    ...config,
    ...direct,
    processors: [...config.processors, ...direct.processors],
    'output.elasticsearch': { ...output, index },
  })
}

function uncomment(text) {
  return text.replace(/^# ?/gm, '').replace(/^processors \(.*\):$/m, 'processors:')
}
