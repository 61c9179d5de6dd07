import fc, { type Arbitrary } from "fast-check";
import type { Step } from "../../diff/case.ts";
import type { ConfigWords } from "./config-words.ts";
import { maybe, one } from "./fields.ts";
import { COOKIES, HEADER_NAMES, HOSTS, METHODS, PARAMETERS, PATHS, VALUES } from "./vocabulary.ts";

/** Headers that the proxy itself has an opinion on. */
const SPECIAL_HEADERS: readonly string[] = [
  "X-Forwarded-For: 1.1.1.1",
  "X-Forwarded-For: 10.1.1.1, 2.2.2.2",
  "X-Forwarded-For: 10.1.1.1",
  "X-Forwarded-Proto: https",
  "X-Forwarded-Proto: http",
  "X-Forwarded-Host: f.test",
  "X-Forwarded-Port: 8443",
  "X-Request-Id: 7a1e1f2c-6b1c-4f5e-9a3d-2b8c1d0e9f4a",
  "X-Request-Id: mine",
  "X-Envoy-Internal: true",
  "X-Envoy-External-Address: 9.9.9.9",
  "X-Envoy-Original-Path: /o",
  "X-Envoy-Original-Host: o.test",
  "X-Envoy-Expected-Rq-Timeout-Ms: 7",
  "X-Envoy-Upstream-Rq-Timeout-Ms: 9000",
  "X-Envoy-Attempt-Count: 5",
  "X-Envoy-Decorator-Operation: op",
  "X-Real-Ip: 3.3.3.3",
  "X-Client-Trace-Id: c",
  "X-Cluster: ${up}",
  "X-Cluster: gone",
  "X-A: ${two}",
  "Via: 1.0 other",
  "TE: trailers",
  "Connection: close",
  "Connection: keep-alive",
  "Connection: x-a",
  "Keep-Alive: timeout=5",
  "Proxy-Connection: keep-alive",
  "Referer: http://a.test/x",
  "X-Under_score: 1",
  "Content-Type: application/grpc",
  "Content-Type: application/grpc+proto",
  "Content-Type: text/plain",
  "Grpc-Timeout: 2S",
  "Expect: 100-continue",
  "Forwarded: for=1.1.1.1",
  "X-Forwarded-Client-Cert: By=a",
  "x-scope: a;b",
  "x-scope: k=a",
  "x-scope: k=1,a",
];

const pathEdit: Arbitrary<(path: string) => string> = fc.constantFrom<((path: string) => string)[]>(
  (path) => path,
  (path) => path,
  (path) => path,
  (path) => `${path}/`,
  (path) => `${path}x`,
  (path) => `${path}/c`,
  (path) => `${path}%2Fc`,
  (path) => `${path}%5cc`,
  (path) => `${path}\\c`,
  (path) => `${path};p=1/c`,
  (path) => `${path}/..;p/a`,
  (path) => `/${path}`,
  (path) => `/.${path}`,
  (path) => `/x/..${path}`,
  (path) => `/..${path}`,
  (path) => `${path}/.`,
  (path) => `${path}/..`,
  (path) => `${path}/../a`,
  (path) => `${path}//c`,
  (path) => path.toUpperCase(),
  (path) => path.toLowerCase(),
  (path) => path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16)}`),
  (path) =>
    path.replace(/[a-z]/, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`),
  (path) => `${path}%20c`,
  (path) => `${path}%zz`,
  (path) => `${path}%`,
  (path) => `${path}%00`,
  (path) => `${path}/%2e%2E/a`,
  (path) => `${path}#f`,
  (path) => `${path}:c@d`,
  (path) => `${path}\u00e9`,
  (path) => `${path}|"<>^{}\``,
);

const TARGET_FORMS: readonly ((path: string) => string)[] = [
  ...Array.from({ length: 28 }, () => (path: string) => path),
  (path) => `http://abs.test${path}`,
  (path) => `https://a.test:443${path}`,
  (path) => `HTTP://A.test${path}`,
];

/** Lines that only make sense together. */
const HEADER_GROUPS: readonly (readonly string[])[] = [
  ["Connection: Upgrade", "Upgrade: websocket"],
  ["Connection: keep-alive, upgrade", "Upgrade: foo"],
  ["X-Envoy-Force-Trace: 1", "X-Client-Trace-Id: t"],
  ["Content-Type: application/grpc", "TE: trailers", "Grpc-Timeout: 3S"],
];

/** Bodies in chunks, as they are on the wire; one each, because Envoy joins those that one read brings. */
const CHUNKED: readonly string[] = [
  "0\r\n\r\n",
  "3\r\nabc\r\n0\r\n\r\n",
  "2;x=y\r\nbc\r\n0\r\nX-T: 1\r\n\r\n",
];

function queryOf(words: ConfigWords): Arbitrary<string> {
  const pair = fc.oneof(
    ...(words.parameters.length === 0 ? [] : [one(...words.parameters)]),
    fc.tuple(one(...PARAMETERS), one(...VALUES)).map(([name, value]) => `${name}=${value}`),
    one(
      "q",
      "=",
      "",
      "q=a%20b",
      "q=%61",
      "q=a+b",
      "Q=a",
      "q==",
      "q=a=b",
      "%71=a",
      "q=a?b",
      "q=/../x",
    ),
  );
  return fc
    .array(pair, { minLength: 0, maxLength: 3 })
    .map((pairs) => `?${pairs.join("&").replaceAll(" ", "%20")}`);
}

function headersOf(words: ConfigWords): Arbitrary<string[]> {
  const spelt = one(...HEADER_NAMES).chain((name) =>
    fc
      .tuple(one(name, name.toUpperCase()), one(...VALUES))
      .map(([own, value]) => `${own}: ${value}`),
  );
  const line = fc.oneof(
    ...(words.headers.length === 0 ? [] : [{ weight: 4, arbitrary: one(...words.headers) }]),
    { weight: 3, arbitrary: spelt },
    { weight: 3, arbitrary: one(...SPECIAL_HEADERS) },
    { weight: 1, arbitrary: cookieLine(words) },
    {
      weight: 1,
      arbitrary: one(
        "x-a:a",
        "x-a:   b\t",
        "X-A: \u00fc",
        'x-b: "q, r"',
        "x-empty:",
        "x-a: a, b , c",
      ),
    },
  );
  return fc
    .tuple(
      fc.array(line, { minLength: 0, maxLength: 5 }),
      fc.oneof(
        { weight: 12, arbitrary: fc.constant([]) },
        { weight: 1, arbitrary: one(...HEADER_GROUPS) },
      ),
    )
    .map(([lines, group]) => [...lines, ...group]);
}

function cookieLine(words: ConfigWords): Arbitrary<string> {
  const pair = fc.oneof(
    ...(words.cookies.length === 0 ? [] : [one(...words.cookies)]),
    fc.tuple(one(...COOKIES), one(...VALUES)).map(([name, value]) => `${name}=${value}`),
    one("s", "s=", '"', 's="a"', " s=a ", "=a"),
  );
  return fc
    .tuple(fc.array(pair, { minLength: 1, maxLength: 3 }), one("; ", ";", "; ; "))
    .map(([pairs, separator]) => `Cookie: ${pairs.join(separator)}`);
}

function hostOf(words: ConfigWords): Arbitrary<string> {
  const base = fc.oneof(
    { weight: 3, arbitrary: one(...HOSTS) },
    ...(words.hosts.length === 0 ? [] : [{ weight: 5, arbitrary: one(...words.hosts) }]),
  );
  const edit = one<(host: string) => string>(
    (host) => host,
    (host) => host,
    (host) => host,
    (host) => host.toUpperCase(),
    (host) => (/:\d+$/.test(host) ? host : `${host}:80`),
    (host) => (/:\d+$/.test(host) ? host : `${host}:\${port}`),
  );
  return fc.tuple(base, edit).map(([host, change]) => change(host));
}

/** One request that has something to do with a configuration. */
export function requestFor(words: ConfigWords): Arbitrary<Step> {
  const path = fc
    .tuple(
      fc.oneof(
        { weight: 1, arbitrary: one(...PATHS) },
        ...(words.paths.length === 0 ? [] : [{ weight: 3, arbitrary: one(...words.paths) }]),
      ),
      pathEdit,
      maybe(40, queryOf(words)),
      one(...TARGET_FORMS),
    )
    .map(([base, edit, query, form]) => form(`${edit(base)}${query ?? ""}`));
  return fc
    .tuple(
      fc.oneof({ weight: 4, arbitrary: one("GET") }, { weight: 2, arbitrary: one(...METHODS) }),
      fc.oneof({ weight: 60, arbitrary: path }, { weight: 1, arbitrary: one("*", "a", "?q") }),
      hostOf(words),
      headersOf(words),
      maybe(3, one("1.0")),
      fc.integer({ min: 0, max: 5 }),
    )
    .map(([method, target, host, lines, version, body]) => ({
      request: `${method} ${target.replaceAll(" ", "%20")}`,
      host,
      ...linesAndBody(
        method,
        version === undefined ? lines : lines.filter(noUpgrade),
        version === undefined ? body : Math.min(body, BODY_BYTES_MAX - 1),
      ),
      ...(version === undefined ? {} : { version }),
    }));
}

/** Some requests have a body: of so many bytes, or in chunks. */
function linesAndBody(method: string, headers: string[], kind: number): Partial<Step> {
  const hasBody = method === "POST" || method === "PUT";
  if (hasBody && kind >= BODY_BYTES_MAX)
    return {
      headers: [...headers, "Transfer-Encoding: chunked"],
      body: CHUNKED[kind - BODY_BYTES_MAX]!,
    };
  return {
    ...(headers.length === 0 ? {} : { headers }),
    ...(hasBody && kind > 0 ? { body: "x".repeat(kind) } : {}),
  };
}

const BODY_BYTES_MAX = 3;

/** Nuncio ignores an upgrade in HTTP/1.0, as it must (RFC 9110 7.8), and refuses chunks in it (RFC 9112 6.1). */
function noUpgrade(line: string): boolean {
  return !line.startsWith("Upgrade:");
}
