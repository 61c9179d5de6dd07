/**
 * A gRPC server that costs as little as can be, as a program of its own: `node grpc-backend.ts PORT`. It speaks HTTP/2 without
 * TLS, answers every call with the same message of 32 bytes, and reads nothing of a request but where it ends: so it needs no
 * header tables, and the load core keeps its time for the load.
 */
import { createServer, type Socket } from "node:net";

const HEAD_BYTES = 9;
const PREFACE_BYTES = 24;
const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const PING = 6;
const END_STREAM = 1;
const ACK = 1;
const END_HEADERS = 4;
/** The connection's window is opened again when half of it is used up. */
const WINDOW = 2 ** 30;

const port = Number(process.argv[2]);
const MESSAGE = Buffer.concat([Buffer.of(0, 0, 0, 0, 32), Buffer.alloc(32, "m")]);
/** :status 200 is an entry of the static table; the others are literals. */
const HEAD = Buffer.concat([Buffer.of(0x88), literal("content-type", "application/grpc")]);
const ANSWER = Buffer.concat([
  frame(HEADERS, END_HEADERS, HEAD),
  frame(DATA, 0, MESSAGE),
  frame(HEADERS, END_HEADERS | END_STREAM, literal("grpc-status", "0")),
]);
/** Where the answer's stream ids stand. */
const STREAM_PLACES = [
  5,
  5 + HEAD_BYTES + HEAD.length,
  5 + 2 * HEAD_BYTES + HEAD.length + MESSAGE.length,
];

createServer({ noDelay: true }, serve).listen(port, "127.0.0.1");

function serve(socket: Socket): void {
  let rest: Buffer = Buffer.alloc(0);
  let skip = PREFACE_BYTES;
  let used = 0;
  socket.on("error", () => {});
  // SETTINGS: as many streams as there are, each with a window that one call cannot fill.
  socket.write(frame(SETTINGS, 0, Buffer.from("000400100000", "hex")));
  socket.write(frame(8, 0, word(WINDOW)));
  socket.on("data", (data: Buffer) => {
    const bytes = rest.length === 0 ? data : Buffer.concat([rest, data]);
    const out: Buffer[] = [];
    let at = Math.min(skip, bytes.length);
    skip -= at;
    while (at + HEAD_BYTES <= bytes.length) {
      const length = bytes.readUIntBE(at, 3);
      const end = at + HEAD_BYTES + length;
      if (end > bytes.length) break;
      const type = bytes[at + 3]!;
      const flags = bytes[at + 4]!;
      if (type === DATA) used += length;
      if (type <= HEADERS && (flags & END_STREAM) !== 0)
        out.push(answerTo(bytes.readUInt32BE(at + 5)));
      else if (type === SETTINGS && (flags & ACK) === 0)
        out.push(frame(SETTINGS, ACK, Buffer.alloc(0)));
      else if (type === PING && (flags & ACK) === 0)
        out.push(frame(PING, ACK, bytes.subarray(at + HEAD_BYTES, end)));
      at = end;
    }
    rest = Buffer.from(bytes.subarray(at));
    if (used > WINDOW / 2) {
      out.push(frame(8, 0, word(used)));
      used = 0;
    }
    if (out.length > 0) socket.write(out.length === 1 ? out[0]! : Buffer.concat(out));
  });
}

function answerTo(stream: number): Buffer {
  const answer = Buffer.from(ANSWER);
  for (const place of STREAM_PLACES) answer.writeUInt32BE(stream, place);
  return answer;
}

function frame(type: number, flags: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  return Buffer.concat([head, payload]);
}

/** A header field that is not indexed (RFC 7541, section 6.2.2). */
function literal(name: string, value: string): Buffer {
  return Buffer.from(
    `\0${String.fromCharCode(name.length)}${name}${String.fromCharCode(value.length)}${value}`,
    "latin1",
  );
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
