/**
 * How many names of one text or URL are looked at. Clients choose the names, and each has to be compared with the sensitive
 * keys. What follows the last of them is hidden as a whole. Parsers of queries have similar limits: 1000 in `qs` and PHP.
 */
export const MAX_NAMES = 500
