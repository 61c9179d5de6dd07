import assert from "node:assert/strict";
import { test } from "node:test";
import { typeUrlOf } from "../types/resource-type.ts";
import { anyOf, anyWrapped, response, sotwRig } from "./stream-rig.test-support.ts";

const CDS = typeUrlOf("CDS");
const EDS = typeUrlOf("EDS");

test("the first request carries the node, an ACK the version and the nonce", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("CDS", ["*"]);
  assert.deepEqual(rig.open(), ["CDS node []"]);
  assert.deepEqual(rig.respond(response("CDS", "1", "n1", ["a", "b"])), ["CDS v=1 [] n=n1"]);
  assert.deepEqual(owner.take(), ["+a@1 +b@1"]);
  assert.equal(owner.version, "1");
});

test("the node is in every request unless it is asked for once", () => {
  const rig = sotwRig({ setNodeOnFirstMessageOnly: false });
  rig.watch("CDS", ["*"]);
  rig.open();
  assert.deepEqual(rig.respond(response("CDS", "1", "n1", [])), ["CDS node v=1 [] n=n1"]);
});

test("a NACK has the nonce, the last good version and the owner's text", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("RDS", ["r"]);
  assert.deepEqual(rig.open(), ["RDS node [r]"]);
  rig.respond(response("RDS", "1", "n1", ["r=x"]));
  owner.refuse = new Map([["r", "no such cluster"]]);
  assert.deepEqual(rig.respond(response("RDS", "2", "n2", ["r=y"])), [
    "RDS v=1 [r] n=n2 error=r: no such cluster",
  ]);
  assert.equal(owner.counts.rejected, 1);
  assert.equal(owner.version, "1", "the version of the last success stays");
  owner.refuse = new Map();
  owner.take();
  assert.deepEqual(rig.respond(response("RDS", "3", "n3", ["r=y"])), ["RDS v=3 [r] n=n3"]);
  assert.deepEqual(owner.take(), ["+r@3"], "what was refused is handed out again");
});

test("good clusters of a response are kept, the bad ones named, all in Envoy's sentence", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("CDS", ["*"]);
  rig.open();
  rig.respond(response("CDS", "1", "n1", ["a", "gone"]));
  owner.refuse = new Map([
    ["b", "no eds_config"],
    ["c", "no address"],
  ]);
  assert.deepEqual(rig.respond(response("CDS", "2", "n2", ["a=new", "b", "c"])), [
    "CDS v=1 [] n=n2 error=Error adding/updating cluster(s) b: no eds_config, c: no address",
  ]);
  assert.deepEqual(owner.take(), ["+a@1 +gone@1", "+a@2 +b@2 +c@2 -gone"]);
  const held = [...rig.stream.subscription(CDS).held()];
  assert.deepEqual(
    held.map(({ name, version }) => `${name}@${version}`),
    ["a@2"],
  );
});

test("an owner that refuses everything keeps what it had, and so do we", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("CDS", ["*"]);
  rig.open();
  rig.respond(response("CDS", "1", "n1", ["a", "b"]));
  owner.refuse = new Map([[null, "value is required"]]);
  assert.deepEqual(rig.respond(response("CDS", "2", "n2", ["a=new"])), [
    "CDS v=1 [] n=n2 error=value is required",
  ]);
  const held = [...rig.stream.subscription(CDS).held()];
  assert.deepEqual(
    held.map(({ name, version }) => `${name}@${version}`),
    ["a@1", "b@1"],
  );
  owner.refuse = new Map();
  owner.take();
  rig.respond(response("CDS", "3", "n3", ["a=new"]));
  assert.deepEqual(owner.take(), ["+a@3 -b"], "nothing is lost");
});

test("an owner that throws refuses everything", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("CDS", ["*"]);
  owner.onTold = () => {
    throw new Error("broken");
  };
  rig.open();
  assert.deepEqual(rig.respond(response("CDS", "1", "n1", ["a"])), ["CDS [] n=n1 error=broken"]);
  assert.deepEqual([...rig.stream.subscription(CDS).held()], []);
});

test("what a full state leaves out is gone; of other types it is kept", () => {
  const rig = sotwRig();
  const clusters = rig.watch("CDS", ["*"]).owner;
  const endpoints = rig.watch("EDS", ["a", "b"]).owner;
  rig.open();
  rig.respond(response("CDS", "1", "n1", ["a", "b"]));
  rig.respond(response("EDS", "1", "n2", ["a", "b"]));
  rig.respond(response("CDS", "2", "n3", ["a"]));
  rig.respond(response("EDS", "2", "n4", ["a=new"]));
  assert.deepEqual(clusters.take(), ["+a@1 +b@1", "-b"]);
  assert.deepEqual(endpoints.take(), ["+a@1 +b@1", "+a@2"]);
  rig.respond(response("CDS", "3", "n5", []));
  assert.deepEqual(clusters.take(), ["-a"]);
});

test("scoped routes that are left out are gone too, as Envoy has it", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("SRDS", ["*"]);
  rig.open();
  rig.respond(response("SRDS", "1", "n1", ["a", "b"]));
  rig.respond(response("SRDS", "2", "n2", ["b"]));
  assert.deepEqual(owner.take(), ["+a@1 +b@1", "-a"]);
});

test("content that is held is not handed out again, whatever its version", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("CDS", ["*"]);
  rig.open();
  rig.respond(response("CDS", "1", "n1", ["a=x", "b=x"]));
  owner.take();
  assert.deepEqual(rig.respond(response("CDS", "2", "n2", ["a=x", "b=y"])), ["CDS v=2 [] n=n2"]);
  assert.deepEqual(owner.take(), ["+b@2"]);
  assert.equal(rig.stream.subscription(CDS).heldVersion("a"), "2");
});

test("an empty first response is told to those who want everything", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("LDS", ["*"]);
  rig.open();
  rig.respond(response("LDS", "1", "n1", []));
  assert.deepEqual(owner.take(), [""]);
});

test("a watch of a name hears of that name only; resources that nobody wants are ignored", () => {
  const rig = sotwRig();
  const first = rig.watch("EDS", ["a"]).owner;
  const second = rig.watch("EDS", ["b"]).owner;
  assert.deepEqual(rig.open(), ["EDS node [a,b]"]);
  assert.deepEqual(rig.respond(response("EDS", "1", "n1", ["a", "c"])), ["EDS v=1 [a,b] n=n1"]);
  assert.deepEqual(first.take(), ["+a@1"]);
  assert.deepEqual(second.take(), []);
  assert.deepEqual([first.counts.success, second.counts.success], [1, 0]);
});

test("the same name is asked for once, and delivered to all who want it", () => {
  const rig = sotwRig();
  const first = rig.watch("EDS", ["a"]);
  const second = rig.watch("EDS", ["a"]);
  assert.deepEqual(rig.open(), ["EDS node [a]"]);
  rig.respond(response("EDS", "1", "n1", ["a"]));
  assert.deepEqual([...first.owner.take(), ...second.owner.take()], ["+a@1", "+a@1"]);
  second.cancel();
  assert.deepEqual(rig.turn(), [], "somebody still wants it");
  first.cancel();
  assert.deepEqual(rig.turn(), ["EDS v=1 [] n=n1"]);
});

test("who comes later is told what is here, after its watch was made", () => {
  const rig = sotwRig();
  rig.watch("EDS", ["a"]);
  rig.open();
  rig.respond(response("EDS", "1", "n1", ["a"]));
  const { owner } = rig.watch("EDS", ["a"]);
  assert.deepEqual(owner.take(), []);
  assert.deepEqual(rig.turn(), []);
  assert.deepEqual(owner.take(), ["+a@1"]);
});

test("the wildcard is empty as long as nothing was named on the stream", () => {
  const rig = sotwRig();
  const all = rig.watch("CDS", ["*"]);
  assert.deepEqual(rig.open(), ["CDS node []"]);
  const some = rig.watch("CDS", ["a"]);
  assert.deepEqual(rig.turn(), ["CDS [*,a]"]);
  some.cancel();
  assert.deepEqual(rig.turn(), ["CDS [*]"], "an empty list would give up everything");
  all.cancel();
  assert.deepEqual(rig.turn(), ["CDS []"]);
});

test("nothing is asked for on a new stream when nothing is wanted", () => {
  const rig = sotwRig();
  rig.watch("CDS", ["*"]);
  const endpoints = rig.watch("EDS", ["a"]);
  rig.open();
  endpoints.cancel();
  rig.turn();
  assert.deepEqual(rig.reconnect(), ["CDS node []"]);
});

test("a response for names that were all given up is answered, so that the server can go on", () => {
  const rig = sotwRig();
  const watch = rig.watch("EDS", ["a"]);
  rig.open();
  watch.cancel();
  assert.deepEqual(rig.turn(), ["EDS []"]);
  assert.deepEqual(rig.respond(response("EDS", "1", "n1", ["a"])), ["EDS v=1 [] n=n1"]);
  assert.deepEqual(watch.owner.take(), []);
});

test("a new stream tells the version, and no nonce", () => {
  const rig = sotwRig();
  rig.watch("CDS", ["*"]);
  rig.open();
  rig.respond(response("CDS", "1", "n1", ["a"]));
  assert.deepEqual(rig.reconnect(), ["CDS node v=1 []"]);
});

test("a new stream asks for everything when something that is wanted is not here", () => {
  const rig = sotwRig();
  rig.watch("EDS", ["a", "b"]);
  rig.open();
  rig.respond(response("EDS", "1", "n1", ["a"]));
  assert.deepEqual(rig.reconnect(), ["EDS node [a,b]"]);
});

test("a NACK that a dead stream did not carry is not sent on the next", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("CDS", ["*"]);
  owner.refuse = new Map([["a", "bad"]]);
  rig.open();
  const resume = rig.stream.pause([CDS]);
  rig.respond(response("CDS", "1", "n1", ["a"]));
  resume();
  assert.deepEqual(rig.reconnect(), ["CDS node []"]);
});

test("the last of several responses is the one that is answered while a type is held back", () => {
  const rig = sotwRig();
  rig.watch("CDS", ["*"]);
  rig.open();
  const resume = rig.stream.pause([CDS]);
  rig.respond(response("CDS", "1", "n1", ["a"]));
  rig.respond(response("CDS", "2", "n2", ["a=x"]));
  resume();
  assert.deepEqual(rig.turn(), ["CDS v=2 [] n=n2"]);
});

test("a nonce that comes twice is answered twice", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("CDS", ["*"]);
  rig.open();
  const first = response("CDS", "1", "n1", ["a"]);
  assert.deepEqual(rig.respond(first), ["CDS v=1 [] n=n1"]);
  assert.deepEqual(rig.respond(first), ["CDS v=1 [] n=n1"]);
  assert.deepEqual(owner.take(), ["+a@1", ""]);
});

test("a resource of another type refuses the whole response", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("CDS", ["*"]);
  rig.open();
  const [answer = ""] = rig.respond(response("CDS", "1", "n1", ["a", anyOf(EDS, "b")]));
  assert.match(
    answer,
    /^CDS \[\] n=n1 error=resources\[1\]: .*ClusterLoadAssignment does not match/,
  );
  assert.deepEqual(owner.take(), []);
  assert.equal(owner.counts.rejected, 1);
});

test("garbage, and a resource without a name, refuse the whole response", () => {
  for (const [value, expected] of [
    [Uint8Array.of(0x0a, 0xff), /not a .*Cluster: /],
    [new Uint8Array(), /without a name/],
  ] as const) {
    const rig = sotwRig();
    const { owner } = rig.watch("CDS", ["*"]);
    rig.open();
    const bad = { ...anyOf(CDS, "x"), value };
    const [answer = ""] = rig.respond(response("CDS", "1", "n1", ["a", bad]));
    assert.match(answer, expected);
    assert.deepEqual(owner.take(), []);
  }
});

test("of two resources of one name the first counts, and the response is refused", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("CDS", ["*"]);
  rig.open();
  assert.deepEqual(rig.respond(response("CDS", "1", "n1", ["a=x", "a=y", "b"])), [
    "CDS [] n=n1 error=Error adding/updating cluster(s) a: duplicate cluster a found",
  ]);
  assert.deepEqual(owner.take(), ["+a@1 +b@1"]);
});

test("a long text is cut", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("RDS", ["r"]);
  owner.refuse = new Map([[null, "é".repeat(5000)]]);
  rig.open();
  rig.respond(response("RDS", "1", "n1", ["r"]));
  rig.transport.last.events.onMessage(response("RDS", "2", "n2", ["r"]));
  const [request] = rig.transport.last.take();
  assert.equal(request?.errorDetail?.code, 13);
  assert.equal(request?.errorDetail?.message, `${"é".repeat(2048)}...(truncated)`);
});

test("a resource with a time to live goes when nothing is heard of it", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("CDS", ["*"]);
  rig.open();
  rig.respond(response("CDS", "1", "n1", ["b", anyWrapped(CDS, "a", "1", { ttlMs: 5000 })]));
  owner.take();
  rig.clock.advance(4999);
  const heartbeat = anyWrapped(CDS, "a", "1", { ttlMs: 5000, isEmpty: true });
  assert.deepEqual(rig.respond(response("CDS", "1", "n2", ["b", heartbeat])), ["CDS v=1 [] n=n2"]);
  assert.deepEqual(owner.take(), [""]);
  rig.clock.advance(4999);
  assert.deepEqual(owner.take(), []);
  rig.clock.advance(1);
  assert.deepEqual(owner.take(), ["-a"]);
  rig.clock.advance(60_000);
  assert.deepEqual(owner.take(), [], "the others stay");
});

test("a resource that comes again without a time to live stays", () => {
  const rig = sotwRig();
  const { owner } = rig.watch("CDS", ["*"]);
  rig.open();
  rig.respond(response("CDS", "1", "n1", [anyWrapped(CDS, "a", "1", { ttlMs: 5000 })]));
  rig.respond(response("CDS", "2", "n2", ["a"]));
  owner.take();
  rig.clock.advance(60_000);
  assert.deepEqual(owner.take(), []);
});

test("a resource without content that is no heartbeat refuses the response", () => {
  const rig = sotwRig();
  rig.watch("CDS", ["*"]);
  rig.open();
  const empty = anyWrapped(CDS, "a", "7", { ttlMs: 5000, isEmpty: true });
  assert.deepEqual(rig.respond(response("CDS", "1", "n1", [empty])), [
    "CDS [] n=n1 error=a: version 7 without content, which is not known",
  ]);
});
