/** Of a sorted list, with what lies between two of its items. */
export function quantile(inOrder, share) {
  const place = (inOrder.length - 1) * share
  const below = inOrder[Math.floor(place)]
  return below + (inOrder[Math.ceil(place)] - below) * (place - Math.floor(place))
}

export function sorted(values) {
  return [...values].sort((one, other) => one - other)
}

/** The median, and the quartiles as its spread. */
export function summarize(values) {
  const inOrder = sorted(values)
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) => Number(quantile(inOrder, share).toFixed(3)))
  return { median, low, high }
}
