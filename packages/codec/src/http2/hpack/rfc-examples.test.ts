// The examples of RFC 7541 appendix C: bytes, the fields that they say, and the dynamic table behind them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HpackEncoder } from "./encoder.ts";
import { integerText } from "./integer-text.ts";
import { decodeHex, encodeFields, type Field, plainDecoder } from "./testing/field-list.ts";

interface Example {
  readonly block: string;
  readonly fields: readonly Field[];
  /** Newest entry first. */
  readonly table: readonly Field[];
  readonly tableBytes: number;
}

const AUTHORITY: Field = [":authority", "www.example.com"];
const NO_CACHE: Field = ["cache-control", "no-cache"];
const CUSTOM: Field = ["custom-key", "custom-value"];
const FIRST: readonly Field[] = [
  [":method", "GET"],
  [":scheme", "http"],
  [":path", "/"],
  AUTHORITY,
];
const THIRD: readonly Field[] = [
  [":method", "GET"],
  [":scheme", "https"],
  [":path", "/index.html"],
  AUTHORITY,
  CUSTOM,
];

/** C.3 and C.4 say the same, plain and in the Huffman code. */
function requests(first: string, second: string, third: string): Example[] {
  return [
    { block: first, fields: FIRST, table: [AUTHORITY], tableBytes: 57 },
    { block: second, fields: [...FIRST, NO_CACHE], table: [NO_CACHE, AUTHORITY], tableBytes: 110 },
    { block: third, fields: THIRD, table: [CUSTOM, NO_CACHE, AUTHORITY], tableBytes: 164 },
  ];
}

const PRIVATE: Field = ["cache-control", "private"];
const LOCATION: Field = ["location", "https://www.example.com"];
const DATE_21: Field = ["date", "Mon, 21 Oct 2013 20:13:21 GMT"];
const DATE_22: Field = ["date", "Mon, 21 Oct 2013 20:13:22 GMT"];
const GZIP: Field = ["content-encoding", "gzip"];
const COOKIE: Field = ["set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"];

/** C.5 and C.6, with a table of 256 bytes. */
function responses(first: string, second: string, third: string): Example[] {
  return [
    {
      block: first,
      fields: [[":status", "302"], PRIVATE, DATE_21, LOCATION],
      table: [LOCATION, DATE_21, PRIVATE, [":status", "302"]],
      tableBytes: 222,
    },
    {
      block: second,
      fields: [[":status", "307"], PRIVATE, DATE_21, LOCATION],
      table: [[":status", "307"], LOCATION, DATE_21, PRIVATE],
      tableBytes: 222,
    },
    {
      block: third,
      fields: [[":status", "200"], PRIVATE, DATE_22, LOCATION, GZIP, COOKIE],
      table: [COOKIE, GZIP, DATE_22],
      tableBytes: 215,
    },
  ];
}

const HUFFMAN_REQUESTS = requests(
  "8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff",
  "8286 84be 5886 a8eb 1064 9cbf",
  "8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf",
);

const SERIES: { readonly [name: string]: readonly Example[] } = {
  "C.2.1 literal with indexing": [
    {
      block: "400a 6375 7374 6f6d 2d6b 6579 0d63 7573 746f 6d2d 6865 6164 6572",
      fields: [["custom-key", "custom-header"]],
      table: [["custom-key", "custom-header"]],
      tableBytes: 55,
    },
  ],
  "C.2.2 literal without indexing": [
    {
      block: "040c 2f73 616d 706c 652f 7061 7468",
      fields: [[":path", "/sample/path"]],
      table: [],
      tableBytes: 0,
    },
  ],
  "C.2.3 literal never indexed": [
    {
      block: "1008 7061 7373 776f 7264 0673 6563 7265 74",
      fields: [["password", "secret"]],
      table: [],
      tableBytes: 0,
    },
  ],
  "C.2.4 indexed": [{ block: "82", fields: [[":method", "GET"]], table: [], tableBytes: 0 }],
  "C.3 requests": requests(
    "8286 8441 0f77 7777 2e65 7861 6d70 6c65 2e63 6f6d",
    "8286 84be 5808 6e6f 2d63 6163 6865",
    "8287 85bf 400a 6375 7374 6f6d 2d6b 6579 0c63 7573 746f 6d2d 7661 6c75 65",
  ),
  "C.4 requests in the Huffman code": HUFFMAN_REQUESTS,
  "C.5 responses": responses(
    `4803 3330 3258 0770 7269 7661 7465 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3120 474d
     546e 1768 7474 7073 3a2f 2f77 7777 2e65 7861 6d70 6c65 2e63 6f6d`,
    "4803 3330 37c1 c0bf",
    `88c1 611d 4d6f 6e2c 2032 3120 4f63 7420 3230 3133 2032 303a 3133 3a32 3220 474d 54c0 5a04 677a 6970 7738 666f
     6f3d 4153 444a 4b48 514b 425a 584f 5157 454f 5049 5541 5851 5745 4f49 553b 206d 6178 2d61 6765 3d33 3630 303b
     2076 6572 7369 6f6e 3d31`,
  ),
  "C.6 responses in the Huffman code": responses(
    `4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7
     8f0b 97c8 e9ae 82ae 43d3`,
    "4883 640e ffc1 c0bf",
    `88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab 77ad 94e7 821d d7f2 e6c7 b335
     dfdf cd5b 3960 d5af 2708 7f36 72c1 ab27 0fb5 291f 9587 3160 65c0 03ed 4ee5 b106 3d50 07`,
  ),
};

describe("RFC 7541 appendix C", () => {
  for (const [name, examples] of Object.entries(SERIES)) {
    it(name, () => {
      const decoder = plainDecoder();
      // A block that only sets the table's size to 256.
      if (/C\.[56]/.test(name)) assert.deepEqual(decodeHex(decoder, "3fe1 01"), []);
      for (const { block, fields, table, tableBytes } of examples) {
        assert.deepEqual(decodeHex(decoder, block), fields);
        assert.equal(decoder.tableSizeBytes, tableBytes);
        const references = table.map((_, age) => (0x80 + 62 + age).toString(16));
        assert.deepEqual(decodeHex(decoder, references.join("")), table);
        const behind = (0x80 + 62 + table.length).toString(16);
        assert.deepEqual(decodeHex(decoder, behind), { message: "index is in neither table" });
      }
    });
  }

  it("C.4 is what the encoder writes for these requests", () => {
    const encoder = new HpackEncoder();
    for (const { block, fields, tableBytes } of HUFFMAN_REQUESTS) {
      assert.equal(encodeFields(encoder, fields).toString("hex"), block.replaceAll(" ", ""));
      assert.equal(encoder.tableSizeBytes, tableBytes);
    }
  });

  it("C.1 integers", () => {
    const hex = (text: string): string => Buffer.from(text, "latin1").toString("hex");
    assert.equal(hex(integerText(0, 0x1f, 10)), "0a");
    assert.equal(hex(integerText(0, 0x1f, 1337)), "1f9a0a");
    assert.equal(hex(integerText(0, 0xff, 42)), "2a");
  });
});
