import type { Socket } from "node:net";
import type { Http2Session } from "../harness/http2/session.ts";
import type { MessageReader, WireMessage } from "../harness/message-reader.ts";
import type { UpstreamTlsFacts } from "./tls/upstream-tls.ts";
import type { Answer } from "./upstream-script.ts";

/** What an upstream saw on one connection. */
export interface UpstreamConnection {
  /** The proxy's end, `127.0.0.1:port`. */
  readonly peer: string;
  /** Null over a plain socket. */
  readonly tls: UpstreamTlsFacts | null;
  readonly reader: MessageReader;
  /** When the proxy speaks HTTP/2; the reader gets nothing then. */
  http2: Http2Session | null;
  /** Everything received; kept only for protocols that are not HTTP. */
  received: Buffer[];
  bytesReceived: number;
  bytesSent: number;
  /** What comes is sent back. */
  echoes: boolean;
  /** How the proxy left it, so far. */
  fate: "open" | "closed" | "reset";
}

/** Where a connection gets its answers from, and notes its requests. */
export interface AnswerSource {
  /** What the next request gets. */
  readonly upcoming: () => Answer;
  /** The same, and that it got it. */
  readonly begin: () => Answer;
  /** The connection's request at this place has begun. */
  readonly note: (index: number) => void;
}

/** What an upstream saw on a connection, of whichever protocol. */
export function messagesOf(connection: UpstreamConnection): readonly WireMessage[] {
  return (connection.http2 ?? connection.reader).messages;
}

/** Ends a connection from the upstream's side. */
export function leave(socket: Socket, how: "close" | "reset"): void {
  if (how === "close") socket.end();
  else socket.resetAndDestroy();
}

/** Writes and counts, if there is anybody to write to. */
export function send(socket: Socket, connection: UpstreamConnection, data: Buffer): void {
  if (data.length === 0 || !socket.writable) return;
  connection.bytesSent += data.length;
  socket.write(data);
}

/** Does nothing for so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
