import assert from "node:assert/strict";
import { test } from "node:test";
import { typeUrlOf } from "../types/resource-type.ts";
import { response, sotwRig } from "./stream-rig.test-support.ts";

const EDS = typeUrlOf("EDS");

test("a name that is given up and wanted again before anybody was told is not lost", () => {
  const rig = sotwRig();
  const watch = rig.watch("EDS", ["a", "b"]);
  rig.open();
  rig.respond(response("EDS", "1", "n1", ["a=x", "b"]));
  const resume = rig.stream.pause([EDS]);
  watch.setNames(["b"]);
  rig.respond(response("EDS", "2", "n2", ["a=y"]));
  watch.setNames(["a", "b"]);
  watch.owner.take();
  resume();
  assert.deepEqual(rig.turn(), ["EDS v=2 [a,b] n=n2"]);
  assert.deepEqual(watch.owner.take(), ["+a@2"], "with the newest content");
});

test("a name that was away while a response crossed the request is not lost", () => {
  const rig = sotwRig();
  const watch = rig.watch("EDS", ["a", "b"]);
  rig.open();
  rig.respond(response("EDS", "1", "n1", ["a", "b"]));
  watch.setNames(["b"]);
  assert.deepEqual(rig.turn(), ["EDS v=1 [b] n=n1"]);
  // Sent before the server read the request, which it ignores then.
  assert.deepEqual(rig.respond(response("EDS", "2", "n2", ["b=x"])), ["EDS v=2 [b] n=n2"]);
  watch.owner.take();
  watch.setNames(["a", "b"]);
  assert.deepEqual(rig.turn(), ["EDS v=2 [a,b] n=n2"]);
  assert.deepEqual(watch.owner.take(), ["+a@1"]);
});

test("everything that is given up and wanted again before the server can know is not lost", () => {
  const rig = sotwRig();
  const first = rig.watch("CDS", ["*"]);
  rig.open();
  first.cancel();
  rig.respond(response("CDS", "1", "n1", ["a"]));
  const { owner } = rig.watch("CDS", ["*"]);
  rig.turn();
  assert.deepEqual(owner.take(), ["+a@1"]);
});

test("what came while nobody wanted it is not held when the first one to hear of it refuses it", () => {
  const rig = sotwRig();
  const first = rig.watch("CDS", ["*"]);
  rig.open();
  first.cancel();
  rig.respond(response("CDS", "1", "n1", ["a", "b"]));
  const second = rig.watch("CDS", ["*"]);
  second.owner.refuse = new Map([["a", "value is required"]]);
  rig.turn();
  assert.deepEqual(second.owner.take(), ["+a@1 +b@1"]);
  const third = rig.watch("CDS", ["*"]);
  rig.turn();
  assert.deepEqual(third.owner.take(), ["+b@1"]);
});

test("what was given up is forgotten with the stream, and the oldest of very many before", () => {
  const rig = sotwRig();
  const names = Array.from({ length: 1002 }, (_, index) => `n${index}`);
  const watch = rig.watch("EDS", names);
  rig.open();
  rig.respond(response("EDS", "1", "n1", names));
  watch.setNames(["n1001"]);
  rig.turn();
  const held = (): number => [...rig.stream.subscription(EDS).held()].length;
  assert.equal(held(), 1001);
  assert.deepEqual([...rig.stream.subscription(EDS).records()].length, 1);
  assert.deepEqual(rig.reconnect(), ["EDS node v=1 [n1001]"]);
  assert.equal(held(), 1);
});
