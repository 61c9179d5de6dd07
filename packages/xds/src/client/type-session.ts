/**
 * What one protocol says of one type, on one stream after the other: it answers responses, and has the next request
 * ready. It neither sends nor waits.
 */
export interface TypeSession<Request, Response> {
  /** A new stream: what was said on the last one is forgotten, what was accepted is not. */
  streamOpened(): void;
  /** What is wanted changed. */
  interestChanged(): void;
  receive(response: Response): void;
  /** There may be something to say. */
  readonly hasNews: boolean;
  /** The next request; null when there is nothing to say after all. */
  takeRequest(): Request | null;
}
