/** Of a sorted list, with what lies between two of its items. */
function quantile(sorted, share) {
  const place = (sorted.length - 1) * share
  const below = sorted[Math.floor(place)]
  return below + (sorted[Math.ceil(place)] - below) * (place - Math.floor(place))
}

/** The median, and the quartiles as its spread. */
export function summarize(values) {
  const sorted = [...values].sort((one, other) => one - other)
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) => Number(quantile(sorted, share).toFixed(3)))
  return { median, low, high }
}
