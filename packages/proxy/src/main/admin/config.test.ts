import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { load, validate } from "@nuncio/api";
import type { Admin } from "@nuncio/api/types/envoy/config/bootstrap/v3/bootstrap_pb";
import { testCompileContext } from "../../config/testing/compile-context.ts";
import { StatsStore } from "../../observe/stats/store.ts";
import { compileAdmin } from "./config.ts";
import type { AdminConfig } from "./config.ts";
import { FakeAdmin } from "./testing/fake-admin.ts";

const directory = mkdtempSync(join(tmpdir(), "admin-config-"));
after(() => rmSync(directory, { recursive: true }));

function compile(text: string): { config: AdminConfig | null; problems: string[] } {
  const source = { name: "admin.yaml", content: text };
  const loaded = load<Admin>("envoy.config.bootstrap.v3.Admin", [source]);
  validate(loaded);
  const { message, problems } = loaded;
  const config = compileAdmin(message, testCompileContext(problems, { stats: new StatsStore() }));
  return {
    config,
    problems: problems.list.map((problem) => `${problem.path}: ${problem.message}`),
  };
}

const ADDRESS = "address: { socket_address: { address: 127.0.0.1, port_value: 0 } }\n";
const FILE = "type.googleapis.com/envoy.extensions.access_loggers.file.v3.FileAccessLog";

describe("compileAdmin", () => {
  it("is nothing without an address", () => {
    assert.deepEqual(compile("{}"), { config: null, problems: [] });
  });

  it("takes an address, and all paths unless some are listed", () => {
    const { config } = compile(ADDRESS);
    assert.equal(config!.address.ip, "127.0.0.1");
    assert.equal(config!.allowsPath, null);
    const { allowsPath } = compile(
      `${ADDRESS}allow_paths: [{ exact: /ready }, { prefix: /stats }]`,
    ).config!;
    assert.deepEqual(
      ["/ready", "/ready?x", "/stats?usedonly", "/help"].map((path) => allowsPath!(path)),
      [true, false, true, false],
    );
  });

  it("refuses what is no listening address", () => {
    const { config, problems } = compile(
      "address: { socket_address: { address: host.name, port_value: 0 } }",
    );
    assert.equal(config, null);
    assert.match(problems.join("\n"), /malformed IP address: host\.name/);
  });

  it("makes a listener that logs its requests, to access_log and to access_log_path", async () => {
    const path = join(directory, "requests.log");
    const oldPath = join(directory, "old.log");
    const { config, problems } = compile(
      `${ADDRESS}access_log_path: ${oldPath}
access_log:
- name: file
  typed_config:
    "@type": ${FILE}
    path: ${path}
    log_format: { text_format: "%REQ(:METHOD)% %REQ(:PATH)% %PROTOCOL% %RESPONSE_CODE% %BYTES_SENT% %RESP(CONTENT-TYPE)%\\n" }
`,
    );
    assert.deepEqual(
      problems.filter((problem) => !problem.includes("deprecated")),
      [],
    );
    const admin = await FakeAdmin.start(config!);
    const { body } = await admin.get("/help?x");
    await admin.get("/nope");
    await admin.close();
    const [first, second] = readFileSync(path, "latin1").split("\n");
    assert.equal(first, `GET /help?x HTTP/1.1 200 ${body.length} text/plain; charset=UTF-8`);
    assert.match(second!, /^GET \/nope HTTP\/1\.1 404 /);
    assert.match(
      readFileSync(oldPath, "latin1"),
      /^\[.*Z\] "GET \/help\?x HTTP\/1\.1" 200 - 0 \d+ \d+ - "-" "-" "-" "127\.0\.0\.1:\d+" "-"\n/,
    );
  });
});
