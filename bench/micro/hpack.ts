/**
 * Time per header block of the HPACK codec alone, on a connection that has sent such blocks before. Prints, asserts nothing.
 *
 *   node bench/micro/hpack.ts [rounds]
 */
import { FieldClassifier } from "../../packages/codec/src/http2/hpack/classifier.ts";
import { HpackDecoder, type HpackSink } from "../../packages/codec/src/http2/hpack/decoder.ts";
import { HpackEncoder, type HuffmanUse } from "../../packages/codec/src/http2/hpack/encoder.ts";
import { measure } from "./measure.ts";

type Fields = readonly (readonly [name: string, value: string])[];

const REQUEST: Fields = [
  [":method", "GET"],
  [":scheme", "https"],
  [":authority", "www.example.com"],
  [":path", "/api/v1/users/12345?fields=name,email"],
  ["user-agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"],
  ["accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"],
  ["accept-language", "en-US,en;q=0.5"],
  ["accept-encoding", "gzip, deflate, br"],
  ["cookie", "session=0123456789abcdef0123456789abcdef; theme=dark"],
  ["x-request-id", "b5b1c6a8-5a6e-4a4c-9d2e-1d2f3a4b5c6d"],
];
const SMALL_REQUEST: Fields = [
  [":method", "GET"],
  [":scheme", "http"],
  [":authority", "127.0.0.1:10000"],
  [":path", "/small"],
  ["user-agent", "h2load nghttp2/1.52.0"],
];
const RESPONSE: Fields = [
  [":status", "200"],
  ["content-type", "application/json; charset=utf-8"],
  ["content-length", "3344"],
  ["date", "Sat, 21 Nov 2026 00:16:45 GMT"],
  ["cache-control", "max-age=60"],
  ["x-envoy-upstream-service-time", "1"],
  ["server", "envoy"],
];

const BLOCKS_PER_TURN = 16;
const rounds = Number(process.argv[2] ?? 200_000);
const output = Buffer.alloc(65_536);
let told = 0;
const sink: HpackSink = {
  onField(name: string): boolean {
    told += name.length;
    return true;
  },
};

for (const huffman of ["table", "all"] as const) {
  console.log(`Huffman code: ${huffman}`);
  measureFields("request, 10 fields", REQUEST, huffman);
  measureFields("request, 5 fields", SMALL_REQUEST, huffman);
  measureFields("response, 7 fields", RESPONSE, huffman);
}
if (told === 0) throw new Error("no field was told");

/** Encoded blocks are written as a connection does it: several in one string. */
function measureFields(name: string, fields: Fields, huffman: HuffmanUse): void {
  const encoder = new HpackEncoder(4096, huffman);
  const decoder = new HpackDecoder(new FieldClassifier(() => 0));
  const encode = (): string => {
    let block = encoder.begin();
    for (const [field, value] of fields) block = encoder.add(block, field, value);
    return block;
  };
  const decode = (block: Buffer): void => {
    const error = decoder.decode(block, 0, block.length, sink);
    if (error !== null) throw new Error(error.message);
  };
  const first = Buffer.from(encode(), "latin1");
  decode(first);
  const second = Buffer.from(encode(), "latin1");
  decode(second);
  console.log(`${name}: ${first.length} bytes, then ${second.length}`);
  const turn = (): void => {
    let blocks = "";
    for (let i = 0; i < BLOCKS_PER_TURN; i++) blocks += encode();
    output.write(blocks, 0, "latin1");
  };
  measure("  encode and write", rounds / BLOCKS_PER_TURN, turn, BLOCKS_PER_TURN);
  measure("  decode", rounds, () => decode(second));
}
