// Test numbers that the brands and payment services publish, and numbers that resemble them.

export const CARD_NUMBERS: readonly (readonly [brand: string, digits: string])[] = [
  ['Visa', '4111111111111111'],
  ['Visa', '4000056655665556'],
  ['Visa of 19 digits', '4917610000000000003'],
  ['Mastercard', '5555555555554444'],
  ['Mastercard, series 2', '2223003122003222'],
  ['American Express', '378282246310005'],
  ['Diners Club', '30569309025904'],
  ['Diners Club', '36148900647913'],
  ['Discover', '6011111111111117'],
  ['JCB', '3530111333300000'],
  ['UnionPay', '6212345678901232'],
  ['Maestro', '6759649826438453'],
  ['Dankort', '5019717010103742'],
  ['RuPay', '6062826786276634'],
]

/** A number in groups, as it is printed on the card. */
export function inGroups(digits: string, separator: string): string {
  const starts = digits.length < 16 ? [0, 4, 10] : [0, 4, 8, 12, 16]
  const groups = starts.map((start, index) => digits.slice(start, starts[index + 1]))
  return groups.filter((group) => group !== '').join(separator)
}

export const CARD_LOOK_ALIKES: readonly string[] = [
  ...['4111111111111112', '4111 1111 1111 1112', '378282246310006'], // wrong check digit
  ...['41111111111111111111', '1234111111111111111', 'a4111111111111111', '4111111111111111b'], // in a longer word
  ...['0.4111111111111111', '52.4111111111111111', '4111111111111111.25'], // fractions
  ...[
    '1764300000000',
    '1764300000000000',
    '1764300000000000000',
    '20261128093000',
    '2026-11-28 09:30:00.123',
  ], // times
  ...['490154203237518', '356938035643809', '89310410106543789301'], // IMEI, ICCID
  ...['4006381333931', '4222222222222', '9783161484100'], // EAN and ISBN
  ...['123456782', '0612345678', '+31 6 1234 5678', '0031 20 624 1111'], // BSN, phone numbers
  ...[
    'NL91 ABNA 0417 1643 00',
    'DE89 3704 0044 0532 0130 00',
    'DE02 4405 0199 0532 0130 02',
    'DE02440501990532013002',
  ],
  ...['FR76 3000 6000 0112 3456 7890 189', 'BE71 0961 2345 6769', 'DE02 4111 1111 1111 1111 11'],
  ...['f47ac10b-58cc-4372-a567-411111111111', '4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7'],
  ...['871685900012345678', '1876543210987654321', '6937486342311841030', '100004086101234'], // EAN of a meter, ids
  ...['4111 1111 1111', '1111 2222 3333 4444', '4.111.111.111.111.111'],
]
