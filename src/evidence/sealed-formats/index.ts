import { SEALED_AUDIT } from './audit.js'
import { SEALED_ECS } from './ecs.js'
import { SEALED_OCSF } from './ocsf.js'
import type { SealedFormat } from './sealed-format.js'

/** The formats that have a place for the seal, by the name in the option `format`. `datapunt` has none. */
export const SEALED_FORMATS = { audit: SEALED_AUDIT, ecs: SEALED_ECS, ocsf: SEALED_OCSF } satisfies Record<
  string,
  SealedFormat
>

export type SealedFormatName = keyof typeof SEALED_FORMATS
