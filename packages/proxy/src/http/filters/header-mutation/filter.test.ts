import assert from "node:assert/strict";
import { test } from "node:test";
import { checkImplemented, load, mergeImplemented, validate } from "@nuncio/api";
import type {
  HeaderMutation,
  HeaderMutationPerRoute,
} from "@nuncio/api/types/envoy/extensions/filters/http/header_mutation/v3/header_mutation_pb";
import type { HeaderMap } from "@nuncio/codec";
import type { CompileContext } from "../../../config/context.ts";
import { testCompileContext } from "../../../config/testing/compile-context.ts";
import { SampleWorker } from "../../../observe/access-log/sample-worker.ts";
import { implemented as formats } from "../../../observe/format/implemented.ts";
import { sampleContext, sampleHeaders } from "../../../observe/format/sample-context.ts";
import { HeadersStatus } from "../../filter.ts";
import type { DecoderFilterCallbacks, EncoderFilterCallbacks, HttpFilter } from "../../filter.ts";
import { matcherCompilers } from "../../route/matchers/compilers.ts";
import { headerMutation } from "./index.ts";

const TYPE = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";
const PER_ROUTE_TYPE = "envoy.extensions.filters.http.header_mutation.v3.HeaderMutationPerRoute";
const TABLE = mergeImplemented([
  headerMutation.implemented,
  formats,
  { "envoy.type.matcher.v3.StringMatcher": ["prefix", "exact"] },
]);

/** Decodes and checks one message as the main thread does. */
function read<Shape extends HeaderMutation | HeaderMutationPerRoute>(
  type: Shape["$typeName"],
  content: string,
): { message: Shape; ctx: CompileContext; errors: () => string[] } {
  const loaded = load<Shape>(type, [{ name: "filter.yaml", content }]);
  validate(loaded);
  const { message, problems } = loaded;
  checkImplemented(message, TABLE, problems);
  const ctx = testCompileContext(problems, { matchers: matcherCompilers });
  return {
    message,
    ctx,
    errors: () => problems.list.map(({ path, message: text }) => `${path}: ${text}`),
  };
}

/** One stream through a filter of this configuration, with per-route ones from least to most specific. */
function filter(yaml: string, perRoute: readonly string[] = []): HttpFilter {
  const worker = new SampleWorker();
  const { message, ctx, errors } = read<HeaderMutation>(TYPE, yaml);
  const plain = headerMutation.compile(message, ctx, { statPrefix: "http.in." });
  assert.deepEqual(errors(), []);
  const built = perRoute.map((content) => {
    const route = read<HeaderMutationPerRoute>(PER_ROUTE_TYPE, content);
    const compiled = headerMutation.compilePerRoute!(route.message, route.ctx);
    assert.deepEqual(route.errors(), []);
    return headerMutation.buildPerRoute!(structuredClone(compiled), worker);
  });
  // This filter asks nothing of its host.
  const made = headerMutation.build(structuredClone(plain), worker, undefined as never).create();
  const context = sampleContext();
  const callbacks: unknown = {
    streamInfo: context.streamInfo,
    requestHeaders: context.requestHeaders,
    perRouteConfigs: () => built,
  };
  made.setDecoderFilterCallbacks!(callbacks as DecoderFilterCallbacks);
  made.setEncoderFilterCallbacks!(callbacks as EncoderFilterCallbacks);
  return made;
}

function lines(headers: HeaderMap): string[] {
  return Array.from(
    { length: headers.size },
    (_, i) => `${headers.entries[2 * i]}: ${headers.entries[2 * i + 1]}`,
  );
}

function request(...pairs: readonly string[]): HeaderMap {
  return sampleHeaders(":method", "GET", ":authority", "h", ":path", "/", ...pairs);
}

function append(key: string, value: string, action = "APPEND_IF_EXISTS_OR_ADD"): string {
  return `{ append: { header: { key: ${key}, value: ${JSON.stringify(value)} }, append_action: ${action} } }`;
}

void test("both sides stand at the same types", () => {
  assert.equal(headerMutation.configType, TYPE);
  assert.equal(headerMutation.perRouteType, PER_ROUTE_TYPE);
});

void test("mutations of a request are applied one after the other", () => {
  const headers = request("ow", "O", "rm", "O", "x-rom-1", "a", "x-rom-2", "b");
  const steps = [
    append("ow", "N", "OVERWRITE_IF_EXISTS_OR_ADD"),
    append("chain", "%REQ(ow)%"),
    append("twice", "1", "ADD_IF_ABSENT"),
    append("twice", "2", "ADD_IF_ABSENT"),
    append("rm", "back"),
    "{ remove: RM }",
    "{ remove_on_match: { key_matcher: { prefix: x-rom } } }",
    "{ remove: host }",
  ];
  const status = filter(`mutations: { request_mutations: [${steps.join(", ")}] }`).decodeHeaders!(
    headers,
    true,
  );
  assert.equal(status, HeadersStatus.Continue);
  assert.deepEqual(lines(headers), ["ow: N", "chain: N", "twice: 1"]);
  assert.equal(headers.authority, "");
});

void test("responses and trailers of both directions have lists of their own", () => {
  const made = filter(`mutations:
    request_trailers_mutations: [${append("a", "%REQ(who)%")}]
    response_mutations: [${append("a", "%REQ(a)% %RESPONSE_CODE%")}]
    response_trailers_mutations: [${append("a", "%RESP(x)% %TRAILER(grpc-status)%")}]`);
  made.decodeHeaders!(request("who", "me"), false);
  const requestTrailers = sampleHeaders();
  made.decodeTrailers!(requestTrailers);
  assert.deepEqual(lines(requestTrailers), ["a: me"]);
  const response = sampleHeaders(":status", "200", "x", "y");
  made.encodeHeaders!(response, false);
  assert.deepEqual(lines(response), ["x: y", "a: value 200"]);
  const responseTrailers = sampleHeaders("grpc-status", "0");
  made.encodeTrailers!(responseTrailers);
  assert.deepEqual(lines(responseTrailers), ["grpc-status: 0", "a: y 0"]);
});

void test("the filter's own mutations come first, then the route's; the switch turns their order", () => {
  const mutations = (who: string): string =>
    `mutations: { request_mutations: [${append("who", who)}] }`;
  const routes = ["table", "vhost", "route"].map(mutations);
  const who = (wins: boolean): string[] => {
    const headers = request();
    const yaml = `${mutations("filter")}\nmost_specific_header_mutations_wins: ${wins}`;
    filter(yaml, routes).decodeHeaders!(headers, true);
    return headers.getAll("who");
  };
  assert.deepEqual(who(false), ["filter", "route", "vhost", "table"]);
  assert.deepEqual(who(true), ["filter", "table", "vhost", "route"]);
});

/** Paths before and after; like real Envoy 1.40, but escapes that were there stay. */
function rewritten(mutations: readonly string[], path: string): string {
  const headers = request();
  headers.path = path;
  filter(`mutations: { query_parameter_mutations: [${mutations.join(", ")}] }`).decodeHeaders!(
    headers,
    true,
  );
  return headers.path;
}

function query(key: string, value: string, action = "APPEND_IF_EXISTS_OR_ADD"): string {
  return `{ append: { record: { key: ${JSON.stringify(key)}, value: ${JSON.stringify(value)} }, action: ${action} } }`;
}

void test("query parameters are appended, sorted by name", () => {
  const add = [query("m", "1")];
  assert.equal(rewritten(add, "/"), "/?m=1");
  assert.equal(rewritten(add, "/?"), "/?m=1");
  assert.equal(rewritten(add, "/?m"), "/?m=&m=1");
  assert.equal(
    rewritten(add, "/?z=1&a=%2f&z=2&b&c=&=x&&d=1=2"),
    "/?=x&=&a=%2f&b=&c=&d=1=2&m=1&z=1&z=2",
  );
  assert.equal(rewritten(add, "/?m=%zz&M=1"), "/?M=1&m=%zz&m=1");
});

void test("query parameters know the four actions and removal; names are compared decoded", () => {
  const steps = [
    query("m", "1", "ADD_IF_ABSENT"),
    query("o", "N", "OVERWRITE_IF_EXISTS"),
    query("p", "N", "OVERWRITE_IF_EXISTS_OR_ADD"),
    "{ remove: r }",
  ];
  assert.equal(rewritten(steps, "/?m=&o=1&o=2&r=1&r=2&p=1&k=%20"), "/?k=%20&m=&o=N&p=N");
  assert.equal(rewritten(steps, "/x"), "/x?m=1&p=N");
  assert.equal(rewritten(steps, "/?%6d=1&%72=5"), "/?%6d=1&p=N");
  assert.equal(rewritten(["{ remove: nope }"], "/?"), "/");
});

void test("values of query parameters are formats; names and values are escaped", () => {
  assert.equal(
    rewritten([query("b", "%REQ(:method)% é&="), query("e", "%REQ(nope)%")], "/"),
    "/?b=GET%20%C3%A9%26%3D&e=",
  );
  assert.equal(
    rewritten([query("k k", "a/b?c&d=e%%f+g~h-i_j.k*l!m")], "/"),
    "/?k%20k=a%2Fb%3Fc%26d%3De%25f%2Bg%7Eh-i_j.k*l%21m",
  );
});

void test("formatters bring their commands", () => {
  const headers = request();
  headers.path = "/a?b";
  const formatter =
    '{ name: f, typed_config: { "@type": type.googleapis.com/envoy.extensions.formatter.req_without_query.v3.ReqWithoutQuery } }';
  const steps = append("p", "%REQ_WITHOUT_QUERY(:path)%");
  filter(`mutations: { request_mutations: [${steps}], formatters: [${formatter}] }`).decodeHeaders!(
    headers,
    true,
  );
  assert.equal(headers.get("p"), "/a");
});

void test("what cannot be done is refused, at its place", () => {
  const errors = (mutations: string): string[] => {
    const {
      message,
      ctx,
      errors: list,
    } = read<HeaderMutation>(TYPE, `mutations: { ${mutations} }`);
    headerMutation.compile(message, ctx, { statPrefix: "http.in." });
    return list();
  };
  const cases: readonly (readonly [yaml: string, error: string])[] = [
    [
      `request_mutations: [${append("':path'", "x")}]`,
      "request_mutations[0].append.header.key: :-prefixed or host headers may not be modified",
    ],
    [
      `response_mutations: [${append("host", "x")}]`,
      "response_mutations[0].append.header.key: :-prefixed or host headers may not be modified",
    ],
    [
      "request_mutations: [{ remove: ':path' }]",
      "request_mutations[0].remove: not implemented yet: removal of pseudo header :path",
    ],
    [
      `request_mutations: [${append("a", "%FOO%")}]`,
      "request_mutations[0].append.header.value: Not supported field in StreamInfo: FOO",
    ],
    [
      "query_parameter_mutations: [{}]",
      "query_parameter_mutations[0]: One of 'append'/'remove' must be specified.",
    ],
    [
      "query_parameter_mutations: [{ append: {} }]",
      "query_parameter_mutations[0].append: No record specified for append mutation.",
    ],
    [
      "query_parameter_mutations: [{ append: { record: { key: a, value: 1 } } }]",
      "query_parameter_mutations[0].append.record.value: Only string value is allowed for record value.",
    ],
    [
      "query_parameter_mutations: [{ remove: a, append: { record: { key: a, value: x } } }]",
      "query_parameter_mutations[0].remove: Only one of 'append'/'remove can be specified.",
    ],
  ];
  for (const [yaml, error] of cases) assert.deepEqual(errors(yaml), [`mutations.${error}`], yaml);
});
