// How much is recorded, by rules of which the first that matches counts, as Kubernetes has it.
import { AuditLogError } from './errors.js'
import type { RecordDraft } from './record.js'

/** `none`: no record. `metadata`: without filter, results and response headers. `full`: all of it. */
export type PolicyLevel = 'none' | 'metadata' | 'full'

/** A rule matches where all that it names matches. */
export interface PolicyRule {
  readonly level: PolicyLevel
  /** @example ['GET', 'HEAD'] */
  readonly methods?: readonly string[] | undefined
  /**
   * Paths, as those of `exempt`: one and all below it, or a pattern.
   * @example ['/public', /\.css$/]
   */
  readonly paths?: readonly (string | RegExp)[] | undefined
  /**
   * The route by its pattern, where the framework knows it.
   * @example ['/persons/:id']
   */
  readonly routes?: readonly string[] | undefined
  /**
   * The status that left: one, or a class.
   * @example [304, '2xx']
   */
  readonly statuses?: readonly (number | `${1 | 2 | 3 | 4 | 5}xx`)[] | undefined
}
