import type { JsonValue } from "@bufbuild/protobuf";
import { encodeFrame, FRAME_TYPES, word } from "../harness/http2/frames.ts";
import type { Field } from "../harness/http2/hpack.ts";
import type { Http2Session, SeenStream } from "../harness/http2/session.ts";
import { encodeCheckResponse } from "./authorization.ts";
import { framesToBytes, toErrorCode, toField } from "./frame-script.ts";
import { pause } from "./upstream-connection.ts";
import type { Answer } from "./upstream-script.ts";

const PIECE_GAP_MS = 30;

/** Who decides what is answered, and where the bytes go. */
export interface Http2Serving {
  readonly session: Http2Session;
  /** What the next request gets, and that it got it. */
  readonly upcoming: () => Answer;
  readonly begin: () => Answer;
  write(bytes: Buffer): void;
  /** What becomes of the connection. */
  leave(how: "close" | "reset"): void;
}

/** Answers the requests of a connection, each as soon as its time has come: they share it and do not wait for each other. */
export function serveHttp2(serving: Http2Serving): void {
  const { session } = serving;
  const answered = new Set<SeenStream>();
  const begin = (stream: SeenStream): void => {
    answered.add(stream);
    void answerStream(serving, stream, serving.begin());
  };
  if (serving.upcoming().at === "connect")
    serving.write(framesToBytes(serving.begin().frames ?? []));
  session.onHead = (stream) => {
    if (answered.has(stream)) return;
    const { interim, at } = serving.upcoming();
    if (interim !== undefined) session.sendHeaders(stream.id, interimFields(interim), false);
    if (at === "head") begin(stream);
  };
  session.onComplete = (stream) => {
    if (!answered.has(stream)) begin(stream);
  };
}

async function answerStream(
  serving: Http2Serving,
  stream: SeenStream,
  answer: Answer,
): Promise<void> {
  if (answer.delay_ms !== undefined) await pause(answer.delay_ms);
  const method = stream.messages[0]?.headers.find(([name]) => name === ":method")?.[1] ?? "";
  if (answer.frames !== undefined) serving.write(framesToBytes(answer.frames, stream.id));
  else if (answer.check !== undefined) sendVerdict(serving.session, stream.id, answer.check);
  else if (answer.silent !== true) await sendAnswer(serving.session, stream, answer, method);
  if (answer.hold_ms !== undefined) await pause(answer.hold_ms);
  if (answer.rst !== undefined) serving.session.sendReset(stream.id, toErrorCode(answer.rst));
  if (answer.goaway !== undefined) serving.write(goaway(stream.id, answer.goaway));
  if (answer.afterwards === "echo") startEcho(serving.session, stream);
  else if (answer.afterwards !== undefined) serving.leave(answer.afterwards);
}

async function sendAnswer(
  session: Http2Session,
  { id }: SeenStream,
  answer: Answer,
  method: string,
): Promise<void> {
  const status = answer.status ?? 200;
  const bodies = status === 204 || status === 304 || method === "HEAD" ? [] : bodiesOf(answer);
  const fields: Field[] = [[":status", String(status)], ...(answer.headers ?? []).map(toField)];
  const staysOpen =
    answer.open === true || answer.afterwards === "echo" || answer.rst !== undefined;
  const trailers = answer.trailers ?? [];
  const isEnd = (left: number): boolean => left === 0 && trailers.length === 0 && !staysOpen;
  session.sendHeaders(id, fields, isEnd(bodies.length));
  for (const [index, body] of bodies.entries()) {
    if (index > 0 && answer.chunks_apart === true) await pause(PIECE_GAP_MS);
    session.sendData(id, body, isEnd(bodies.length - index - 1));
  }
  if (trailers.length > 0) session.sendHeaders(id, trailers.map(toField), !staysOpen);
}

function sendVerdict(session: Http2Session, id: number, check: JsonValue): void {
  const fields: Field[] = [
    [":status", "200"],
    ["content-type", "application/grpc"],
  ];
  session.sendHeaders(id, fields, false);
  session.sendData(id, encodeCheckResponse(check), false);
  session.sendHeaders(id, [["grpc-status", "0"]], true);
}

/** A chunk is a DATA frame; an empty body none. */
function bodiesOf(answer: Answer): Buffer[] {
  if (answer.chunks !== undefined)
    return answer.chunks.map((chunk) => Buffer.from(chunk, "latin1"));
  if (answer.body_bytes !== undefined) return [Buffer.alloc(answer.body_bytes, "x")];
  // An answer that opens a tunnel has no body of its own.
  const body = answer.body ?? (answer.afterwards === "echo" ? "" : "ok");
  return body === "" ? [] : [Buffer.from(body, "latin1")];
}

/** What came before is sent back, and whatever comes. */
function startEcho(session: Http2Session, stream: SeenStream): void {
  stream.echoes = true;
  const before = Buffer.concat(stream.pieces);
  if (before.length > 0) session.sendData(stream.id, before, false);
}

function goaway(lastStream: number, code: string | number): Buffer {
  const payload = Buffer.concat([word(lastStream), word(toErrorCode(code))]);
  return encodeFrame({ type: FRAME_TYPES.GOAWAY, flags: 0, stream: 0, payload });
}

/** The head of an interim response as HTTP/1.1 writes it. */
function interimFields(head: string): Field[] {
  const [line = "", ...lines] = head.trimEnd().split("\r\n");
  return [[":status", line.split(" ")[1] ?? ""], ...lines.map(toField)];
}
