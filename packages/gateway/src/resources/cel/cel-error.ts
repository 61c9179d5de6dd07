/** A rule could not be evaluated with this value: a field that is not there, an operand of another type. */
export class CelError extends Error {}
