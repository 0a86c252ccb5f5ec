/**
 * The custom fields of your application, which {@link AuditLogger.set} sets. Declare them by extending this interface; without a
 * declaration any name and value is accepted.
 *
 * @example
 * declare module 'http-audit-log' {
 *   interface AuditAttributes { case_number: string }
 * }
 */
// biome-ignore lint/suspicious/noEmptyInterface: applications extend it
export interface AuditAttributes {}

/** Any name, unless the application has declared its own. */
export type AttributeName = keyof AuditAttributes extends never ? string : keyof AuditAttributes & string
export type AttributeValue<Name extends string> = Name extends keyof AuditAttributes
  ? AuditAttributes[Name]
  : unknown
