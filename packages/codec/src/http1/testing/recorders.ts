import type { ByteSink, CodecError } from "../../callbacks.ts";
import type { HeaderMap } from "../../header-map.ts";
import type { ClientCallbacks } from "../client-codec.ts";

/** Keeps what an encoder writes. */
export class RecordingSink implements ByteSink {
  readonly #pieces: Buffer[] = [];

  writeLatin1(text: string): void {
    this.#pieces.push(Buffer.from(text, "latin1"));
  }

  writeBytes(data: Buffer): void {
    this.#pieces.push(Buffer.from(data));
  }

  /** All bytes so far. */
  get bytes(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** All bytes so far as Latin-1 text. */
  get text(): string {
    return this.bytes.toString("latin1");
  }
}

/** One message as a recorder saw it. */
export interface RecordedMessage {
  readonly headers: HeaderMap;
  readonly body: string;
  readonly trailers: readonly string[] | null;
  readonly ended: boolean;
}

/** Keeps what a codec tells, copying what it only borrows. Serves both sides. */
export class RecordingCallbacks implements ClientCallbacks {
  readonly messages: {
    headers: HeaderMap;
    body: string;
    trailers: readonly string[] | null;
    ended: boolean;
  }[] = [];
  readonly interim: HeaderMap[] = [];
  readonly errors: CodecError[] = [];
  /** Called when a message has ended. */
  onEnd: () => void = () => {};

  onHeaders(headers: HeaderMap, endStream: boolean): void {
    this.messages.push({ headers, body: "", trailers: null, ended: endStream });
    if (endStream) this.onEnd();
  }

  on1xxHeaders(headers: HeaderMap): void {
    this.interim.push(headers);
  }

  onData(data: Buffer, endStream: boolean): void {
    const message = this.#last("data");
    message.body += data.toString("latin1");
    message.ended = endStream;
    if (endStream) this.onEnd();
  }

  onTrailers(trailers: HeaderMap): void {
    const message = this.#last("trailers");
    message.trailers = [...trailers.entries];
    message.ended = true;
    this.onEnd();
  }

  onCodecError(error: CodecError): void {
    this.errors.push(error);
  }

  /** The code of the first error; empty when there was none. */
  get error(): string {
    return this.errors[0]?.code ?? "";
  }

  #last(what: string): RecordingCallbacks["messages"][number] {
    const message = this.messages.at(-1);
    if (message === undefined || message.ended) throw new Error(`${what} outside a message`);
    return message;
  }
}

/** A message as plain data, for comparing. */
export function plain(message: RecordedMessage): unknown {
  const { method, scheme, authority, path, status, entries } = message.headers;
  const headers = { method, scheme, authority, path, status, entries: [...entries] };
  return { headers, body: message.body, trailers: message.trailers, ended: message.ended };
}
