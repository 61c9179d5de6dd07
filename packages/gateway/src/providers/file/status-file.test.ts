import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import type { ObjectStatus } from "../../status/object-status.ts";
import { StatusFile } from "./status-file.ts";

function pathFor(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), "nuncio-status-"));
  t.after(() => rmSync(folder, { recursive: true }));
  return join(folder, "status.json");
}

function accepted(status: "True" | "False"): ObjectStatus {
  const condition = { type: "Accepted", status, reason: "Accepted", message: "" };
  return {
    kind: "HTTPRoute",
    key: "ns/a",
    status: { conditions: [{ ...condition, observedGeneration: 1 }] },
  };
}

function write(path: string, now: string, status: ObjectStatus | undefined): unknown {
  const file = new StatusFile({
    path,
    now: () => Date.parse(now),
    onError: (message) => assert.fail(message),
  });
  file.update(new Map([["HTTPRoute/ns/a", status]]));
  file.close();
  return JSON.parse(readFileSync(path, "utf8"));
}

function expected(status: string, time: string): unknown {
  const condition = {
    type: "Accepted",
    status,
    reason: "Accepted",
    message: "",
    observedGeneration: 1,
    lastTransitionTime: time,
  };
  return {
    apiVersion: "v1",
    kind: "List",
    items: [
      {
        apiVersion: "gateway.networking.k8s.io/v1",
        kind: "HTTPRoute",
        metadata: { namespace: "ns", name: "a" },
        status: { conditions: [condition] },
      },
    ],
  };
}

test("statuses are in the file with the times of their changes, which outlive a restart", (t) => {
  const path = pathFor(t);
  const first = expected("True", "2026-01-01T00:00:00Z");
  assert.deepEqual(write(path, "2026-01-01T00:00:00.123Z", accepted("True")), first);
  assert.deepEqual(write(path, "2026-01-02T00:00:00Z", accepted("True")), first);
  assert.deepEqual(
    write(path, "2026-01-03T00:00:00Z", accepted("False")),
    expected("False", "2026-01-03T00:00:00Z"),
  );
});

test("an object that is gone is not there; a file that is no such file is exchanged", (t) => {
  const path = pathFor(t);
  writeFileSync(path, "something else");
  const none = { apiVersion: "v1", kind: "List", items: [] };
  assert.deepEqual(write(path, "2026-01-01T00:00:00Z", undefined), none);
});

test("a file that cannot be written is told of", (t) => {
  const errors: string[] = [];
  const path = join(pathFor(t), "below/status.json");
  const file = new StatusFile({ path, onError: (message) => errors.push(message) });
  file.update(new Map([["HTTPRoute/ns/a", accepted("True")]]));
  file.close();
  assert.match(errors.join(), /below\/status\.json: ENOENT/);
});

test("ages outlive a restart; without a file there are none", (t) => {
  const path = pathFor(t);
  const time = "2026-01-01T00:00:00.000Z";
  const open = () =>
    new StatusFile({
      path,
      arrivalOf: (kind, key) => (`${kind} ${key}` === "HTTPRoute ns/b" ? time : undefined),
      onError: (message) => assert.fail(message),
    });
  const file = open();
  assert.equal(file.arrivals, undefined);
  const status = accepted("True");
  file.update(
    new Map([
      ["HTTPRoute/ns/a", status],
      ["HTTPRoute/ns/b", { ...status, key: "ns/b" }],
    ]),
  );
  file.close();
  assert.deepEqual(
    open().arrivals,
    new Map([
      ["HTTPRoute/ns/a", undefined],
      ["HTTPRoute/ns/b", time],
    ]),
  );
});
