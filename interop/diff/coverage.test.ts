import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { envoyTypes } from "@nuncio/api";
import { implementedTable } from "../../packages/proxy/src/main/implemented.ts";
import { REPOSITORY } from "../harness/repository.ts";
import { coverageProblems, parseCoverage } from "./coverage.ts";
import { loadCases } from "./load-cases.ts";
import { CASES_FOLDER } from "./run-diff.ts";

const REFUSED = "Fields that are refused";
const ROOTS = [
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
  "envoy.config.route.v3.RouteConfiguration",
  "envoy.config.route.v3.ScopedRouteConfiguration",
  "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
  "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
  "envoy.extensions.transport_sockets.tls.v3.SPIFFECertValidatorConfig",
  "envoy.extensions.transport_sockets.tls.v3.Secret",
  "envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
];

const rows = parseCoverage(readFileSync(join(import.meta.dirname, "coverage.md"), "utf8"));

test("each row has a case or a known need, and each case is there", () => {
  const names = new Set(loadCases(CASES_FOLDER).map(({ name }) => name));
  const hasTest = (path: string): boolean => existsSync(join(REPOSITORY, path));
  assert.deepEqual(coverageProblems(rows, names, hasTest), []);
  assert.ok(rows.length > 300, `${rows.length} rows`);
  assert.equal(new Set(rows.map(({ table }) => table)).size, 18);
});

test("the fields that are refused are those of the table", () => {
  const listed = rows.filter(({ table }) => table === REFUSED).map(({ what }) => what);
  assert.deepEqual(listed.toSorted(), refusedFields().toSorted());
});

test("a name that is missing, an unknown need and an empty row are found", () => {
  const planted = [
    "## T",
    "| what | shown by |",
    "| ---- | -------- |",
    "| a | `group/there`, `group/gone` |",
    "| b | with HTTP/3, with luck |",
    "| c | |",
    "| d | `packages/a.test.ts`, `packages/b.test.ts` |",
    "| e | `group/a, b`, with HTTP/3 |",
  ];
  const found = coverageProblems(
    parseCoverage(planted.join("\n")),
    new Set(["group/there", "group/a, b"]),
    (path) => path === "packages/a.test.ts",
  );
  assert.deepEqual(found, [
    "coverage.md:4 a: there is no case group/gone",
    'coverage.md:5 b: "with luck" is no known need',
    "coverage.md:6 c: expected a case, a test or a need",
    "coverage.md:7 d: there is no test packages/b.test.ts",
  ]);
});

/** Fields that are not implemented, of all messages that are and can stand below the roots. */
function refusedFields(): string[] {
  const table = implementedTable();
  const refused: string[] = [];
  const seen = new Set<string>(ROOTS);
  for (const name of seen) {
    if (name.startsWith("google.protobuf.")) continue;
    const implemented = table.get(name);
    const message = envoyTypes().getMessage(name)!;
    const short = name.split(".").slice(name.split(".").findIndex((part) => /^[A-Z]/.test(part)));
    for (const field of message.fields) {
      if (implemented !== "all" && implemented?.has(field.name) !== true)
        refused.push(`${short.join(".")}.${field.name}`);
      else if (field.message !== undefined) seen.add(field.message.typeName);
    }
  }
  return refused;
}
