/** OCSF's value for a required attribute that is not known. */
export const UNKNOWN = 'Unknown'
