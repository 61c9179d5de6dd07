/** How a message's body was delimited. */
export type Framing = "none" | "content-length" | "chunked" | "until-close" | "frames";

/** One HTTP/1 message as it was on the wire. */
export interface WireMessage {
  /** The head with its CRLFs and the empty line, Latin-1. */
  readonly head: string;
  readonly startLine: string;
  /** Names as spelt, in order. */
  readonly headers: readonly (readonly [string, string])[];
  framing: Framing;
  /** Without chunk framing. */
  body: Buffer;
  trailers: (readonly [string, string])[];
  complete: boolean;
}

type State =
  | "head"
  | "fixed"
  | "chunk-size"
  | "chunk-data"
  | "chunk-end"
  | "trailers"
  | "until-close"
  | "opaque";

/**
 * Cuts a byte stream into HTTP/1 messages. It only watches: it never judges, and what it cannot read stays in
 * `rest`. Not for a proxy's data path.
 */
export class MessageReader {
  /** All messages so far; the last one may be incomplete. */
  readonly messages: WireMessage[] = [];
  /** Bytes that belong to no message (yet). */
  rest: Buffer = Buffer.alloc(0);
  readonly #kind: "request" | "response";
  readonly #methods: string[];
  #state: State = "head";
  #current: WireMessage | null = null;
  #missing = 0;
  #parts: Buffer[] = [];

  /** `methods` of the requests that the responses answer, in order; the caller may append to it. */
  constructor(kind: "request" | "response", methods: string[] = []) {
    this.#kind = kind;
    this.#methods = methods;
  }

  push(data: Buffer): void {
    this.rest = this.rest.length === 0 ? Buffer.from(data) : Buffer.concat([this.rest, data]);
    while (this.#step());
  }

  /** The stream ended: completes a body that runs until then. */
  end(): void {
    if (this.#state === "until-close") this.#finish();
    else this.collect();
  }

  /** Puts what came so far into the body of an unfinished message. */
  collect(): void {
    if (this.#current !== null) this.#current.body = Buffer.concat(this.#parts);
  }

  /** Complete messages that are no 1xx. */
  get finalCount(): number {
    let count = 0;
    for (const message of this.messages) {
      if (message.complete && !isInterim(message.startLine)) count += 1;
    }
    return count;
  }

  /** Takes one step; false when more bytes are needed. */
  #step(): boolean {
    switch (this.#state) {
      case "head":
        return this.#readHead();
      case "fixed":
      case "chunk-data":
        return this.#readCounted();
      case "chunk-size":
        return this.#readChunkSize();
      case "chunk-end":
        return this.#readLine(() => {
          this.#state = "chunk-size";
        });
      case "trailers":
        return this.#readLine((line) => {
          if (line === "") this.#finish();
          else this.#current!.trailers.push(splitHeader(line));
        });
      case "until-close":
        this.#take(this.rest.length);
        return false;
      case "opaque":
        return false;
    }
  }

  #readHead(): boolean {
    const end = this.rest.indexOf("\r\n\r\n");
    if (end < 0) return false;
    const head = this.rest.toString("latin1", 0, end + 4);
    this.rest = this.rest.subarray(end + 4);
    const [startLine = "", ...lines] = head.slice(0, -4).split("\r\n");
    const message: WireMessage = {
      head,
      startLine,
      headers: lines.map(splitHeader),
      framing: "none",
      body: Buffer.alloc(0),
      trailers: [],
      complete: false,
    };
    this.#current = message;
    this.messages.push(message);
    this.#chooseBody(message);
    return true;
  }

  #chooseBody(message: WireMessage): void {
    const length = headerOf(message, "content-length");
    const status = Number(/^HTTP\/\d\.\d (\d+)/.exec(message.startLine)?.[1] ?? 0);
    const isResponse = this.#kind === "response";
    if (isResponse && this.#opensTunnel(status)) {
      message.complete = true;
      this.#state = "opaque";
    } else if (isResponse ? this.#isBodiless(message, status) : asksForTunnel(message)) {
      this.#finish();
    } else if (headerOf(message, "transfer-encoding")?.toLowerCase().endsWith("chunked") === true) {
      message.framing = "chunked";
      this.#state = "chunk-size";
    } else if (length !== undefined && /^\d+$/.test(length)) {
      message.framing = "content-length";
      this.#missing = Number(length);
      this.#state = "fixed";
      if (this.#missing === 0) this.#finish();
    } else if (isResponse) {
      message.framing = "until-close";
      this.#state = "until-close";
    } else {
      this.#finish();
    }
  }

  /** What follows is no HTTP any more. */
  #opensTunnel(status: number): boolean {
    return status === 101 || (status >= 200 && status < 300 && this.#methods[0] === "CONNECT");
  }

  #isBodiless(message: WireMessage, status: number): boolean {
    if (isInterim(message.startLine)) return true;
    const method = this.#methods.shift();
    return method === "HEAD" || status === 204 || status === 304;
  }

  #readCounted(): boolean {
    const size = Math.min(this.#missing, this.rest.length);
    if (size === 0) return false;
    this.#take(size);
    this.#missing -= size;
    if (this.#missing > 0) return false;
    if (this.#state === "fixed") this.#finish();
    else this.#state = "chunk-end";
    return true;
  }

  #readChunkSize(): boolean {
    return this.#readLine((line) => {
      this.#missing = Number.parseInt(line, 16);
      if (Number.isNaN(this.#missing)) this.#state = "opaque";
      else this.#state = this.#missing === 0 ? "trailers" : "chunk-data";
    });
  }

  #readLine(use: (line: string) => void): boolean {
    const end = this.rest.indexOf("\r\n");
    if (end < 0) return false;
    const line = this.rest.toString("latin1", 0, end);
    this.rest = this.rest.subarray(end + 2);
    use(line);
    return true;
  }

  #take(size: number): void {
    if (size > 0) this.#parts.push(this.rest.subarray(0, size));
    this.rest = this.rest.subarray(size);
  }

  #finish(): void {
    this.collect();
    this.#current!.complete = true;
    this.#current = null;
    this.#parts = [];
    this.#state = "head";
  }
}

/** The first value of a header, by lower-case name. */
export function headerOf(message: WireMessage, name: string): string | undefined {
  return message.headers.find(([key]) => key.toLowerCase() === name)?.[1];
}

/** A request without a length that bytes of another protocol may follow: they belong to no message. */
function asksForTunnel(message: WireMessage): boolean {
  if (headerOf(message, "content-length") !== undefined) return false;
  return message.startLine.startsWith("CONNECT ") || headerOf(message, "upgrade") !== undefined;
}

/** Whether a status line is that of an informational response (101 ends the protocol and is none). */
function isInterim(startLine: string): boolean {
  return /^HTTP\/\d\.\d 1(?!01)\d\d(?!\d)/.test(startLine);
}

function splitHeader(line: string): [string, string] {
  const colon = line.indexOf(":");
  return colon < 0 ? [line, ""] : [line.slice(0, colon), line.slice(colon + 1).trim()];
}
