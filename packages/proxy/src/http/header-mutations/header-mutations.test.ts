import assert from "node:assert/strict";
import { test } from "node:test";
import { load, validate } from "@nuncio/api";
import type { VirtualHost } from "@nuncio/api/types/envoy/config/route/v3/route_components_pb";
import type { HeaderMap } from "@nuncio/codec";
import { testCompileContext } from "../../config/testing/compile-context.ts";
import { sampleClock, sampleContext, sampleHeaders } from "../../observe/format/sample-context.ts";
import { matcherCompilers } from "../route/matchers/compilers.ts";
import { compileHeaderValueOptions } from "./compile.ts";
import { HeaderMutations } from "./header-mutations.ts";

interface Compiled {
  readonly mutations: HeaderMutations | null;
  readonly errors: readonly string[];
}

/** Compiles the request's header edits of a virtual host; `yaml` is `request_headers_to_add: …` and so on. */
function compile(yaml: string): Compiled {
  const content = `{ name: v, domains: ["*"], ${yaml} }`;
  const loaded = load<VirtualHost>("envoy.config.route.v3.VirtualHost", [
    { name: "vh.yaml", content },
  ]);
  validate(loaded);
  const { message, problems } = loaded;
  const ctx = testCompileContext(problems, { matchers: matcherCompilers });
  const { requestHeadersToAdd: add, requestHeadersToRemove: remove } = message;
  const config = compileHeaderValueOptions(add, remove, ctx, message, "request_headers_to_remove");
  return {
    mutations: config === null ? null : new HeaderMutations(structuredClone(config), sampleClock),
    errors: problems.list
      .filter((problem) => problem.severity === "error")
      .map((problem) => `${problem.path}: ${problem.message}`),
  };
}

function option(key: string, value: string, more = ""): string {
  return `{ header: { key: ${JSON.stringify(key)}, value: ${JSON.stringify(value)} }${more === "" ? "" : `, ${more}`} }`;
}

/** The headers after the edits, as `name: value` lines. */
function edited(
  headers: HeaderMap,
  add: readonly string[],
  remove: readonly string[] = [],
): string[] {
  const { mutations, errors } = compile(
    `request_headers_to_add: [${add.join(", ")}], request_headers_to_remove: ${JSON.stringify(remove)}`,
  );
  assert.deepEqual(errors, []);
  mutations!.apply(headers, sampleContext({ requestHeaders: headers }));
  const lines: string[] = [];
  for (let i = 0; i < headers.entries.length; i += 2)
    lines.push(`${headers.entries[i]}: ${headers.entries[i + 1]}`);
  return lines;
}

function request(...pairs: readonly string[]): HeaderMap {
  return sampleHeaders(":method", "GET", ":path", "/", ":authority", "h", ...pairs);
}

void test("the four actions, in Envoy's order: what overwrites goes first, and to the end", () => {
  const headers = request(
    "ow",
    "1",
    "ow",
    "2",
    "zz",
    "1",
    "app",
    "O",
    "abs",
    "O",
    "owe",
    "1",
    "owe",
    "2",
  );
  assert.deepEqual(
    edited(headers, [
      option("app", "N"),
      option("abs", "N", "append_action: ADD_IF_ABSENT"),
      option("abs2", "N", "append_action: ADD_IF_ABSENT"),
      option("ow", "N", "append_action: OVERWRITE_IF_EXISTS_OR_ADD"),
      option("owe", "N", "append_action: OVERWRITE_IF_EXISTS"),
      option("owe2", "N", "append_action: OVERWRITE_IF_EXISTS"),
      option("Ow2", "N", "append_action: OVERWRITE_IF_EXISTS_OR_ADD"),
    ]),
    ["zz: 1", "app: O", "abs: O", "ow: N", "owe: N", "ow2: N", "app: N", "abs2: N"],
  );
});

void test("the deprecated append is an action, too", () => {
  const headers = request("f", "O", "t", "O");
  assert.deepEqual(
    edited(headers, [option("f", "N", "append: false"), option("t", "N", "append: true")]),
    ["t: O", "f: N", "t: N"],
  );
});

void test("an empty value leaves the headers alone, unless keep_empty_value", () => {
  const headers = request("a", "O", "b", "O");
  assert.deepEqual(
    edited(headers, [
      option("a", "", "append_action: OVERWRITE_IF_EXISTS_OR_ADD"),
      option(
        "b",
        "%REQ(nope)%",
        "append_action: OVERWRITE_IF_EXISTS_OR_ADD, keep_empty_value: true",
      ),
      option("c", "%REQ(nope)%"),
      option("d", "", "keep_empty_value: true"),
      option("e", "a%REQ(nope)%b"),
    ]),
    ["a: O", "b: ", "d: ", "e: ab"],
  );
});

void test("values and conditions see the headers as they are after the removals, before any addition", () => {
  const headers = request("gone", "1", "b", "O");
  assert.deepEqual(
    edited(
      headers,
      [
        option("a", "A"),
        option("chain", "%REQ(a)%.%REQ(b)%.%REQ(gone)%"),
        option("twice", "1", "append_action: ADD_IF_ABSENT"),
        option("twice", "2", "append_action: ADD_IF_ABSENT"),
        option("gone", "back"),
      ],
      ["Gone"],
    ),
    ["b: O", "a: A", "chain: .O.", "twice: 1", "twice: 2", "gone: back"],
  );
});

void test("where Envoy keeps one line, values are joined; the direction decides", () => {
  const add = [
    option("accept", "N"),
    option("x-forwarded-for", "N"),
    option("vary", "N"),
    option("cookie", "N"),
  ];
  const old = ["accept", "O", "x-forwarded-for", "", "vary", "O", "cookie", "O"];
  assert.deepEqual(edited(request(...old), add), [
    "accept: O,N",
    "x-forwarded-for: N",
    "vary: O",
    "cookie: O",
    "vary: N",
    "cookie: N",
  ]);
  assert.deepEqual(edited(sampleHeaders(":status", "200", ...old), add), [
    "accept: O",
    "x-forwarded-for: ",
    "vary: O,N",
    "cookie: O",
    "accept: N",
    "x-forwarded-for: N",
    "cookie: N",
  ]);
});

void test("old spellings of metadata and state are taken in header values", () => {
  const headers = request();
  const { mutations, errors } = compile(
    `request_headers_to_add: [${option("a", '%DYNAMIC_METADATA(["ns", "k"])%-%PER_REQUEST_STATE(s)%')}]`,
  );
  assert.deepEqual(errors, []);
  const context = sampleContext();
  context.streamInfo.dynamicMetadata = { ns: { k: "v" } };
  context.streamInfo.filterState = new Map([["s", "state"]]);
  mutations!.apply(headers, context);
  assert.equal(headers.get("a"), "v-state");
});

void test("text that is not ASCII is sent as UTF-8", () => {
  assert.deepEqual(edited(request("in", "\xff"), [option("a", "é%REQ(in)%")]), [
    "in: \xff",
    "a: \xc3\xa9\xff",
  ]);
});

void test("nothing to do is nothing", () => {
  assert.equal(compile("routes: []").mutations, null);
});

void test("what Envoy refuses is refused, with its words", () => {
  const cases: readonly (readonly [yaml: string, errors: readonly string[]])[] = [
    ...[":path", ":foo", "Host"].map((name): readonly [string, readonly string[]] => [
      `request_headers_to_add: [${option(name, "x")}]`,
      ["request_headers_to_add[0].header.key: :-prefixed or host headers may not be modified"],
    ]),
    [
      `request_headers_to_add: [${option("a b", "x")}]`,
      ["request_headers_to_add[0].header.key: expected a header name, seen 'a b'"],
    ],
    [
      `request_headers_to_add: [${option("a", "%FOO%")}]`,
      ["request_headers_to_add[0].header.value: Not supported field in StreamInfo: FOO"],
    ],
    [
      `request_headers_to_add: [${option("a", "x", "append: true, append_action: OVERWRITE_IF_EXISTS")}]`,
      [
        "request_headers_to_add[0].append: Both append and append_action are set and it's not allowed",
      ],
    ],
    [
      "request_headers_to_remove: [a, host, ':path']",
      [
        "request_headers_to_remove[1]: :-prefixed or host headers may not be removed",
        "request_headers_to_remove[2]: :-prefixed or host headers may not be removed",
      ],
    ],
  ];
  for (const [yaml, errors] of cases) assert.deepEqual(compile(yaml).errors, errors, yaml);
});
