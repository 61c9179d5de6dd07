import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { data, type Fields, GET, headers, POST, PREFACE } from "./testing/frames.ts";
import { TestServer } from "./testing/recorder.ts";

const INVALID = "reset protocol_error http2.invalid.header.field";
const MESSAGING = "reset protocol_error http2.violation.of.messaging.rule";
const CONTENT_LENGTH = "reset protocol_error http2.remote_reset";

const without = (name: string): Fields => GET.filter((field) => field[0] !== name);
const replaced = (name: string, value: string): Fields =>
  GET.map((field) => (field[0] === name ? [name, value] : field));
const CONNECT: Fields = [
  [":method", "CONNECT"],
  [":authority", "b.test:443"],
];
const EXTENDED: Fields = [
  [":method", "CONNECT"],
  [":protocol", "websocket"],
  [":scheme", "https"],
  [":path", "/chat"],
  [":authority", "a.test"],
];

/** What becomes of a request: its first event. */
function verdict(fields: Fields, options = {}): string {
  const server = new TestServer({ overrideStreamErrorOnInvalidHttpMessage: true, ...options });
  server.read(PREFACE + headers(1, fields));
  const [first] = server.seen(1);
  if (first!.startsWith("reset")) {
    assert.equal(server.written[0], "RST 1 1");
    assert.equal(server.counters.values["rx_messaging_error"], 1);
    // The stream ended, not the connection.
    server.read(headers(3, GET));
    assert.match(server.seen(3)[0]!, /^headers/);
  }
  return first!;
}

describe("requests over HTTP/2", () => {
  const refused: readonly (readonly [string, Fields, string])[] = [
    ["no :method", without(":method"), MESSAGING],
    ["no :scheme", without(":scheme"), MESSAGING],
    ["no :path", without(":path"), MESSAGING],
    ["neither :authority nor host", without(":authority"), MESSAGING],
    ["empty :path", replaced(":path", ""), INVALID],
    ["empty :authority", replaced(":authority", ""), INVALID],
    [":path without a slash", replaced(":path", "x"), MESSAGING],
    [":path with a blank", replaced(":path", "/x HTTP/1.1"), INVALID],
    [":path with CR LF", replaced(":path", "/x\r\n"), INVALID],
    ["asterisk with GET", replaced(":path", "*"), MESSAGING],
    [":method with a blank", replaced(":method", "GET /"), INVALID],
    [":scheme with more than a scheme", replaced(":scheme", "http://b"), INVALID],
    [":authority with a path", replaced(":authority", "a/b"), INVALID],
    [":authority with user information", replaced(":authority", "u@a"), INVALID],
    ["host with a path beside :authority", [...GET, ["host", "a/b"]], INVALID],
    ["two hosts", [...without(":authority"), ["host", "a"], ["host", "a"]], INVALID],
    ["two :path", [...GET, [":path", "/y"]], INVALID],
    ["a pseudo header behind others", [...without(":path"), ["x", "y"], [":path", "/"]], INVALID],
    ["an unknown pseudo header", [...GET, [":foo", "y"]], INVALID],
    [":status", [...GET, [":status", "200"]], INVALID],
    ["connection", [...GET, ["connection", "x"]], INVALID],
    ["keep-alive", [...GET, ["keep-alive", "1"]], INVALID],
    ["proxy-connection", [...GET, ["proxy-connection", "close"]], INVALID],
    ["transfer-encoding", [...GET, ["transfer-encoding", "chunked"]], INVALID],
    ["upgrade", [...GET, ["upgrade", "h2c"]], INVALID],
    ["te: gzip", [...GET, ["te", "gzip"]], INVALID],
    ["an upper-case name", [...GET, ["X-a", "y"]], INVALID],
    ["an empty name", [...GET, ["", "y"]], INVALID],
    ["a colon in a name", [...GET, ["x:a", "y"]], INVALID],
    ["a line end in a name", [...GET, ["x\r\na", "y"]], INVALID],
    ["a name beyond ASCII", [...GET, ["x\u00e4", "y"]], INVALID],
    ["CR in a value", [...GET, ["x", "a\rb"]], INVALID],
    ["LF in a value", [...GET, ["x", "a\nb"]], INVALID],
    ["NUL in a value", [...GET, ["x", "a\0b"]], INVALID],
    ["DEL in a value", [...GET, ["x", "a\x7fb"]], INVALID],
    ["a blank before a value", [...GET, ["x", " a"]], INVALID],
    ["a tab behind a value", [...GET, ["x", "a\t"]], INVALID],
    ["content-length of no number", [...GET, ["content-length", "-5"]], INVALID],
    ["content-length twice", [...GET, ["content-length", "0"], ["content-length", "0"]], INVALID],
    ["content-length without content", [...GET, ["content-length", "5"]], MESSAGING],
    [
      "CONNECT without :authority",
      [
        [":method", "CONNECT"],
        ["host", "a.test"],
      ],
      MESSAGING,
    ],
    ["CONNECT with :path", [...CONNECT, [":path", "/"]], MESSAGING],
    ["extended CONNECT that was not offered", EXTENDED, INVALID],
  ];
  for (const [name, fields, expected] of refused)
    it(`refuses ${name}`, () => assert.equal(verdict(fields), expected));

  it("takes what is unusual and right", () => {
    const seen = (fields: Fields, options = {}): string => verdict(fields, options);
    assert.match(
      seen([...GET, ["te", "trailers"], ["x", "a\tb \u00e4"], ["y", ""]]),
      /te=trailers/,
    );
    assert.doesNotMatch(seen([...GET, ["te", "Trailers"]]), /te=/);
    assert.match(seen([[":method", "OPTIONS"], ...replaced(":path", "*").slice(1)]), /:path=\*/);
    assert.match(seen([[":method", "foo"], ...GET.slice(1)]), /:method=foo/);
    assert.match(seen([...GET, ["content-length", "000"]]), /content-length=0 END/);
    assert.equal(seen(CONNECT), "headers :method=CONNECT,:authority=b.test:443 END");
    assert.equal(
      seen(EXTENDED, { allowConnect: true }),
      "headers :method=CONNECT,:scheme=https,:authority=a.test,:path=/chat,:protocol=websocket END",
    );
  });

  it("refuses :protocol with another method, and CONNECT half extended", () => {
    const options = { allowConnect: true };
    assert.equal(verdict([...GET, [":protocol", "websocket"]], options), MESSAGING);
    assert.equal(verdict([...CONNECT, [":protocol", "websocket"]], options), MESSAGING);
  });

  it("drops the length of a CONNECT, whose data is none of its own", () => {
    const server = new TestServer();
    server.read(PREFACE + headers(1, [...CONNECT, ["content-length", "0"]], false) + data(1, "x"));
    assert.deepEqual(server.seen(1), [
      "headers :method=CONNECT,:authority=b.test:443",
      'data "x" END',
    ]);
  });

  it("holds content against content-length", () => {
    const post = (length: string, ...rest: string[]): string[] => {
      const server = new TestServer({ overrideStreamErrorOnInvalidHttpMessage: true });
      const fields: Fields = [...POST, ["content-length", length]];
      server.read(PREFACE + headers(1, fields, false) + rest.join(""));
      return server.seen(1).slice(length === "0" ? 0 : 1);
    };
    assert.deepEqual(post("5", data(1, "hello")), ['data "hello" END']);
    assert.deepEqual(post("5", data(1, "hell")), [CONTENT_LENGTH, "closed"]);
    assert.deepEqual(post("5", data(1, "hello!", false)), [CONTENT_LENGTH, "closed"]);
    assert.deepEqual(post("5", data(1, "hell", false), headers(1, [["t", "1"]])), [
      'data "hell"',
      CONTENT_LENGTH,
      "closed",
    ]);
    // A request without content is not told before it is certain to have none.
    const smuggled = data(1, "GET /smuggled HTTP/1.1\r\n\r\n");
    assert.deepEqual(post("0", smuggled), [CONTENT_LENGTH, "closed"]);
    assert.match(post("0", data(1, ""))[0]!, /content-length=0 END$/);
    assert.deepEqual(post("0"), []);
    assert.deepEqual(post("0", headers(1, [["t", "1"]])).slice(1), ["trailers t=1"]);
  });

  it("refuses trailers that frame or route", () => {
    for (const name of ["content-length", "host", ":path", "transfer-encoding"]) {
      const server = new TestServer({ overrideStreamErrorOnInvalidHttpMessage: true });
      server.read(PREFACE + headers(1, POST, false) + headers(1, [[name, "1"]]));
      assert.deepEqual(server.seen(1).slice(1), [INVALID, "closed"]);
    }
  });

  it("refuses octets above 127 where they are disallowed", () => {
    const options = { disallowObsText: true };
    assert.equal(verdict([...GET, ["x", "h\u00e4"]], options), INVALID);
    assert.equal(verdict(replaced(":path", "/\u00e4"), options), INVALID);
    const allowing = new TestServer();
    allowing.read(PREFACE + headers(1, [...GET, ["x", "h\u00e4"]]));
    assert.match(allowing.seen(1)[0]!, /x=h\u00e4 END$/);
  });

  it("acts on underscores as told", () => {
    const fields: Fields = [...GET, ["a_b", "1"], ["c", "2"]];
    const run = (action: "ALLOW" | "DROP_HEADER" | "REJECT_REQUEST"): TestServer => {
      const server = new TestServer({ headersWithUnderscoresAction: action });
      server.read(PREFACE + headers(1, fields));
      return server;
    };
    assert.match(run("ALLOW").seen(1)[0]!, /a_b=1,c=2 END$/);
    const dropped = run("DROP_HEADER");
    assert.match(dropped.seen(1)[0]!, /:path=\/x,c=2 END$/);
    assert.equal(dropped.counters.values["dropped_headers_with_underscores"], 1);
    const rejected = run("REJECT_REQUEST");
    assert.equal(rejected.seen(1)[0], "reset remote_reset http2.unexpected_underscore");
    assert.deepEqual(rejected.written, ["RST 1 2"]);
    const { values } = rejected.counters;
    assert.equal(values["requests_rejected_with_underscores_in_headers"], 1);
  });

  it("ends the connection for an invalid message where streams are not to be reset", () => {
    const server = new TestServer({ overrideStreamErrorOnInvalidHttpMessage: false });
    server.read(PREFACE + headers(1, POST, false) + headers(3, without(":path")) + headers(5, GET));
    assert.deepEqual(server.seen(3), [MESSAGING, "closed"]);
    assert.deepEqual(server.seen(1).slice(1), [
      "reset protocol_error codec_error:The_user_callback_function_failed",
      "closed",
    ]);
    assert.deepEqual(server.written, ["GOAWAY 3 1"]);
    assert.equal(server.connection.streams.size, 2);
  });

  it("holds a field that is only referred to against the same rules", () => {
    const server = new TestServer({ overrideStreamErrorOnInvalidHttpMessage: true });
    // A literal with indexing puts the bad field into the table; then it comes as a reference.
    const first = headers(1, GET);
    const bad = `${first.slice(9)}\x40\x01x\x03a\rb`;
    const again = `${first.slice(9)}\xbe`;
    const head = (id: number, payload: string): string =>
      `\0\0${String.fromCharCode(payload.length)}\x01\x05\0\0\0${String.fromCharCode(id)}${payload}`;
    server.read(PREFACE + head(1, bad) + head(3, again));
    assert.equal(server.seen(1)[0], INVALID);
    assert.equal(server.seen(3)[0], INVALID);
  });
});

/** A table of requests with strict verdicts, which lies beside the repository where it is developed. */
const CASES = fileURLToPath(
  new URL("../../../../../shared/cases/http1-cases.json", import.meta.url),
);

interface DowngradeCase {
  readonly id: string;
  readonly headers: Fields | { readonly then: readonly [string, string]; readonly times: number };
  readonly body?: string | null;
  readonly trailers?: Fields;
  readonly expect: "accept" | "reject" | "either";
}

const skip = existsSync(CASES) ? false : "../shared/cases/http1-cases.json is not there";
const cases: DowngradeCase[] = skip
  ? []
  : (JSON.parse(readFileSync(CASES, "utf8")) as { h2_downgrade: DowngradeCase[] }).h2_downgrade;
/** Refused by the owner of the codec: a fragment in the path, and a CONNECT that has no route. */
const OWNERS = new Set(["d-path-frag", "d-connect-noroute"]);

describe("the table of strict verdicts for HTTP/2", { skip }, () => {
  it("is there", () => assert.ok(cases.length > 20));
  for (const entry of cases) {
    it(entry.id, () => {
      const fields: Fields =
        "then" in entry.headers
          ? [...GET, ...Array.from({ length: entry.headers.times }, () => ["x-a", "1"] as const)]
          : entry.headers;
      const { body, trailers } = entry;
      let text = headers(1, fields, typeof body !== "string" && trailers === undefined);
      if (typeof body === "string") text += data(1, body, trailers === undefined);
      if (trailers !== undefined) text += headers(1, trailers);
      const server = new TestServer({ overrideStreamErrorOnInvalidHttpMessage: true });
      server.read(PREFACE + text);
      const seen = server.seen(1);
      const reset = seen.some((event) => event.startsWith("reset"));
      if (entry.expect === "accept") assert.equal(reset, false);
      else if (entry.expect === "reject" && !OWNERS.has(entry.id)) {
        assert.equal(reset, true);
        // Nothing complete came out before.
        assert.equal(
          seen.some((event) => event.endsWith("END") || event.startsWith("trailers")),
          false,
        );
      }
      assert.equal(server.connection.error, null);
    });
  }
});
