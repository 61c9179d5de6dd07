import assert from "node:assert/strict";
import { test } from "node:test";
import { typeUrlOf } from "../types/resource-type.ts";
import { deltaResponse, deltaRig, wrapped } from "./stream-rig.test-support.ts";

const CDS = typeUrlOf("CDS");
const EDS = typeUrlOf("EDS");
const VHDS = typeUrlOf("VHDS");

test("the first request of a wildcard names nothing; an answer names nothing but the nonce", () => {
  const rig = deltaRig();
  const { owner } = rig.watch("CDS", ["*"]);
  assert.deepEqual(rig.open(), ["CDS node"]);
  assert.deepEqual(rig.respond(deltaResponse("CDS", "n1", ["a@1", "b@1"])), ["CDS n=n1"]);
  assert.deepEqual(owner.take(), ["+a@1 +b@1"]);
  assert.deepEqual(rig.respond(deltaResponse("CDS", "n2", ["a=x@2"], ["b"])), ["CDS n=n2"]);
  assert.deepEqual(owner.take(), ["+a@2 -b"]);
});

test("names are subscribed and unsubscribed one by one", () => {
  const rig = deltaRig();
  const watch = rig.watch("EDS", ["a"]);
  assert.deepEqual(rig.open(), ["EDS node +a"]);
  watch.addNames(["b", "c"]);
  assert.deepEqual(rig.turn(), ["EDS +b +c"]);
  watch.removeNames(["a", "b"]);
  assert.deepEqual(rig.turn(), ["EDS -a -b"]);
  watch.cancel();
  assert.deepEqual(rig.turn(), ["EDS -c"]);
});

test("what became of the interest goes with the next answer", () => {
  const rig = deltaRig();
  const clusters = rig.watch("CDS", ["*"]);
  clusters.owner.onTold = ({ added }) => {
    for (const { name } of added) rig.watch("EDS", [name]);
  };
  rig.open();
  assert.deepEqual(rig.respond(deltaResponse("CDS", "n1", ["a@1", "b@1"])), [
    "CDS n=n1",
    "EDS +a +b",
  ]);
});

test("a new stream names all that is wanted, and the versions that are here", () => {
  const rig = deltaRig();
  rig.watch("EDS", ["a", "b"]);
  rig.open();
  rig.respond(deltaResponse("EDS", "n1", ["a@7"]));
  assert.deepEqual(rig.reconnect(), ["EDS node +a +b have=a@7"]);
});

test("the versions of a wildcard are told too, without those that are gone", () => {
  const rig = deltaRig();
  rig.watch("CDS", ["*"]);
  rig.open();
  rig.respond(deltaResponse("CDS", "n1", ["a@1", "b@1"]));
  rig.respond(deltaResponse("CDS", "n2", [], ["b"]));
  assert.deepEqual(rig.reconnect(), ["CDS node have=a@1"]);
});

test("a NACK names all that was refused; what was not is taken", () => {
  const rig = deltaRig();
  const { owner } = rig.watch("LDS", ["*"]);
  owner.refuse = new Map([
    ["b", "no filter chain"],
    ["c", "no address"],
  ]);
  rig.open();
  assert.deepEqual(rig.respond(deltaResponse("LDS", "n1", ["a@1", "b@1", "c@1"])), [
    "LDS n=n1 error=Error adding/updating listener(s) b: no filter chain\nc: no address",
  ]);
  assert.deepEqual(rig.reconnect(), ["LDS node have=a@1"]);
});

test("each response is answered, in order, when a type was held back", () => {
  const rig = deltaRig();
  const { owner } = rig.watch("CDS", ["*"]);
  rig.open();
  const resume = rig.stream.pause([CDS]);
  owner.refuse = new Map([["a", "bad"]]);
  assert.deepEqual(rig.respond(deltaResponse("CDS", "n1", ["a@1"])), []);
  owner.refuse = new Map();
  assert.deepEqual(rig.respond(deltaResponse("CDS", "n2", ["b@1"])), []);
  resume();
  assert.deepEqual(rig.turn(), [
    "CDS n=n1 error=Error adding/updating cluster(s) a: bad",
    "CDS n=n2",
  ]);
});

test("that a name does not exist is told to who asked for it, and to nobody else", () => {
  const rig = deltaRig();
  const all = rig.watch("CDS", ["*"]).owner;
  const one = rig.watch("CDS", ["a"]).owner;
  assert.deepEqual(rig.open(), ["CDS node +* +a"]);
  rig.respond(deltaResponse("CDS", "n1", [], ["a", "unknown"]));
  assert.deepEqual(one.take(), ["-a"]);
  assert.deepEqual(all.take(), [""]);
  rig.respond(deltaResponse("CDS", "n2", ["a@1"]));
  assert.deepEqual([one.take(), all.take()], [["+a@1"], ["+a@1"]]);
});

test("the wildcard can be added to names, and given up", () => {
  const rig = deltaRig();
  rig.watch("CDS", ["a"]);
  rig.open();
  const all = rig.watch("CDS", ["*"]);
  assert.deepEqual(rig.turn(), ["CDS +*"]);
  rig.respond(deltaResponse("CDS", "n1", ["a@1", "b@1"]));
  all.cancel();
  assert.deepEqual(rig.turn(), ["CDS -*"]);
  const held = [...rig.stream.subscription(CDS).held()].map(({ name }) => name);
  assert.deepEqual(held, ["a"], "what only the wildcard wanted is forgotten");
});

test("a name that the wildcard covers is kept until the server says what became of it", () => {
  const rig = deltaRig();
  const all = rig.watch("CDS", ["*"]).owner;
  const one = rig.watch("CDS", ["a"]);
  rig.open();
  rig.respond(deltaResponse("CDS", "n1", ["a@1"]));
  one.cancel();
  assert.deepEqual(rig.turn(), ["CDS -a"]);
  assert.equal(rig.stream.subscription(CDS).heldVersion("a"), "1");
  all.take();
  rig.respond(deltaResponse("CDS", "n2", [], ["a"]));
  assert.deepEqual(all.take(), ["-a"]);
});

test("a name that was unsubscribed is subscribed again", () => {
  const rig = deltaRig();
  const watch = rig.watch("EDS", ["a", "b"]);
  rig.open();
  rig.respond(deltaResponse("EDS", "n1", ["a@1", "b@1"]));
  watch.setNames(["b"]);
  assert.deepEqual(rig.turn(), ["EDS -a"]);
  watch.owner.take();
  watch.setNames(["a", "b"]);
  assert.deepEqual(rig.turn(), ["EDS +a"]);
  rig.respond(deltaResponse("EDS", "n2", ["a@1"]));
  assert.deepEqual(watch.owner.take(), ["+a@1"], "though its version is the one we had");
});

test("a name that comes and goes before anybody was told costs no request", () => {
  const rig = deltaRig();
  const watch = rig.watch("EDS", ["a"]);
  rig.open();
  watch.addNames(["b"]);
  watch.removeNames(["b"]);
  assert.deepEqual(rig.turn(), []);
});

test("responses that contradict themselves are refused whole", () => {
  for (const [message, error] of [
    [
      deltaResponse("CDS", "n1", ["a@1", "b@1", "a@2"]),
      "duplicate name a found among added/updated resources",
    ],
    [
      deltaResponse("CDS", "n1", ["a@1"], ["a"]),
      "duplicate name a found in the union of added+removed resources",
    ],
    [
      deltaResponse("CDS", "n1", ["b@1", wrapped(EDS, "a", "1")]),
      `type URL ${EDS} embedded in an individual Any does not match the message-wide type URL ${CDS}`,
    ],
  ] as const) {
    const rig = deltaRig();
    const { owner } = rig.watch("CDS", ["*"]);
    rig.open();
    assert.deepEqual(rig.respond(message), [`CDS n=n1 error=${error}`]);
    assert.deepEqual(owner.take(), []);
    assert.deepEqual([...rig.stream.subscription(CDS).held()], []);
  }
});

test("heartbeats keep a resource alive; an expired one is asked for anew", () => {
  const rig = deltaRig();
  const { owner } = rig.watch("EDS", ["a"]);
  rig.open();
  rig.respond(deltaResponse("EDS", "n1", [wrapped(EDS, "a", "1", { ttlMs: 1000 })]));
  rig.clock.advance(900);
  const heartbeat = wrapped(EDS, "a", "1", { ttlMs: 1000, isEmpty: true });
  rig.respond(deltaResponse("EDS", "n2", [heartbeat]));
  rig.clock.advance(900);
  assert.deepEqual(owner.take(), ["+a@1"]);
  rig.clock.advance(100);
  assert.deepEqual(owner.take(), ["-a"]);
  assert.deepEqual(rig.reconnect(), ["EDS node +a"], "its version is not claimed any more");
});

test("virtual hosts are found by their namespace and by alias (VHDS)", () => {
  const rig = deltaRig();
  const watch = rig.watch("VHDS", ["routes"], { matchNamespace: true });
  const other = rig.watch("VHDS", ["other"], { matchNamespace: true }).owner;
  assert.deepEqual(rig.open(), ["VHDS node"], "everything, as Envoy asks");
  rig.respond(deltaResponse("VHDS", "n1", ["routes/one@1", "later/one@1"]));
  assert.deepEqual(watch.owner.take(), ["+routes/one@1"]);
  assert.deepEqual(other.take(), [""], "what there is has come");
  watch.addNames(["routes/a.example", "routes/b.example"]);
  assert.deepEqual(rig.turn(), ["VHDS +routes/a.example +routes/b.example"]);
  const found = wrapped(VHDS, "routes/two", "1", { aliases: ["routes/a.example"] });
  const unknown = wrapped(VHDS, "routes/b.example", "", {
    aliases: ["routes/b.example"],
    isEmpty: true,
  });
  assert.deepEqual(rig.respond(deltaResponse("VHDS", "n2", [found, unknown])), ["VHDS n=n2"]);
  assert.deepEqual(watch.owner.take(), ["+routes/two@1 -routes/b.example"]);
  assert.deepEqual(other.take(), []);
});

test("a collection of xdstp names is told of what is in it", () => {
  const rig = deltaRig();
  const name = (id: string): string => `xdstp://cp/envoy.config.cluster.v3.Cluster/${id}`;
  const { owner } = rig.watch("CDS", [name("team/*?zone=b&rack=1")]);
  assert.deepEqual(rig.open(), [`CDS node +${name("team/*?rack=1&zone=b")}`]);
  const inside = wrapped(CDS, "x", "1");
  inside.name = name("team/a?zone=b&rack=1");
  const outside = wrapped(CDS, "x", "1");
  outside.name = name("other/a");
  rig.respond(deltaResponse("CDS", "n1", [inside, outside]));
  assert.deepEqual(owner.take(), [`+${name("team/a?rack=1&zone=b")}@1`]);
});

test("resources that do not know their name have it from the wrapper (LEDS)", () => {
  const rig = deltaRig();
  const { owner } = rig.watch("LEDS", ["e1"]);
  rig.open();
  rig.respond(deltaResponse("LEDS", "n1", ["e1@1"]));
  assert.deepEqual(owner.take(), ["+e1@1"]);
});

test("of a resource that was refused and is gone nothing is kept", () => {
  const rig = deltaRig();
  const { owner } = rig.watch("CDS", ["*"]);
  owner.refuse = new Map([["bad", "no"]]);
  rig.open();
  rig.respond(deltaResponse("CDS", "n1", ["a@1", "bad@1"]));
  owner.take();
  assert.deepEqual(rig.respond(deltaResponse("CDS", "n2", [], ["bad"])), ["CDS n=n2"]);
  assert.deepEqual(owner.take(), [""], "the owner never had it");
  const records = [...rig.stream.subscription(CDS).records()].map(({ name }) => name);
  assert.deepEqual(records, ["a"]);
});

test("an owner that does not let go of what has expired is asked once", () => {
  const rig = deltaRig();
  const { owner } = rig.watch("EDS", ["a"]);
  rig.open();
  rig.respond(deltaResponse("EDS", "n1", [wrapped(EDS, "a", "1", { ttlMs: 1000 })]));
  owner.take();
  owner.refuse = new Map([[null, "in use"]]);
  rig.clock.advance(60_000);
  assert.deepEqual(owner.take(), ["-a"]);
  assert.equal(rig.stream.subscription(EDS).heldVersion("a"), "1");
  const again = wrapped(EDS, "a", "1", { ttlMs: 1000, isEmpty: true });
  owner.refuse = new Map();
  rig.respond(deltaResponse("EDS", "n2", [again]));
  rig.clock.advance(1000);
  assert.deepEqual(owner.take(), ["-a"], "it lives as long as the control plane says again");
});

test("a namespace that is wanted later hears of what has come; the last one takes all with it", () => {
  const rig = deltaRig();
  const first = rig.watch("VHDS", ["routes"], { matchNamespace: true });
  rig.open();
  rig.respond(deltaResponse("VHDS", "n1", ["routes/one@1", "later/one@1"]));
  const later = rig.watch("VHDS", ["later"], { matchNamespace: true });
  const empty = rig.watch("VHDS", ["empty"], { matchNamespace: true });
  assert.deepEqual(rig.turn(), [], "the control plane has nothing to add");
  assert.deepEqual(later.owner.take(), ["+later/one@1"]);
  assert.deepEqual(empty.owner.take(), [""]);
  rig.respond(deltaResponse("VHDS", "n2", ["later/two@1"], ["later/one"]));
  assert.deepEqual(later.owner.take(), ["+later/two@1 -later/one"]);
  assert.deepEqual(empty.owner.take(), []);
  assert.deepEqual(rig.reconnect(), ["VHDS node have=later/two@1,routes/one@1"]);
  for (const watch of [first, later, empty]) watch.cancel();
  assert.deepEqual(rig.turn(), ["VHDS -*"]);
  assert.deepEqual([...rig.stream.subscription(VHDS).held()], []);
});
