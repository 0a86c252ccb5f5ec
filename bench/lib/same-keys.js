/** Throws unless both records have the same keys in the same order, at every depth. */
export function assertSameKeys(record, other, label) {
  const [expected, actual] = [listKeys(record), listKeys(other)]
  if (expected !== actual)
    throw new Error(
      `${label}: bench/lib/straight-line.js must write the keys of the default record.\nExpected ${expected}\n     got ${actual}`,
    )
}

function listKeys(value) {
  if (typeof value !== 'object' || value === null) return ''
  return `{${Object.keys(value)
    .map((key) => `${key}${listKeys(value[key])}`)
    .join(' ')}}`
}
