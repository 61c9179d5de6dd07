import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { FakeEtcd } from "@nuncio/gateway/testing/fake-etcd";
import { LAUNCHER, type CommandResult } from "../testing/running-proxy.ts";

const ROUTE_KEY = "/nuncio/resources/gateway.networking.k8s.io/HTTPRoute/default/shop";
const ROUTE = `
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: shop }
spec: { hostnames: [shop.example.com] }
`;

interface Fixture {
  readonly etcd: FakeEtcd;
  readonly url: string;
  readonly file: string;
  /** Runs `nuncio ctl ARGS... --etcd URL` to its end. */
  ctl(...args: string[]): Promise<CommandResult>;
}

async function fixture(t: TestContext): Promise<Fixture> {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-etcd-"));
  const etcd = new FakeEtcd();
  const url = await etcd.listen();
  t.after(async () => {
    await etcd.stop();
    rmSync(folder, { recursive: true });
  });
  const file = join(folder, "routes.yaml");
  return { etcd, url, file, ctl: (...args) => run(["ctl", ...args, "--etcd", url]) };
}

/** The fake is in this process, so it must not wait. */
function run(args: readonly string[]): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [LAUNCHER, ...args], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [stdout, stderr] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
    child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
    child.on("close", (status) => resolve({ status, stdout, stderr }));
  });
}

void test("apply, get and delete", { timeout: 60_000 }, async (t) => {
  const { etcd, file, ctl } = await fixture(t);
  writeFileSync(file, ROUTE);
  assert.equal((await ctl("apply", "-f", file)).stdout, "HTTPRoute default/shop created\n");
  assert.equal((await ctl("apply", "-f", file)).stdout, "HTTPRoute default/shop unchanged\n");
  const condition = { type: "ResolvedRefs", status: "False", reason: "BackendNotFound" };
  const parent = { parentRef: { name: "web" }, conditions: [condition] };
  etcd.store.put(ROUTE_KEY.replace("resources", "status"), JSON.stringify({ parents: [parent] }));
  const { stdout } = await ctl("get");
  assert.match(
    stdout,
    /^NAMESPACE +KIND +NAME +STATUS\ndefault +HTTPRoute +shop +ResolvedRefs=False BackendNotFound\n$/,
  );
  const json = await ctl("get", "httproutes", "shop", "-n", "default", "-o", "json");
  const [item] = JSON.parse(json.stdout).items;
  assert.deepEqual(item.spec.hostnames, ["shop.example.com"]);
  assert.equal(item.status.parents[0].conditions[0].reason, "BackendNotFound");

  assert.equal(
    (await ctl("delete", "httproute", "shop")).stdout,
    "HTTPRoute default/shop deleted\n",
  );
  assert.equal(etcd.store.text(ROUTE_KEY), undefined);
  const again = await ctl("delete", "-f", file);
  assert.deepEqual([again.status, again.stderr], [1, "HTTPRoute default/shop is not there\n"]);
  const none = await ctl("get", "httproute", "shop");
  assert.deepEqual([none.status, none.stderr], [1, "HTTPRoute shop is not there\n"]);
});

void test("nothing of a file with an error is put there", { timeout: 60_000 }, async (t) => {
  const { etcd, file, ctl } = await fixture(t);
  writeFileSync(
    file,
    `${ROUTE}---${ROUTE.replace("shop", "other").replace("hostnames", "hostnmes")}`,
  );
  const { status, stderr } = await ctl("apply", "-f", file);
  assert.equal(status, 1);
  assert.match(
    stderr,
    /routes\.yaml:\d+:\d+ HTTPRoute default\/other: spec\.hostnmes: .*\nnuncio: nothing was applied\n$/s,
  );
  assert.equal(etcd.store.keys.size, 0);
});

void test("wrong uses end with one line", { timeout: 60_000 }, async (t) => {
  const { etcd, url, file, ctl } = await fixture(t);
  writeFileSync(file, ROUTE);
  const cases: [args: string[], line: RegExp][] = [
    [["ctl", "get"], /^nuncio: expected --etcd\n$/],
    [
      ["ctl", "get", "--etcd", "localhost"],
      /^nuncio: --etcd: expected a URL such as .*"localhost"\n$/,
    ],
    [
      ["ctl", "get", "--etcd", url, "--etcd-user", "a"],
      /--etcd-user: expected --etcd-password-file beside it\n$/,
    ],
    [
      ["ctl", "get", "--etcd", url, "--etcd-ca", "/nowhere"],
      /\/nowhere: no such file or directory\n$/,
    ],
    [
      ["ctl", "get", "servce", "--etcd", url],
      /^nuncio: expected one of gatewayclass, .*; got "servce"\n$/,
    ],
    [
      ["ctl", "delete", "namespace", "a", "-n", "b", "--etcd", url],
      /--namespace: Namespace is of no namespace\n$/,
    ],
    [
      ["gateway", "run", "--etcd-keys-max", "1"],
      /^nuncio: --etcd-keys-max: expected --etcd beside it\n$/,
    ],
    [
      ["gateway", "run", "--etcd", url, "--etcd-keys-max", "0"],
      /expected a number from 1 on, got 0\n$/,
    ],
  ];
  for (const [args, line] of cases) {
    const { status, stderr } = await run(args);
    assert.match(stderr, line);
    assert.equal(status, 1);
  }
  await etcd.stop();
  const { stderr } = await ctl("get");
  assert.match(stderr, /^nuncio: --etcd: Unavailable: .*ECONNREFUSED.*\n$/);
});
