import type { FormatName } from '#src/formats/built-in-formats.js'
import { findAuditViolations, findDatapuntViolations } from '../helpers/audit-schema.js'
import { findEcsViolations } from '../helpers/ecs-schema.js'
import { findOcsfViolations } from '../helpers/ocsf-schema.js'

export type Line = Record<string, unknown>

/** Validates a line of each format. The type requires an entry for every built-in format. */
export const schemaViolations: Readonly<Record<FormatName, (line: Line) => string[]>> = {
  audit: findAuditViolations,
  datapunt: findDatapuntViolations,
  ecs: findEcsViolations,
  ocsf: findOcsfViolations,
}

export const FORMAT_NAMES = Object.keys(schemaViolations) as FormatName[]
