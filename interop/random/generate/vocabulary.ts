// What configurations and requests are made of. The pools are small on purpose: names meet each other, so that
// domains overlap, routes shadow routes, and requests hit what the configuration talks about.

/** Domains of virtual hosts. */
export const DOMAINS: readonly string[] = [
  "a.test",
  "b.a.test",
  "x-b.a.test",
  "c.test",
  "A.TEST",
  "a.test:80",
  "a.test:8080",
  "a.test.",
  "10.0.0.1",
  "*.test",
  "*.a.test",
  "*a.test",
  "*-b.a.test",
  "*.Test",
  "*.test:80",
  "a.*",
  "b.*",
  "b.a.*",
  "a.test*",
  "10.0.*",
  "*",
];

/** Host headers, besides those that domains give. */
export const HOSTS: readonly string[] = [
  "a.test",
  "A.Test",
  "a.test:80",
  "a.test:8080",
  "a.test:443",
  "a.test.",
  "a.test.:80",
  "b.a.test",
  "x-b.a.test",
  "c.test",
  "d.example",
  "10.0.0.1",
  "10.0.0.1:81",
  "[::1]",
  "[::1]:80",
  "test",
];

/** Paths of matchers; those of requests are made from them. */
export const PATHS: readonly string[] = [
  "/",
  "/a",
  "/a/",
  "/a/b",
  "/a/b/c",
  "/A",
  "/ab",
  "/a.b",
  "/a//b",
  "/a%2Fb",
  "/a;p",
  "/b",
  "/b/1",
  "/b/22/c",
  "/Foo/Bar",
  "/*",
];

/** Regular expressions that a path may match, each with a path that does. */
export const PATH_REGEXES: readonly (readonly [regex: string, path: string])[] = [
  ["/a/.*", "/a/b"],
  ["/[ab]+", "/ab"],
  [".*", "/b"],
  ["/(a|b)/(.*)", "/b/1"],
  ["(?i)/a.*", "/A"],
  ["/b/\\d+(/c)?", "/b/22/c"],
  ["^/a$", "/a"],
  [".*b", "/a/b"],
  ["/a\\.b", "/a.b"],
  ["/[^/]+/b", "/a/b"],
  ["(/a){1,2}/?", "/a/"],
];

/** URI templates, each with a path that they match. */
export const TEMPLATES: readonly (readonly [template: string, path: string])[] = [
  ["/{x}", "/a"],
  ["/a/{x}", "/a/b"],
  ["/a/{x}/c", "/a/b/c"],
  ["/{x}/{y}", "/a/b"],
  ["/{x=**}", "/a/b/c"],
  ["/a/*", "/a/b"],
  ["/a/**", "/a/b/c"],
  ["/*/b", "/a/b"],
  ["/{x=a/*}/{y}", "/a/b/c"],
  ["/b/{x}/{y=**}", "/b/22/c"],
  ["/{x=*}.b", "/a.b"],
];

/** Header names of matchers, mutations and requests. */
export const HEADER_NAMES: readonly string[] = ["x-a", "x-b", "X-C", "user-agent", "accept"];

/** Values of headers, of query parameters and of cookies. */
export const VALUES: readonly string[] = ["a", "b", "ab", "A", "1", "-5", "12", "a,b", "", "a b"];

/** Regular expressions of values. */
export const VALUE_REGEXES: readonly string[] = [
  "a",
  "[ab]+",
  ".*",
  "a.*",
  "(?i)a",
  "\\d+",
  "a,b|1",
];

/** Names of query parameters. */
export const PARAMETERS: readonly string[] = ["q", "r", "Q"];

/** Names of cookies. */
export const COOKIES: readonly string[] = ["s", "t"];

/** Methods of requests. */
export const METHODS: readonly string[] = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"];

/** What is said of a value: literals and what the substitution formatter fills in. */
export const HEADER_VALUES: readonly string[] = [
  "a",
  "b",
  "new",
  "%REQ(X-A)%",
  "%REQ(X-B?X-A)%",
  "%REQ(:PATH)%",
  "%REQ(:METHOD)%-%REQ(:AUTHORITY):3%",
  "%REQ(X-ENVOY-ORIGINAL-PATH?:PATH)%",
  "%REQ(X-NONE)%",
  "%PROTOCOL%",
  "%ROUTE_NAME%",
  "%VIRTUAL_CLUSTER_NAME%",
  "%DOWNSTREAM_REMOTE_ADDRESS_WITHOUT_PORT%",
  "%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%",
  "%DOWNSTREAM_LOCAL_PORT%",
  "%UPSTREAM_CLUSTER%",
  "%UPSTREAM_CLUSTER_RAW%",
  "%RESPONSE_CODE%",
  "%RESPONSE_CODE_DETAILS%",
  "%RESPONSE_FLAGS%",
  "%RESP(X-B)%",
  "%BYTES_RECEIVED%",
  "%QUERY_PARAM(q)%",
  "%QUERY_PARAMS(ORIG)%",
  "%PATH(WQ:ORIG)%",
  "%PATH(NQ:PATH)%x",
  "%METADATA(ROUTE:m:k)%",
  "%METADATA(VIRTUAL_HOST:m:k)%",
  "%REQ(HOST)%",
  "%RESPONSE_CODE_DETAILS(ALLOW_WHITESPACES)%",
  '%COALESCE({"operators": [{"command": "REQ", "param": "X-A"}, "PROTOCOL"]})%',
  "100%%",
  "x %REQ(X-A):1% y",
];

/** What only makes sense in a log. */
export const LOG_VALUES: readonly string[] = [
  "%RESP(SERVER?X-A)%",
  "%RESP(X-B):1%",
  "%RESP(SET-COOKIE)%",
  "%REQ(COOKIE)%",
  "%REQ(X-FORWARDED-FOR):4%",
  "%RESPONSE_TRAILERS_BYTES%",
  "%STREAM_ID%",
  "%GRPC_STATUS%",
  "%GRPC_STATUS_NUMBER%",
  "%UPSTREAM_HOST_NAME%",
  "%UPSTREAM_REMOTE_PORT%",
  "%ROUTE_NAME%/%REQ(X-A)%",
  "%FILTER_CHAIN_NAME%",
  "%CEL(request.url_path)%",
  "%CEL(request.headers['x-b'])%",
  "%CEL(request.query)%",
  "%CEL(response.code)%",
  "%CEL(xds.route_name)%",
];
