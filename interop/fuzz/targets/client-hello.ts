import assert from "node:assert/strict";
import {
  ja3Fingerprint,
  ja4Fingerprint,
} from "../../../packages/proxy/src/listener/filters/tls-inspector/fingerprints.ts";
import {
  ClientHelloReader,
  Inspection,
} from "../../../packages/proxy/src/transport/tls/client-hello-reader.ts";
import type { FuzzTarget } from "../target.ts";
import { CLIENT_HELLO_SEEDS } from "./client-hello-seeds.ts";

/** The first bytes of a TLS connection, as tls_inspector and TLS itself read them. */
export const clientHello: FuzzTarget = {
  name: "client-hello",
  covers: ["/transport/tls/client-hello", "/listener/filters/tls-inspector/"],
  runs: 8_000,
  seeds: CLIENT_HELLO_SEEDS,
  // Record and message headers, extensions with their lengths, GREASE, other protocols.
  dictionary: [
    ..."160301 1603030000 15030100020100 01000000 0000 000d 0010 002b 000a 000b 0a0a 0304 ffff".split(
      " ",
    ),
    ..."474554202f 504f535420 00000009000700000461 2e74".split(" "),
  ].map((hex) => Buffer.from(hex, "hex")),
  run(input) {
    const whole = look(input, input.length);
    assert.deepEqual(look(input, input.length), whole, "another result when read again");
    for (let end = 0; end < input.length; end = next(end)) {
      const part = look(input, end);
      if (part.inspection === Inspection.More) {
        assert.ok(part.neededBytes > end, "more is needed than there is");
      } else {
        assert.deepEqual(part, whole, `another result after ${end} bytes`);
        break;
      }
    }
  },
};

/** Every length of what is short, and some of what is long. */
function next(length: number): number {
  return length < 128 ? length + 1 : length + (length >> 3);
}

interface Look {
  readonly inspection: Inspection;
  readonly neededBytes: number;
  readonly told: unknown;
}

/** All that is told of the first `length` bytes; they stand within a larger buffer, as on a connection. */
function look(input: Buffer, length: number): Look {
  const buffer = Buffer.alloc(length + 12, 0xff);
  input.copy(buffer, 5, 0, length);
  const reader = new ClientHelloReader();
  const inspection = reader.read(buffer, 5, 5 + length);
  if (inspection === Inspection.More)
    return { inspection, neededBytes: reader.neededBytes, told: null };
  if (inspection !== Inspection.Found)
    return { inspection, neededBytes: 0, told: [reader.processedBytes, reader.failure] };
  const { hello, processedBytes } = reader;
  assert.ok(processedBytes <= length, "processed more than there is");
  const protocols = hello.applicationProtocols();
  const told = [
    processedBytes,
    hello.serverName,
    protocols,
    hello.keyShares,
    hello.supportedVersions,
    hello.statusRequest,
    ja3Fingerprint(hello),
    ja4Fingerprint(hello),
  ];
  return { inspection, neededBytes: 0, told };
}
