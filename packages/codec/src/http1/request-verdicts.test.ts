import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Http1Error } from "./errors.ts";
import type { Http1Options } from "./options.ts";
import { readRequests } from "./testing/drive.ts";

const HOST = "Host: a.test\r\n";

/** name, raw request, error code expected. */
type Rejected = readonly [name: string, raw: string, code: string];

const BAD = Http1Error.CodecError.code;
const CHARACTERS = Http1Error.InvalidCharacters.code;
const AUTHORITY = Http1Error.InvalidAuthority.code;
const URL_ERROR = Http1Error.InvalidUrl.code;
const CODING = Http1Error.InvalidTransferEncoding.code;
const BOTH = Http1Error.ContentLengthAndChunked.code;
const CONNECTION = Http1Error.ConnectionHeaderRejected.code;

const startLines: readonly Rejected[] = [
  ["leading space", ` GET / HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["NUL before the method", `\0GET / HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["a method that is no token", `GE(T / HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["an unknown method", `FOO / HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["a method in lower case", `get / HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["two spaces", `GET  / HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["a space in the target", `GET /a b HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["a tab for a space", `GET\t/ HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["NUL in the target", `GET /a\0b HTTP/1.1\r\n${HOST}\r\n`, CHARACTERS],
  ["a byte above 127 in the target", `GET /caf\xe9 HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["bare CR", `GET /\rHTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["bare LF", `GET / HTTP/1.1\n${HOST}\r\n`, BAD],
  ["bare LF before the request", `\nGET / HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["version in lower case", `GET / http/1.1\r\n${HOST}\r\n`, BAD],
  ["two digits in the version", `GET / HTTP/1.10\r\n${HOST}\r\n`, BAD],
  ["HTTP/2.0", `GET / HTTP/2.0\r\n${HOST}\r\n`, Http1Error.LowVersion.code],
  ["HTTP/1.2", `GET / HTTP/1.2\r\n${HOST}\r\n`, Http1Error.LowVersion.code],
  ["HTTP/1.0 by default", `GET / HTTP/1.0\r\n${HOST}\r\n`, Http1Error.LowVersion.code],
  ["HTTP/0.9", "GET /\r\n", Http1Error.LowVersion.code],
  ["two words that are no HTTP/0.9", "hello there\r\n", BAD],
  ["the HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", BAD],
  ["a TLS hello", "\x16\x03\x01\x02\x00\x01", BAD],
];

const targets: readonly Rejected[] = [
  ["no slash", `GET x/y HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["authority-form with GET", `GET a.test:80 HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["asterisk with GET", `GET * HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["another scheme", `GET ftp://b.test/ HTTP/1.1\r\n${HOST}\r\n`, Http1Error.InvalidScheme.code],
  ["another scheme, HTTP/1.0", "GET ftp://b/ HTTP/1.0\r\n\r\n", Http1Error.InvalidScheme.code],
  ["no slash, HTTP/1.0", "GET x HTTP/1.0\r\n\r\n", BAD],
  ["no slash and an invalid coding", "GET x HTTP/1.1\r\nTransfer-Encoding: x\r\n\r\n", BAD],
  ["an asterisk and more", `GET *://a/ HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["an asterisk and more for GET", `GET *a HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["a digit for a scheme", `GET 1://a/ HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["a quote in the authority", `GET http://a"b/ HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["no authority", `GET http:///x HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["an underscore in the authority", `GET http://a_b/ HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["an escape in the authority", `GET http://a%41/ HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["an empty port", `GET http://a:/ HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["a port above 65535", `GET http://a:65536/ HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["a port that is no number", `GET http://a:8x/ HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["no IPv6 address", `GET http://[1:2]/ HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["an open bracket", `GET http://[::1/ HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["text behind a bracket", `GET http://[::1]x/ HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["a fragment behind the authority", `GET http://a#x HTTP/1.1\r\n${HOST}\r\n`, BAD],
  ["user information", `GET http://u:p@b.test/ HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["CONNECT with a path", `CONNECT /x HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["CONNECT without port", `CONNECT b.test HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
  ["CONNECT with a bracket and no port", `CONNECT [::1] HTTP/1.1\r\n${HOST}\r\n`, URL_ERROR],
];

const hosts: readonly Rejected[] = [
  ["two different", `GET / HTTP/1.1\r\n${HOST}Host: b.test\r\n\r\n`, AUTHORITY],
  ["two equal", `GET / HTTP/1.1\r\n${HOST}${HOST}\r\n`, AUTHORITY],
  ...[
    "a/b",
    "a b",
    "a,b c",
    "[a b]",
    "caf\xe9",
    "a#b",
    "a?b",
    'a"b',
    "a<b",
    "a\\b",
    "a^b",
    "a`b",
    "a{b}",
    "a|b",
    "a\tb",
  ].map((host): Rejected => [host, `GET / HTTP/1.1\r\nHost: ${host}\r\n\r\n`, AUTHORITY]),
];

const lines: readonly Rejected[] = [
  ["folding", `GET / HTTP/1.1\r\n${HOST}X: 1\r\n 2\r\n\r\n`, BAD],
  ["folding with a tab", `GET / HTTP/1.1\r\n${HOST}X: 1\r\n\t2\r\n\r\n`, BAD],
  ["whitespace before the first line", `GET / HTTP/1.1\r\n ${HOST}\r\n`, BAD],
  ["space before the colon", `GET / HTTP/1.1\r\n${HOST}X : 1\r\n\r\n`, BAD],
  ["tab before the colon", `GET / HTTP/1.1\r\n${HOST}Content-Length\t: 1\r\n\r\n`, BAD],
  ["empty name", `GET / HTTP/1.1\r\n${HOST}: 1\r\n\r\n`, BAD],
  ["no colon", `GET / HTTP/1.1\r\n${HOST}X\r\n\r\n`, BAD],
  ["NUL in a name", `GET / HTTP/1.1\r\n${HOST}X\0Y: 1\r\n\r\n`, CHARACTERS],
  ["a byte above 127 in a name", `GET / HTTP/1.1\r\n${HOST}X\xe9: 1\r\n\r\n`, BAD],
  ["NUL in a value", `GET / HTTP/1.1\r\n${HOST}X: a\0b\r\n\r\n`, CHARACTERS],
  ["a control character in a value", `GET / HTTP/1.1\r\n${HOST}X: a\x01b\r\n\r\n`, CHARACTERS],
  ["DEL in a value", `GET / HTTP/1.1\r\n${HOST}X: a\x7fb\r\n\r\n`, CHARACTERS],
  [
    "bare CR in a value",
    `GET / HTTP/1.1\r\n${HOST}X: a\rTransfer-Encoding: chunked\r\n\r\n`,
    CHARACTERS,
  ],
  ["CR before CRLF", `GET / HTTP/1.1\r\n${HOST}X: a\r\r\n\r\n`, CHARACTERS],
  ["bare LF", `GET / HTTP/1.1\r\n${HOST}X: 1\nY: 2\r\n\r\n`, BAD],
  ["bare LF at the end", `GET / HTTP/1.1\r\n${HOST}\n`, BAD],
  ["bare CR at the end", `GET / HTTP/1.1\r\n${HOST}\rX`, BAD],
];

const framing: readonly Rejected[] = [
  ...[
    "",
    "-5",
    "+5",
    "0x5",
    "5x",
    "1_0",
    "1 0",
    "5, 5",
    "5, 6",
    "5;",
    "18446744073709551621",
    "9007199254740992",
  ].map((value): Rejected => [
    `content-length "${value}"`,
    `POST / HTTP/1.1\r\n${HOST}Content-Length: ${value}\r\n\r\n`,
    BAD,
  ]),
  [
    "content-length behind VT",
    `POST / HTTP/1.1\r\n${HOST}Content-Length: \x0b5\r\n\r\n`,
    CHARACTERS,
  ],
  [
    "equal lengths",
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`,
    BAD,
  ],
  [
    "different lengths",
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\ncontent-length: 6\r\n\r\nhello`,
    BAD,
  ],
  [
    "coding and length",
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n`,
    BOTH,
  ],
  [
    "length and coding",
    `POST / HTTP/1.1\r\n${HOST}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    BOTH,
  ],
  [
    "identity and length",
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: identity\r\nContent-Length: 5\r\n\r\nhello`,
    BOTH,
  ],
  ...[
    "gzip",
    "gzip, chunked",
    "chunked, gzip",
    "chunked, chunked",
    "identity",
    "",
    "xchunked",
    "chunked;q=1",
    "chunked,",
  ].map((value): Rejected => [
    `coding "${value}"`,
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: ${value}\r\n\r\n0\r\n\r\n`,
    CODING,
  ]),
  [
    "chunked twice in two lines",
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n`,
    CODING,
  ],
  [
    "chunked, then identity",
    `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n`,
    CODING,
  ],
  [
    "CONNECT with a length",
    `CONNECT b.test:1 HTTP/1.1\r\n${HOST}Content-Length: 1\r\n\r\nx`,
    Http1Error.BodyDisallowed.code,
  ],
  [
    "CONNECT with a coding",
    `CONNECT b.test:1 HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    CODING,
  ],
];

const connections: readonly Rejected[] = [
  "x-forwarded-for",
  "close, X-Forwarded-Proto",
  "x-forwarded-host",
  ":path",
].map((value): Rejected => [
  value,
  `GET / HTTP/1.1\r\n${HOST}Connection: ${value}\r\n\r\n`,
  CONNECTION,
]);

describe("requests that are refused", () => {
  suite("start line", startLines);
  suite("target", targets);
  suite("host", hosts);
  suite("header lines", lines);
  suite("framing", framing);
  suite("connection", connections);

  it("TE in HTTP/1.0, even where that is accepted", () => {
    const { seen } = readRequests(
      `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      {
        acceptHttp10: true,
      },
    );
    assert.equal(seen.errors[0], Http1Error.CodecError);
  });

  it("takes nothing behind an error", () => {
    const smuggled = `GET /smuggled HTTP/1.1\r\n${HOST}\r\n`;
    const { codec, seen, left } = readRequests(`GET / HTTP/1.1\r\nX : 1\r\n\r\n${smuggled}`);
    assert.equal(seen.messages.length, 0);
    assert.ok(left > smuggled.length);
    assert.equal(codec.execute(Buffer.from(smuggled), 0, smuggled.length), 0);
    assert.deepEqual([seen.messages.length, seen.errors.length, codec.keepAlive], [0, 1, false]);
  });

  it("replies with Envoy's status and text", () => {
    const reply = ({ status, reply: text }: { status: number; reply: string }): string =>
      `${status} ${text}`;
    assert.equal(reply(Http1Error.CodecError), "400 Bad Request");
    assert.equal(reply(Http1Error.InvalidTransferEncoding), "501 Not Implemented");
    assert.equal(reply(Http1Error.LowVersion), "426 Upgrade Required");
    assert.equal(reply(Http1Error.HeadersTooLarge), "431 Request Header Fields Too Large");
    assert.equal(reply(Http1Error.TooManyHeaders), "431 Request Header Fields Too Large");
  });
});

function suite(
  name: string,
  cases: readonly Rejected[],
  options: Partial<Http1Options> = {},
): void {
  describe(name, () => {
    for (const [title, raw, code] of cases) {
      it(title, () => {
        const { codec, seen } = readRequests(raw, options);
        assert.equal(seen.errors[0]?.code, code);
        assert.equal(seen.messages.length, 0);
        assert.equal(codec.keepAlive, false);
      });
    }
  });
}
