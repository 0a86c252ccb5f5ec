import type { Format } from './format.js'

/** The default format: the record as it is, in the envelope by which Logstash knows audit lines from others. */
export const formatAudit: Format = (record) => ({ audit: record })
