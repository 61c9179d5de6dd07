import type { Field } from "../harness/http2/hpack.ts";
import type { Http2Session } from "../harness/http2/session.ts";
import type { Step } from "./case.ts";
import { framesToBytes, toErrorCode, toField } from "./frame-script.ts";

/** What a client over HTTP/2 remembers between its steps. */
export class Http2Client {
  readonly session: Http2Session;
  #last = -1;
  /** Streams that this side has ended and waits for. */
  #awaited: number[] = [];

  constructor(session: Http2Session) {
    this.session = session;
  }

  /** Whether there is an answer on each stream that was ended since `forget`. */
  get isAnswered(): boolean {
    return this.#awaited.every((stream) => this.session.isFinal(stream));
  }

  /** Whether there is an answer to the last request. */
  get isLastAnswered(): boolean {
    return this.session.isFinal(this.#last);
  }

  /** Waits no longer for what was not answered so far. */
  forget(): void {
    this.#awaited = [];
  }

  /** Sends what a step says. */
  send(step: Step, write: (bytes: Buffer) => void): void {
    const { frames, request, rst } = step;
    if (frames !== undefined) write(framesToBytes(frames));
    else if (request !== undefined) this.#request(step, request);
    else if (rst !== undefined) this.session.sendReset(step.stream ?? this.#last, toErrorCode(rst));
    else this.#body(step.stream ?? this.#last, step);
  }

  /** The session sends no content-length of its own accord: HTTP/2 needs none. */
  #request(step: Step, request: string): void {
    const stream = step.stream ?? this.#last + 2;
    this.#last = stream;
    const hasMore = hasBody(step) || step.trailers !== undefined || step.open === true;
    this.session.sendHeaders(stream, requestFields(step, request), !hasMore);
    if (hasMore) this.#body(stream, step);
    else this.#awaited.push(stream);
  }

  #body(stream: number, step: Step): void {
    const data = step.data ?? step.body ?? "";
    const bytes =
      step.body_bytes === undefined
        ? Buffer.from(data, "latin1")
        : Buffer.alloc(step.body_bytes, "x");
    const isLast = step.open !== true;
    if (hasBody(step)) this.session.sendData(stream, bytes, isLast && step.trailers === undefined);
    if (step.trailers !== undefined)
      this.session.sendHeaders(stream, step.trailers.map(toField), isLast);
    if (isLast) this.#awaited.push(stream);
  }
}

/** Pseudo headers among `headers` take the place of those that a request has anyway. */
function requestFields(step: Step, request: string): Field[] {
  const [method = "", target = ""] = request.split(/ (.*)/s);
  const isTunnel = method === "CONNECT" && !target.startsWith("/");
  const host = step.host === undefined ? "a.test" : step.host;
  const pseudo = new Map<string, string>([[":method", method]]);
  if (!isTunnel) pseudo.set(":scheme", step.scheme ?? "http").set(":path", target);
  if (isTunnel) pseudo.set(":authority", target);
  else if (host !== null) pseudo.set(":authority", host);
  const fields: Field[] = [];
  for (const [name, value] of (step.headers ?? []).map(toField)) {
    if (name.startsWith(":")) pseudo.set(name, value);
    else fields.push([name, value]);
  }
  return [...pseudo, ...fields];
}

function hasBody({ body, body_bytes, data }: Step): boolean {
  return body !== undefined || body_bytes !== undefined || data !== undefined;
}
