import { markdownTable, withSpread } from './markdown-table.js'

const TITLES = { express: 'Express', koa: 'Koa' }

/** Markdown, a table for each framework. */
export function tableOf({ command, node, processor, at, versions, results }) {
  const destinations = [...new Set(results.map(({ destination }) => destination))]
  const tables = [...new Set(results.map(({ framework }) => framework))].map((framework) => {
    const ofFramework = results.filter((result) => result.framework === framework)
    const { bareMicros } = ofFramework.find(({ name }) => name === 'bare') ?? ofFramework[0]
    const names = [...new Set(ofFramework.map(({ name }) => name))]
    const head = `${TITLES[framework]} ${versions[framework]} (bare: ${bareMicros.median.toFixed(0)} µs of CPU a request)`
    const rows = names.map((name) => {
      const row = { [head]: name === 'bare' ? 'bare against itself' : name }
      for (const to of destinations) {
        const found = ofFramework.find((one) => one.name === name && one.destination === to)
        row[`${to}: by CPU`] = found ? withSpread(found.cpuRatio) : ''
        row[`${to}: by requests`] = found ? withSpread(found.ratio) : ''
        row[`${to}: added`] = found ? `${found.addedMicros.median.toFixed(0)} µs` : ''
      }
      return row
    })
    return markdownTable(rows)
  })
  return `${tables.join('\n\n')}

By CPU: what a request costs the bare app, divided by what it costs with the logger, so 1.00 is free and 0.50 is half of
the throughput. By requests: answered in a second, to those of the bare app. Added: CPU for each request. All in the same
run, slice by slice in turns; median (quartiles). \`audited()\` is compared with a bare app that answers the same 1 KB.
Peers: ${peersOf(versions)}. \`${command}\`, Node ${node}, ${processor}, ${at.slice(0, 10)}.
`
}

function peersOf(versions) {
  return Object.entries(versions)
    .filter(([name]) => !TITLES[name])
    .map(([name, version]) => `${name} ${version}`)
    .join(', ')
}

const ROW = 22
const LABEL = 260
const WIDTH = 760

/** Bars of what is left of the throughput of the bare app, by CPU, of the first destination. */
export function plotOf({ results }) {
  const [{ destination }] = results
  const shown = results.filter((result) => result.destination === destination)
  // What we do to Express besides makes it quicker than bare.
  const widest = Math.max(1, ...shown.map(({ cpuRatio }) => cpuRatio.high))
  const at = (ratio) => Number(((ratio / widest) * (WIDTH - LABEL - 90)).toFixed(1))
  let y = 24
  const parts = [
    `<text x="10" y="16">What is left of the bare app's throughput, by CPU (1.00 is free), and CPU added for a request. Green: ours. Blue: others.</text>`,
  ]
  for (const framework of new Set(shown.map((result) => result.framework))) {
    y += 20
    parts.push(`<text x="10" y="${y}" class="title">${TITLES[framework]}, stdout to a ${destination}</text>`)
    y += 8
    for (const { name, isOurs, cpuRatio, addedMicros } of shown.filter(
      (one) => one.framework === framework,
    )) {
      const { median, low, high } = cpuRatio
      const kind = name === 'bare' ? 'bare' : isOurs ? 'ours' : 'peer'
      const middle = y + ROW / 2
      parts.push(
        `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${escapeXml(name)}</text>`,
        `<rect x="${LABEL}" y="${y + 3}" width="${at(median)}" height="${ROW - 6}" class="${kind}"/>`,
        `<path d="M${LABEL + at(low)} ${middle}H${LABEL + at(high)}" class="spread"/>`,
        `<text x="${LABEL + at(Math.max(median, high)) + 6}" y="${middle + 4}">${median.toFixed(2)}, ${addedMicros.median.toFixed(0)} µs</text>`,
      )
      y += ROW
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 12}" font-family="sans-serif" font-size="12">
<title>What is left of the throughput of the bare app, by the CPU that a request costs</title>
<style>.title{font-weight:bold}.bare{fill:#bbb}.ours{fill:#2a7}.peer{fill:#69c}.spread{stroke:#222;stroke-width:1.5}.free{stroke:#222;stroke-dasharray:2 3}</style>
<rect width="100%" height="100%" fill="#fff"/>
${parts.join('\n')}
<path d="M${LABEL + at(1)} 28V${y + 6}" class="free"/>
</svg>
`
}

function escapeXml(text) {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
}
