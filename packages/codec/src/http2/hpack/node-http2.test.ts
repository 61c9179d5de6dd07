// Held against another implementation: what our encoder writes is read by Node's, and the other way round.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer, type Http2Server, type ServerHttp2Stream } from "node:http2";
import { type AddressInfo, connect, type Socket } from "node:net";
import { after, before, describe, it } from "node:test";
import type { HpackDecoder } from "./decoder.ts";
import { HpackEncoder } from "./encoder.ts";
import { decodeBytes, encodeFields, type Field, plainDecoder } from "./testing/field-list.ts";

const FrameType = { Data: 0, Headers: 1, Settings: 4 } as const;
const END_STREAM_AND_HEADERS = 0x05;
const ACK = 0x01;
const HEADER_TABLE_SIZE = 1;

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly payload: Buffer;
}

/** As much of HTTP/2 as it takes to send header blocks and to get some back. */
class RawClient {
  readonly #socket: Socket;
  readonly #encoder: HpackEncoder;
  readonly #decoder: HpackDecoder = plainDecoder();
  readonly #tableSize: number;
  #input = Buffer.alloc(0);
  #streamId = 1;
  #onInput: () => void = () => {};

  constructor(port: number, tableSize: number, encoder: HpackEncoder) {
    this.#socket = connect(port, "127.0.0.1");
    this.#socket.on("data", (data: Buffer) => {
      this.#input = Buffer.concat([this.#input, data]);
      this.#onInput();
    });
    this.#encoder = encoder;
    this.#tableSize = tableSize;
    const setting = Buffer.alloc(6);
    setting.writeUInt16BE(HEADER_TABLE_SIZE, 0);
    setting.writeUInt32BE(tableSize, 2);
    this.#socket.write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
    this.#send(FrameType.Settings, 0, 0, setting);
  }

  close(): void {
    this.#socket.destroy();
  }

  /** Reads until both sides know each other's settings. */
  async settle(): Promise<void> {
    let wanted = 2;
    while (wanted > 0) {
      const { type, flags, payload } = await this.#next();
      if (type !== FrameType.Settings) continue;
      wanted--;
      if ((flags & ACK) !== 0) this.#decoder.setMaxTableSize(this.#tableSize);
      else {
        for (let at = 0; at < payload.length; at += 6) {
          if (payload.readUInt16BE(at) === HEADER_TABLE_SIZE)
            this.#encoder.setPeerMaxTableSize(payload.readUInt32BE(at + 2));
        }
        this.#send(FrameType.Settings, ACK, 0, Buffer.alloc(0));
      }
    }
  }

  /** Sends a request; the fields of its response. */
  async request(fields: readonly Field[]): Promise<unknown> {
    const block = encodeFields(this.#encoder, fields);
    this.#send(FrameType.Headers, END_STREAM_AND_HEADERS, this.#streamId, block);
    this.#streamId += 2;
    for (;;) {
      const { type, payload } = await this.#next();
      if (type === FrameType.Headers) return decodeBytes(this.#decoder, payload);
      assert.ok(type === FrameType.Data || type > FrameType.Settings + 1, `frame of type ${type}`);
    }
  }

  #send(type: number, flags: number, streamId: number, payload: Buffer): void {
    const head = Buffer.alloc(9);
    head.writeUIntBE(payload.length, 0, 3);
    head[3] = type;
    head[4] = flags;
    head.writeUInt32BE(streamId, 5);
    this.#socket.write(Buffer.concat([head, payload]));
  }

  async #next(): Promise<Frame> {
    for (;;) {
      const input = this.#input;
      const end = input.length < 9 ? Infinity : 9 + input.readUIntBE(0, 3);
      if (end <= input.length) {
        this.#input = input.subarray(end);
        return { type: input[3]!, flags: input[4]!, payload: input.subarray(9, end) };
      }
      await new Promise<void>((resolve) => {
        this.#onInput = resolve;
      });
    }
  }
}

/** Requests of a page and its parts: much repeats, some does not. */
function requestFields(number: number): Field[] {
  return [
    [":method", number % 3 === 0 ? "POST" : "GET"],
    [":scheme", "http"],
    [":authority", "www.example.com:8443"],
    [":path", number % 2 === 0 ? "/" : `/items/${number % 20}?q=a%20b`],
    ["user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"],
    ["accept-encoding", "gzip, deflate"],
    ["x-request-id", `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`],
    ["x-page", `page ${"~".repeat(1 + (number % 90))}`],
    [`x-name-${number % 7}`, `{"json":[${number % 5}]}`],
    ["cookie", `session=${number}`],
  ];
}

describe("Node's HTTP/2", () => {
  const received: Field[][] = [];
  let server: Http2Server;

  before(async () => {
    server = createServer({ settings: { headerTableSize: 1000 } });
    server.on("stream", (stream: ServerHttp2Stream, _headers, _flags, raw) => {
      const fields: Field[] = [];
      for (let i = 0; i < raw.length; i += 2) fields.push([raw[i]!, raw[i + 1]!]);
      received.push(fields);
      const own = Object.fromEntries(fields.filter(([name]) => name.startsWith("x-")));
      stream.respond({ ":status": 200 + (received.length % 7), ...own }, {
        sendDate: false,
      } as object);
      stream.end();
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
  });
  after(() => server.close());

  for (const [tableSize, huffman] of [
    [4096, "table"],
    [4096, "all"],
    [200, "table"],
    [0, "all"],
    [60_000, "table"],
  ] as const) {
    it(`table of ${tableSize}, Huffman code: ${huffman}`, async () => {
      const { port } = server.address() as AddressInfo;
      const client = new RawClient(port, tableSize, new HpackEncoder(tableSize, huffman));
      try {
        await client.settle();
        for (let number = 0; number < 200; number++) {
          const sent = requestFields(number);
          const answer = (await client.request(sent)) as Field[];
          assert.deepEqual(received.at(-1), sent);
          assert.equal(answer[0]![0], ":status");
          const own = sent.filter(([name]) => name.startsWith("x-"));
          assert.deepEqual(
            answer.filter(([name]) => name.startsWith("x-")),
            own,
          );
        }
      } finally {
        client.close();
      }
    });
  }
});
