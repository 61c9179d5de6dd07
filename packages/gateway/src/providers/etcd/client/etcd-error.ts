import { Code, ConnectError } from "@connectrpc/connect";

/** Whether etcd, or the way there, is what an error is about. */
export function isEtcdError(error: unknown): boolean {
  return error instanceof ConnectError;
}

/** One line for an error: `Unavailable: connect ECONNREFUSED 127.0.0.1:2379`. */
export function etcdErrorText(error: unknown): string {
  if (error instanceof ConnectError) return `${Code[error.code]}: ${error.rawMessage}`;
  return error instanceof Error ? error.message : String(error);
}
