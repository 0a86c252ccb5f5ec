import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { AuditLogger } from '../../src/audit-logger.js'
import type { AuditLoggerOptions } from '../../src/options.js'
import type { IndexTemplate } from '../helpers/elasticsearch-model.js'

export const DEPLOY = resolve(__dirname, '../../deploy')

/** Formats are looked for by name, so that a template may come before its format. */
export const FORMATS_WITH_TEMPLATE = (['audit', 'datapunt', 'ecs'] as const).filter((format) => {
  try {
    return new AuditLogger({ format: format as 'audit' }) !== undefined
  } catch {
    return false
  }
}) as Extract<AuditLoggerOptions['format'], string>[]

export function readTemplate(format: string): IndexTemplate {
  return JSON.parse(readFileSync(resolve(DEPLOY, `elasticsearch/index-template-${format}.json`), 'utf8'))
}
