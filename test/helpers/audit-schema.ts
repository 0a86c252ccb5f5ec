import { Ajv2020 } from 'ajv/dist/2020.js'
import { readJson } from './read-file.js'

const ajv = new Ajv2020({ strict: true, allErrors: true })
const validateAudit = ajv.compile(readJson<object>('schema.json'))

/** The violations of schema.json by a line of the default format. */
export function findAuditViolations(line: unknown): string[] {
  if (validateAudit(line)) return []
  return (validateAudit.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

const { $defs } = readJson<{ $defs: Record<string, { properties: Record<string, object> }> }>('schema.json')
const user = $defs.UserRecord?.properties ?? {}
const record = $defs.AuditRecord?.properties ?? {}

/** django-audit-log has no schema. This one has the seven keys of its documentation, with the types of schema.json. */
const validateDatapunt = ajv.compile({
  $defs,
  ...closed({
    audit: closed({
      http_request: record.http_request,
      http_response: record.http_response,
      user: {
        anyOf: [
          closed({
            authenticated: user.authenticated,
            email: user.email,
            roles: user.roles,
            ip: user.ip,
            provider: closed({ name: user.provider, realm: user.realm }),
          }),
          { type: 'null' },
        ],
      },
      filter: record.filter,
      results: record.results,
      type: record.type,
      message: record.message,
    }),
  }),
})

export function findDatapuntViolations(line: unknown): string[] {
  if (validateDatapunt(line)) return []
  return (validateDatapunt.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

function closed(properties: Record<string, object | undefined>): object {
  return { type: 'object', additionalProperties: false, required: Object.keys(properties), properties }
}
