import type { Format } from './format.js'

/** The default format: the record under the key `audit`, by which Logstash recognizes audit lines. */
export const formatAudit: Format = (record) => ({ audit: record })
