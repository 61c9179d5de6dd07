/**
 * How an exchange came to its end: with its response, with one that gRPC's status calls a failure, by a reset of the control
 * plane or of ours, or with its connection.
 */
export type ExchangeEnd =
  | "complete"
  | "grpc_error"
  | "remote_reset"
  | "local_reset"
  | "connection_closed";

/** Told of one connection to a control plane and of the exchanges on it; whoever counts them. */
export interface ConnectionObserver {
  /** A request is on its way; `onEnd` follows. */
  onRequest(): void;
  onResponse(status: number): void;
  onEnd(how: ExchangeEnd): void;
  /** A ping was not answered in time; the connection is given up. */
  onKeepaliveTimeout(): void;
  /** This side closes the connection, which was open. */
  onClosing(): void;
}
