/** What a transport tells of a stream. Nothing follows `onClose`, and nothing comes from within `connect`. */
export interface StreamEvents<Response> {
  /** Requests may be sent. */
  onOpen(): void;
  onMessage(response: Response): void;
  /** The stream ended, or could not be opened; `isFailure` is false when the server ended it in good order (gRPC's status OK). */
  onClose(reason: string, isFailure?: boolean): void;
}

/** A stream that was asked for. */
export interface StreamConnection<Request> {
  /** Only between `onOpen` and `onClose`. */
  send(request: Request): void;
  /** Ends the stream; no event follows. */
  close(): void;
}

/** Opens streams to one control plane. */
export interface StreamTransport<Request, Response> {
  connect(events: StreamEvents<Response>): StreamConnection<Request>;
}
