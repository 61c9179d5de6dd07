// Import direction, as docs/architecture.md says it. Each rule has a planted violation in tools/fixtures/imports.

/** Rooms of the proxy that serve requests on a worker; `base` is below all of them. */
const SERVING =
  "config|extension|runtime|listener|matching|transport|network|http|upstream|observe|overload|grpc-client|access-loggers|protobuf";
const TEST = "[.]test[.]ts$";

/** @type {import("dependency-cruiser").IForbiddenRuleType[]} */
const forbidden = [
  {
    name: "no-cycle",
    comment: "Two files that need each other to load are one file. Types may refer to each other.",
    severity: "error",
    from: {},
    to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
  },
  {
    name: "resolvable",
    comment: "The import leads nowhere.",
    severity: "error",
    from: {},
    to: { couldNotResolve: true },
  },
  {
    name: "package-root-only",
    comment: "Another package is its index.ts (for api also its generated types).",
    severity: "error",
    from: { path: "^packages/([^/]+)/", pathNot: [TEST, "/testing/"] },
    to: { path: "^packages/", pathNot: "^packages/($1/|[^/]+/src/index[.]ts$|api/gen/)" },
  },
  {
    name: "package-root-in-tests",
    comment: "Tests of another package may use what it exports for tests as well.",
    severity: "error",
    from: { path: "^packages/([^/]+)/.*([.]test[.]ts$|/testing/)" },
    to: {
      path: "^packages/",
      pathNot: "^packages/($1/|[^/]+/src/(index[.]ts$|testing/|.*/testing/)|api/gen/)",
    },
  },
  {
    name: "api-is-below",
    comment: "api knows no other package.",
    severity: "error",
    from: { path: "^packages/api/" },
    to: { path: "^packages/(codec|xds|proxy|gateway|cli)/" },
  },
  {
    name: "codec-is-below",
    comment: "codec knows no other package and no dependency.",
    severity: "error",
    from: { path: "^packages/codec/", pathNot: [TEST, "/testing/"] },
    to: { path: "^(packages/(api|xds|proxy|gateway|cli)|node_modules)/" },
  },
  {
    name: "codec-has-no-io",
    comment: "codec is sans-I/O: no module of Node but buffer.",
    severity: "error",
    from: { path: "^packages/codec/", pathNot: TEST },
    to: { dependencyTypes: ["core"], pathNot: "^(node:)?buffer$" },
  },
  {
    name: "xds-below-proxy",
    comment: "xds is usable alone: it knows api and codec.",
    severity: "error",
    from: { path: "^packages/xds/" },
    to: { path: "^packages/(proxy|gateway|cli)/" },
  },
  {
    name: "xds-sans-io",
    comment: "The protocol takes messages and a clock; sockets and files are in transport.",
    severity: "error",
    from: { path: "^packages/xds/src/(types|client|server)/", pathNot: TEST },
    to: { path: "^(node:)?(net|tls|http|http2|https|fs)(/|$)|@connectrpc/|/src/transport/" },
  },
  {
    name: "proxy-below-cli",
    comment: "The command uses the proxy, never the other way round; the gateway is beside it.",
    severity: "error",
    from: { path: "^packages/proxy/" },
    to: { path: "^packages/(cli|gateway)/" },
  },
  {
    name: "gateway-beside-proxy",
    comment: "A control plane and a data plane meet in xDS and api only.",
    severity: "error",
    from: { path: "^packages/gateway/" },
    to: { path: "^packages/(proxy|codec|cli)/" },
  },
  {
    name: "ir-is-plain",
    comment: "The representation knows neither where it comes from nor what is made of it.",
    severity: "error",
    from: { path: "^packages/gateway/src/ir/" },
    to: {
      path: "^(packages|node_modules)/",
      pathNot: "^packages/gateway/src/(ir/|resources/object[.]ts$|incremental/)",
    },
  },
  {
    name: "translator-knows-no-xds",
    comment: "A translator writes the representation; what becomes of it is not its business.",
    severity: "error",
    from: { path: "^packages/gateway/src/(translator|status|resources|incremental)/" },
    to: { path: "^packages/(xds/|gateway/src/(xds|providers|infrastructure)/)" },
  },
  {
    name: "base-is-below",
    comment: "base knows no other room but the contracts of stats and runtime.",
    severity: "error",
    from: { path: "^packages/proxy/src/base/" },
    to: {
      path: "^packages/proxy/src/",
      pathNot:
        "^packages/proxy/src/(base/|(observe/stats/definition|runtime/(snapshot|model))[.]ts$)",
    },
  },
  {
    name: "observe-knows-no-http",
    comment: "Stats and logs are used by TCP too; what they need of HTTP they are handed.",
    severity: "error",
    from: { path: "^packages/proxy/src/observe/", pathNot: TEST },
    to: {
      path: "^packages/proxy/src/(http|network|listener|transport|upstream|grpc-client|access-loggers)/",
    },
  },
  {
    name: "transport-knows-no-http",
    comment: "A connection knows bytes.",
    severity: "error",
    from: { path: "^packages/proxy/src/transport/", pathNot: TEST },
    to: { path: "^packages/proxy/src/(http|network|listener|upstream)/" },
  },
  {
    name: "upstream-knows-no-listener",
    comment: "Clusters and pools do not know who asks.",
    severity: "error",
    from: { path: "^packages/proxy/src/upstream/", pathNot: TEST },
    to: { path: "^packages/proxy/src/(listener|network)/" },
  },
  {
    name: "threads-on-top",
    comment:
      "main, worker, path.ts and network-filters.ts put the rooms together; no room knows them.",
    severity: "error",
    from: { path: `^packages/proxy/src/(base|${SERVING})/`, pathNot: TEST },
    to: { path: "^packages/proxy/src/((main|worker)/|(path|network-filters)[.]ts$)" },
  },
  {
    name: "http-filters-stand-alone",
    comment: "A filter talks to another one by metadata and filter state only.",
    severity: "error",
    from: { path: "^packages/proxy/src/http/filters/([^/]+)/" },
    to: {
      path: "^packages/proxy/src/http/filters/[^/]+/",
      pathNot: "^packages/proxy/src/http/filters/$1/",
    },
  },
  {
    name: "tests-are-leaves",
    comment: "What two tests share has a file of its own.",
    severity: "error",
    from: {},
    to: { path: TEST },
  },
  {
    name: "declared-dependencies",
    comment:
      "The package's own package.json names what it needs to run; npm's hoisting hides the lack.",
    severity: "error",
    from: { path: "^packages/[^/]+/(src|bin)/", pathNot: [TEST, "/testing/"] },
    to: { dependencyTypes: ["npm-dev", "npm-no-pkg"] },
  },
];

export default {
  forbidden,
  options: {
    parser: "swc",
    tsPreCompilationDeps: true,
    doNotFollow: { path: "node_modules|^packages/api/gen/" },
    exclude: { path: "^tools/fixtures/" },
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      extensions: [".ts", ".mjs", ".js", ".json", ".d.ts"],
    },
    moduleSystems: ["es6"],
    cache: false,
  },
};
