import { formatAudit } from './audit.js'
import { formatDatapunt } from './datapunt.js'
import { formatEcs } from './ecs.js'
import type { Format } from './format.js'
import { formatOcsf } from './ocsf.js'

interface BuiltInFormat {
  readonly format: Format
  /** Whether it has fields for the option `service`. */
  readonly hasService: boolean
  /** Whether it tells the lines of one exchange apart, as the option `stages` requires. */
  readonly hasStage: boolean
  /**
   * Whether records mean what they mean in datapunt-audit-log: the last level method wins, also over `audited()`, because
   * the format has no field for notes.
   */
  readonly followsPython: boolean
  /** The smallest `maxRecordBytes` that leaves room for the fields of the format itself. */
  readonly minRecordBytes: number
}

/** The formats that the option `format` accepts by name. A new format is added here. */
export const BUILT_IN_FORMATS = {
  audit: {
    format: formatAudit,
    hasService: true,
    hasStage: true,
    followsPython: false,
    minRecordBytes: 1024,
  },
  datapunt: {
    format: formatDatapunt,
    hasService: false,
    hasStage: false,
    followsPython: true,
    minRecordBytes: 1024,
  },
  ecs: { format: formatEcs, hasService: true, hasStage: true, followsPython: false, minRecordBytes: 2560 },
  ocsf: { format: formatOcsf, hasService: true, hasStage: true, followsPython: false, minRecordBytes: 2560 },
} as const satisfies Record<string, BuiltInFormat>

export type FormatName = keyof typeof BUILT_IN_FORMATS
