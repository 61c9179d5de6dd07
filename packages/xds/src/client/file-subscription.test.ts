import assert from "node:assert/strict";
import { test } from "node:test";
import { ManualClock } from "../server/manual-clock.test-support.ts";
import { typeUrlOf } from "../types/resource-type.ts";
import type { FileEvents } from "./file-subscription.ts";
import { FileSubscription } from "./file-subscription.ts";
import { RecordingOwner } from "./stream-rig.test-support.ts";

function rig(type: string): {
  clock: ManualClock;
  file: FileSubscription;
  events: () => FileEvents;
  put(text: string): void;
  isClosed(): boolean;
} {
  const clock = new ManualClock();
  let events: FileEvents | null = null;
  let isClosed = false;
  const file = new FileSubscription({
    typeUrl: typeUrlOf(type),
    path: "xds.yaml",
    clock,
    transport: {
      follow(given) {
        events = given;
        return {
          close: () => {
            isClosed = true;
          },
        };
      },
    },
  });
  return {
    clock,
    file,
    events: () => events!,
    put: (text) => events!.onContent(Buffer.from(text)),
    isClosed: () => isClosed,
  };
}

function watchIn(
  file: FileSubscription,
  names: readonly string[],
): RecordingOwner & { cancel(): void } {
  const owner = new RecordingOwner();
  const watch = file.subscription.watch({ names, callbacks: owner, stats: owner });
  return Object.assign(owner, { cancel: () => watch.cancel() });
}

function clusters(version: string, ...names: string[]): string {
  const resources = names.map((name) => `- {"@type": ${typeUrlOf("CDS")}, name: ${name}}\n`);
  return `version_info: "${version}"\nresources:\n${resources.join("")}`;
}

test("a file has all that there is", () => {
  const { file, put } = rig("CDS");
  const owner = watchIn(file, ["*"]);
  put(clusters("1", "a", "b"));
  put(clusters("2", "b"));
  assert.deepEqual(owner.take(), ["+a@1 +b@1", "-a"]);
  assert.equal(file.status().state, "connected");
});

test("what is wrong is told by place, and what was accepted stays", () => {
  const { file, put } = rig("CDS");
  const owner = watchIn(file, ["*"]);
  put(clusters("1", "a"));
  put("version_info: '2'\nresuorces: []\n");
  assert.equal(owner.counts.rejected, 1);
  assert.match(file.status().lastDisconnect?.reason ?? "", /^xds\.yaml:2:1.*resuorces/);
  put(`resources: [{"@type": ${typeUrlOf("LDS")}, name: l}]`);
  assert.match(file.status().lastDisconnect?.reason ?? "", /xds\.yaml: resources\[0\]: .*Listener/);
  assert.deepEqual(owner.take(), ["+a@1"]);
});

test("a file that cannot be read at first is as good as none in time, and told once", () => {
  const { clock, file, put } = rig("CDS");
  const owner = watchIn(file, ["*"]);
  put("resuorces: []\n");
  assert.equal(owner.timeouts, 1);
  put("resources: [1]\n");
  clock.advance(60_000);
  assert.equal(owner.timeouts, 1);
  put(clusters("1", "a"));
  put("resuorces: []\n");
  assert.deepEqual([owner.timeouts, owner.take()], [1, ["+a@1"]]);
});

test("who comes later is told what the file has, though it does not change", () => {
  const { clock, file, put } = rig("EDS");
  const first = watchIn(file, ["a"]);
  put(
    `resources:\n- {"@type": ${typeUrlOf("EDS")}, cluster_name: a}\n- {"@type": ${typeUrlOf("EDS")}, cluster_name: b}`,
  );
  first.cancel();
  const second = watchIn(file, ["b"]);
  const third = watchIn(file, ["a"]);
  clock.advance(0);
  assert.deepEqual([first.take(), second.take(), third.take()], [["+a@"], ["+b@"], ["+a@"]]);
});

test("a file that is not there is a failure of the source", () => {
  const { file, events, isClosed } = rig("CDS");
  const owner = watchIn(file, ["*"]);
  events().onError("no such file");
  assert.deepEqual(owner.failures, ["no such file"]);
  file.close();
  assert.equal(isClosed(), true);
});
