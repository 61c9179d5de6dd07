/** A request that cannot be explained: a URL that is none, a listener that is not there. One line for the user. */
export class ExplainError extends Error {
  override readonly name = "ExplainError";
}
