const { seal } = require('http-audit-log/seal')
const { verify } = require('http-audit-log/verify')

// The error of a key that cannot be read is the one of the main entry point.
const { AuditLogError } = require('http-audit-log')
try {
  seal({ key: 'no key' })
} catch (error) {
  console.log(error instanceof AuditLogError, error.code, typeof verify)
}
