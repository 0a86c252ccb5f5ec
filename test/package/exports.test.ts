// A change here is a change of the public API, which belongs in CHANGELOG.md.
import { resolve } from 'node:path'
import { beforeAll, describe, expect, test } from '@jest/globals'
import * as forExpress from 'http-audit-log'
import * as forExpressByName from 'http-audit-log/express'
import * as forKoa from 'http-audit-log/koa'
import * as forSeal from 'http-audit-log/seal'
import * as forVerify from 'http-audit-log/verify'
import ts from 'typescript'

describe('what JavaScript can import', () => {
  test('from http-audit-log', () => {
    expect(Object.keys(forExpress).sort()).toMatchInlineSnapshot(`
[
  "AuditLogError",
  "AuditLogger",
  "auditErrors",
  "auditLog",
  "audited",
  "currentAudit",
  "file",
  "memory",
  "mergeWorkers",
  "normalizeRecord",
  "pseudonym",
  "stdout",
  "stream",
]
`)
  })

  test('from http-audit-log/koa', () => {
    expect(Object.keys(forKoa).sort()).toMatchInlineSnapshot(`
[
  "AuditLogError",
  "AuditLogger",
  "auditErrors",
  "auditLog",
  "audited",
  "currentAudit",
  "file",
  "memory",
  "mergeWorkers",
  "normalizeRecord",
  "pseudonym",
  "stdout",
  "stream",
]
`)
  })
})

describe('what JavaScript can import of a sealed log', () => {
  test('from http-audit-log/seal', () => {
    expect(Object.keys(forSeal).sort()).toMatchInlineSnapshot(`
[
  "AuditLogError",
  "seal",
]
`)
  })

  test('from http-audit-log/verify', () => {
    expect(Object.keys(forVerify).sort()).toMatchInlineSnapshot(`
[
  "AuditLogError",
  "elasticsearch",
  "findExitCode",
  "prove",
  "verify",
]
`)
  })
})

test('http-audit-log/express is the main entry point by another name', () => {
  expect({ ...forExpressByName }).toEqual({ ...forExpress })
})

describe('what TypeScript can import', () => {
  const files = ['index', 'koa', 'seal', 'verify'].map((name) =>
    resolve(__dirname, '../../src', `${name}.ts`),
  )
  let program: ts.Program

  beforeAll(() => {
    program = ts.createProgram(files, { module: ts.ModuleKind.NodeNext, noLib: true, types: [] })
  }, 60_000)

  test('from http-audit-log', () => {
    expect(namesOf('src/index.ts')).toMatchInlineSnapshot(`
[
  "AttributeName",
  "AttributeValue",
  "AuditAttributes",
  "AuditControls",
  "AuditErrorCode",
  "AuditLevel",
  "AuditLogError",
  "AuditLogger",
  "AuditLoggerOptions",
  "AuditMiddleware",
  "AuditOptions",
  "AuditRecord",
  "AuditStats",
  "AuditTarget",
  "AuditUser",
  "AuditedAction",
  "AuditedOptions",
  "AuditedRequest",
  "ChangeRecord",
  "CheckpointRecord",
  "EarlyStage",
  "Ending",
  "ErrorRecord",
  "Exact",
  "ExactUser",
  "Exemption",
  "FileOptions",
  "FileSink",
  "FilterRecord",
  "Format",
  "HostRecord",
  "HttpRequestDescription",
  "HttpResponseDescription",
  "IntegrityRecord",
  "JsonValue",
  "LossRecord",
  "MemorySink",
  "NoteRecord",
  "OnBehalfOf",
  "OnBehalfOfRecord",
  "Outcome",
  "PolicyLevel",
  "PolicyRule",
  "PseudonymizeOptions",
  "RecordMatch",
  "RedactOptions",
  "RequestRecord",
  "ResponseRecord",
  "RunEvent",
  "Seal",
  "SealRecord",
  "SealStats",
  "ServiceOptions",
  "ServiceRecord",
  "Sink",
  "Stage",
  "StandaloneLoggerOptions",
  "StatusClass",
  "TargetRecord",
  "UserRecord",
  "UserType",
  "auditErrors",
  "auditLog",
  "audited",
  "currentAudit",
  "file",
  "memory",
  "mergeWorkers",
  "normalizeRecord",
  "pseudonym",
  "stdout",
  "stream",
]
`)
  })

  test('from http-audit-log/koa', () => {
    expect(namesOf('src/koa.ts')).toMatchInlineSnapshot(`
[
  "AttributeName",
  "AttributeValue",
  "AuditAttributes",
  "AuditControls",
  "AuditErrorCode",
  "AuditLevel",
  "AuditLogError",
  "AuditLogger",
  "AuditLoggerOptions",
  "AuditOptions",
  "AuditRecord",
  "AuditStats",
  "AuditTarget",
  "AuditUser",
  "AuditedAction",
  "AuditedOptions",
  "ChangeRecord",
  "CheckpointRecord",
  "EarlyStage",
  "Ending",
  "ErrorRecord",
  "Exact",
  "ExactUser",
  "Exemption",
  "FileOptions",
  "FileSink",
  "FilterRecord",
  "Format",
  "HostRecord",
  "HttpRequestDescription",
  "HttpResponseDescription",
  "IntegrityRecord",
  "JsonValue",
  "KoaAuditMiddleware",
  "KoaAuditedContext",
  "KoaContext",
  "LossRecord",
  "MemorySink",
  "NoteRecord",
  "OnBehalfOf",
  "OnBehalfOfRecord",
  "Outcome",
  "PolicyLevel",
  "PolicyRule",
  "PseudonymizeOptions",
  "RecordMatch",
  "RedactOptions",
  "RequestRecord",
  "ResponseRecord",
  "RunEvent",
  "Seal",
  "SealRecord",
  "SealStats",
  "ServiceOptions",
  "ServiceRecord",
  "Sink",
  "Stage",
  "StandaloneLoggerOptions",
  "StatusClass",
  "TargetRecord",
  "UserRecord",
  "UserType",
  "auditErrors",
  "auditLog",
  "audited",
  "currentAudit",
  "file",
  "memory",
  "mergeWorkers",
  "normalizeRecord",
  "pseudonym",
  "stdout",
  "stream",
]
`)
  })

  test('from http-audit-log/seal', () => {
    expect(namesOf('src/seal.ts')).toMatchInlineSnapshot(`
[
  "AuditErrorCode",
  "AuditLogError",
  "Seal",
  "SealOptions",
  "SealStats",
  "seal",
]
`)
  })

  test('from http-audit-log/verify', () => {
    expect(namesOf('src/verify.ts')).toMatchInlineSnapshot(`
[
  "AuditErrorCode",
  "AuditLogError",
  "DocumentSource",
  "ElasticsearchOptions",
  "Finding",
  "IndexRange",
  "JsonObject",
  "JsonValue",
  "MissingRange",
  "ModifiedRange",
  "ProveOptions",
  "ProveResult",
  "RunResult",
  "Verdict",
  "Verification",
  "VerifyInput",
  "VerifyOptions",
  "VerifyResult",
  "elasticsearch",
  "findExitCode",
  "prove",
  "verify",
]
`)
  })

  function namesOf(name: string): string[] {
    const checker = program.getTypeChecker()
    const source = program.getSourceFile(resolve(__dirname, '../..', name))
    const module = source && checker.getSymbolAtLocation(source)
    const symbols = module ? checker.getExportsOfModule(module) : []
    return symbols.map((symbol) => symbol.name).sort()
  }
})
