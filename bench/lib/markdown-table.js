/** @param {object[]} rows with the same keys, which become the header of the table */
export function markdownTable(rows) {
  const cells = [Object.keys(rows[0]), ...rows.map((row) => Object.values(row).map(String))]
  const widths = cells[0].map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  const lines = cells.map(
    (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`,
  )
  return [lines[0], `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...lines.slice(1)].join(
    '\n',
  )
}

/** @param {{median: number, low: number, high: number}} summary */
export function formatSummary({ median, low, high }, digits = 2) {
  return `${median.toFixed(digits)} (${low.toFixed(digits)}–${high.toFixed(digits)})`
}
