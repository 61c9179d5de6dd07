import assert from "node:assert/strict";
import { datagramPrefix, DatagramReader } from "../../../packages/codec/src/capsule/datagrams.ts";
import { assertSplitInvariant } from "../split.ts";
import type { FuzzTarget } from "../target.ts";

/** What a reader told; a malformed capsule is the last thing, wherever it was noticed. */
function eventsOf(input: Buffer, cuts: readonly number[]): string[] {
  const events: string[] = [];
  const reader = new DatagramReader((payload) => events.push(payload.toString("latin1")));
  for (const [index, end] of [...cuts, input.length].entries()) {
    const error = reader.read(input.subarray(cuts[index - 1] ?? 0, end));
    if (error !== null) return [...events, `error: ${error}`];
  }
  const error = reader.finish();
  return error === null ? events : [...events, `error: ${error}`];
}

/** UDP packets in capsules; what was read is written and read again. */
export const capsules: FuzzTarget = {
  name: "capsules",
  covers: ["/codec/src/capsule/"],
  runs: 8_000,
  seeds: ["\x00\x06\x00hello\x00\x01\x00", "\x17\x03abc\x40\x00\x80\x00\x00\x03\x00hi"].map(
    (text) => Buffer.from(text, "latin1"),
  ),
  dictionary: ["\x00\x00", "\x00\x01\x00", "\x40\x00", "\xc0\x00\x00\x00\x00\x00\x00\x02\x00a"].map(
    (text) => Buffer.from(text, "latin1"),
  ),
  run(input) {
    assertSplitInvariant(input, (cuts) => eventsOf(input, cuts));
    const packets = eventsOf(input, []).filter((event) => !event.startsWith("error: "));
    const written = packets.map((packet) => datagramPrefix(packet.length) + packet).join("");
    assert.deepEqual(eventsOf(Buffer.from(written, "latin1"), []), packets);
  },
};
