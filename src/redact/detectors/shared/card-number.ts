// Which numbers are numbers of payment cards, for `payment-cards.ts` and for numbers that are no text.

/** The numbers that a brand issues: their first digits, and how many digits they have. */
interface CardBrand {
  readonly brand: string
  readonly begin: RegExp
  readonly lengths: readonly number[]
}

/**
 * Issuer identification numbers (ISO/IEC 7812-1) of the brands whose lengths are known. A number of 13 digits that begins
 * with 4 is not here: Visa issues none any more, and articles of half of Europe have such a number (EAN-13).
 */
const CARD_BRANDS: readonly CardBrand[] = [
  { brand: 'Visa', begin: /^4/, lengths: [16, 19] },
  { brand: 'Mastercard', begin: /^(?:5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720)/, lengths: [16] },
  { brand: 'American Express', begin: /^3[47]/, lengths: [15] },
  { brand: 'Diners Club', begin: /^3(?:0[0-59]|[689])/, lengths: [14] },
  { brand: 'Discover', begin: /^6(?:011|4[4-9]|5)/, lengths: [16, 19] },
  { brand: 'JCB', begin: /^35(?:2[89]|[3-8])/, lengths: [16] },
  { brand: 'UnionPay', begin: /^62/, lengths: [16, 17, 18, 19] },
  { brand: 'Maestro', begin: /^(?:50(?:18|20|38)|5893|6304|6759|676[1-3])/, lengths: [16, 18, 19] },
  { brand: 'Dankort', begin: /^5019/, lengths: [16] },
  { brand: 'Mir', begin: /^220[0-4]/, lengths: [16] },
  { brand: 'RuPay', begin: /^(?:60|81|82|508)/, lengths: [16] },
]

/** The shortest and the longest number of the brands. */
const MIN_CARD_DIGITS = 14
const MAX_CARD_DIGITS = 19

/** Whether digits are the number of a payment card: one of a brand, with the right check digit. */
export function isCardNumber(digits: string): boolean {
  if (digits.length < MIN_CARD_DIGITS || digits.length > MAX_CARD_DIGITS) return false
  const isIssued = CARD_BRANDS.some(
    ({ begin, lengths }) => lengths.includes(digits.length) && begin.test(digits),
  )
  return isIssued && hasLuhnCheckDigit(digits)
}

/** Card numbers have 14 digits or more. Hot path: most numbers are smaller. */
const MIN_CARD_NUMBER = 1e13

/** Whether a number that is no text is the number of a payment card. */
export function isNumericCardNumber(value: unknown): boolean {
  if (typeof value === 'number') return value >= MIN_CARD_NUMBER && isCardNumber(String(value))
  return typeof value === 'bigint' && isCardNumber(String(value))
}

/** The formula of ISO/IEC 7812-1, annex B. */
function hasLuhnCheckDigit(digits: string): boolean {
  let sum = 0
  for (let index = 0; index < digits.length; index++) {
    const digit = digits.charCodeAt(digits.length - 1 - index) - 48
    const doubled = index % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
