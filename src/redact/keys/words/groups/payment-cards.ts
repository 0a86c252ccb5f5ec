// Payment cards. Bank accounts (IBAN) and numbers of persons are personal data, not secrets: nobody can pay or log in with
// them. `redact.keys`, `redact.paths` and `pseudonymize` are for those.
import type { KeyGroup } from '../key-group.js'

const PCI_DSS = 'https://www.pcisecuritystandards.org/document_library/'

export const PAYMENT_CARD_GROUPS: readonly KeyGroup[] = [
  {
    id: 'card-numbers',
    reason: 'The full number of a payment card may not be stored in the clear (PCI DSS 3.4 and 3.5)',
    sources: [PCI_DSS],
    match: 'ending',
    words: `card-number card-no card-nr card-num credit-card debit-card primary-account-number
      card-pan`,
  },
  {
    id: 'card-codes',
    reason:
      'The verification code and the track data of a payment card may not be stored at all (PCI DSS 3.3)',
    sources: [PCI_DSS],
    match: 'ending',
    words: `cvv cvc security-code card-code card-verification-value
      card-verification-number track1-data track2-data card-track-data mag-stripe magnetic-stripe`,
  },
  {
    id: 'tracks-of-cards',
    reason: 'The track data of a payment card; behind other words it is a track of music or video',
    sources: [PCI_DSS],
    match: 'whole key',
    words: 'track1 track2',
  },
  {
    id: 'short-card-words',
    reason: 'Primary account number, card security code, and abbreviations of card numbers and codes',
    sources: [PCI_DSS],
    match: 'last words',
    words: 'pan csc ccn cvn cc-number cc-num cc-no',
  },
]
