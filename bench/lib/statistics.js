/** Interpolates between two items of the sorted list where the quantile lies between them. */
export function quantile(sortedValues, share) {
  const position = (sortedValues.length - 1) * share
  const below = sortedValues[Math.floor(position)]
  return below + (sortedValues[Math.ceil(position)] - below) * (position - Math.floor(position))
}

export function sort(values) {
  return [...values].sort((one, other) => one - other)
}

/** The median, and the quartiles as its spread. */
export function summarize(values) {
  const sortedValues = sort(values)
  const [low, median, high] = [0.25, 0.5, 0.75].map((share) =>
    Number(quantile(sortedValues, share).toFixed(3)),
  )
  return { median, low, high }
}

export function mean(numbers) {
  return numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}
