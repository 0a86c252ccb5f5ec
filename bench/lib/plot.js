// Renders the results of run.js as an SVG bar chart.
import { CANDIDATES } from '../candidates.js'
import { nodesOf, TITLES } from './report.js'

const ROW = 22
const LABEL = 260
const WIDTH = 760

/** The throughput relative to the bare app, for each Node version that is shown first and the first destination. */
export function renderPlot(run) {
  const shown = run.results.filter(({ destination }) => destination === run.results[0].destination)
  const widest = Math.max(1, ...shown.map(({ ratio }) => ratio.high))
  const toWidth = (ratio) => Number(((ratio / widest) * (WIDTH - LABEL - 90)).toFixed(1))
  let y = 24
  const parts = [
    '<text x="10" y="16">Requests per second relative to the bare app (1.00 = no cost), and CPU added per request. Green: this package.</text>',
  ]
  for (const node of nodesOf(run).slice(0, 2)) {
    for (const framework of Object.keys(TITLES)) {
      const bars = shown.filter((one) => one.node === node && one.framework === framework)
      if (bars.length === 0) continue
      y += 20
      const title = `${TITLES[framework]}, Node ${node}, stdout to a ${shown[0].destination}`
      parts.push(`<text x="10" y="${y}" class="title">${title}</text>`)
      y += 8
      for (const result of bars) {
        parts.push(...renderBar(result, y, toWidth))
        y += ROW
      }
    }
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + 12}" font-family="sans-serif" font-size="12">
<title>Requests per second relative to the bare app</title>
<style>.title{font-weight:bold}.bare{fill:#bbb}.ours{fill:#2a7}.peer{fill:#69c}.spread{stroke:#222;stroke-width:1.5}.free{stroke:#222;stroke-dasharray:2 3}</style>
<rect width="100%" height="100%" fill="#fff"/>
${parts.join('\n')}
<path d="M${LABEL + toWidth(1)} 28V${y + 6}" class="free"/>
</svg>
`
}

function renderBar({ name, ratio, addedMicros }, y, toWidth) {
  const { median, low, high } = ratio
  const kind = name === 'bare' ? 'bare' : CANDIDATES[name]?.isOurs ? 'ours' : 'peer'
  const middle = y + ROW / 2
  return [
    `<text x="${LABEL - 8}" y="${middle + 4}" text-anchor="end">${escapeXml(name)}</text>`,
    `<rect x="${LABEL}" y="${y + 3}" width="${toWidth(median)}" height="${ROW - 6}" class="${kind}"/>`,
    `<path d="M${LABEL + toWidth(low)} ${middle}H${LABEL + toWidth(high)}" class="spread"/>`,
    `<text x="${LABEL + toWidth(Math.max(median, high)) + 6}" y="${middle + 4}">${median.toFixed(2)}, ${addedMicros.median.toFixed(0)} µs</text>`,
  ]
}

function escapeXml(text) {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`)
}
