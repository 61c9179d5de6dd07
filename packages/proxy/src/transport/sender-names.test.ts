import assert from "node:assert/strict";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { NAME_BYTES, SenderNames } from "./sender-names.ts";

/** `sockaddr_in` and `sockaddr_in6`. */
function nameOf(family: number, port: number, address: readonly number[], scope = 0): Buffer {
  const name = Buffer.alloc(NAME_BYTES);
  name.writeUInt16LE(family, 0);
  name.writeUInt16BE(port, 2);
  Buffer.from(address).copy(name, family === 2 ? 4 : 8);
  name.writeUInt32LE(scope, 24);
  return name;
}

const V4 = 2;
const V6 = 10;
const zeros = (count: number): number[] => Array.from({ length: count }, () => 0);

void test("names of senders are read as Node writes them", () => {
  const names = [
    nameOf(V4, 1, [10, 0, 0, 1]),
    nameOf(V4, 2, [10, 0, 0, 1]),
    nameOf(V6, 3, [...zeros(10), 255, 255, 10, 0, 0, 1]),
    nameOf(V4, 4, [10, 0, 0, 1]),
    nameOf(V6, 5, [...zeros(15), 1]),
    nameOf(V6, 6, [0x20, 1, 0xd, 0xb8, ...zeros(10), 1, 2]),
    nameOf(V6, 7, [0x20, 1, 0xd, 0xb8, ...zeros(10), 1, 2]),
    nameOf(V6, 8, [0x20, 1, 0xd, 0xb8, ...zeros(10), 1, 3]),
    nameOf(V6, 9, [0xfe, 0x80, ...zeros(13), 1], 0x7fff_ffff),
    nameOf(1, 10, []),
  ];
  const senders = new SenderNames(Buffer.concat(names));
  assert.deepEqual(
    names.map((_, index) => `${senders.ipOf(index)} ${senders.portOf(index)}`),
    [
      "10.0.0.1 1",
      "10.0.0.1 2",
      "::ffff:10.0.0.1 3",
      "10.0.0.1 4",
      "::1 5",
      "2001:db8::102 6",
      "2001:db8::102 7",
      "2001:db8::103 8",
      "fe80::1%2147483647 9",
      " 10",
    ],
  );
});

const links = Object.entries(networkInterfaces()).flatMap(([name, addresses]) =>
  (addresses ?? [])
    .filter(({ address }) => address.startsWith("fe80:"))
    .map(({ address, scopeid }) => ({ name, address, scopeid: scopeid! })),
);

void test(
  "the name of an interface stands behind an address of its link",
  { skip: links.length === 0 && "no interface has such an address" },
  async () => {
    const { name, address, scopeid } = links[0]!;
    const bytes = await bytesOf(address, name);
    const senders = new SenderNames(nameOf(V6, 1, bytes, scopeid));
    assert.equal(senders.ipOf(0), `${address}%${name}`);
  },
);

/** Groups of the address; Node says whether it can be bound to. */
async function bytesOf(address: string, name: string): Promise<number[]> {
  const socket = createSocket("udp6");
  socket.bind(0, `${address}%${name}`);
  await once(socket, "listening");
  socket.close();
  const [head = "", tail = ""] = address.split("::");
  const groups = (text: string): number[] =>
    text === "" ? [] : text.split(":").map((group) => parseInt(group, 16));
  const missing = zeros(8 - groups(head).length - groups(tail).length);
  return [...groups(head), ...missing, ...groups(tail)].flatMap((group) => [
    group >> 8,
    group & 255,
  ]);
}
