import type { FormatName } from '#src/formats/built-in-formats.js'
import { complaintsAboutAudit, complaintsAboutDatapunt } from '../helpers/audit-schema.js'
import { complaintsAboutEcs } from '../helpers/ecs-schema.js'
import { complaintsAboutOcsf } from '../helpers/ocsf-schema.js'

export type Line = Record<string, unknown>

/** Validates a line of each format. The type requires an entry for every built-in format. */
export const schemaViolations: Readonly<Record<FormatName, (line: Line) => string[]>> = {
  audit: complaintsAboutAudit,
  datapunt: complaintsAboutDatapunt,
  ecs: complaintsAboutEcs,
  ocsf: complaintsAboutOcsf,
}

export const FORMAT_NAMES = Object.keys(schemaViolations) as FormatName[]
