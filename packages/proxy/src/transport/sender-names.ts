import { networkInterfaces } from "node:os";
import { ipv6Text } from "../base/ipv6-text.ts";

/** `sockaddr_in6`, the larger one of both, of Linux's headers: family, port, flow, address, scope. */
export const NAME_BYTES = 28;
const PORT_AT = 2;
const IPV4_AT = 4;
const IPV6_AT = 8;
const IPV6_GROUPS = 8;
/** Of IPv4 within IPv6. */
const MAPPED_AT = IPV6_AT + 12;
const SCOPE_AT = 24;
const AF_INET = 2;
const AF_INET6 = 10;

/** Who sent the datagrams of a batch, as the kernel wrote it. Most datagrams of a batch are of few: the last one's text is kept. */
export class SenderNames {
  readonly #names: Buffer;
  /** The name that `#text` is of, without its port. */
  readonly #last: Buffer = Buffer.alloc(NAME_BYTES);
  #text = "";

  /** @param names room for as many names as a batch has places; the kernel writes there */
  constructor(names: Buffer) {
    this.#names = names;
  }

  portOf(index: number): number {
    return this.#names.readUInt16BE(index * NAME_BYTES + PORT_AT);
  }

  /** As Node writes it; IPv4 on a socket that takes both is `::ffff:10.0.0.1`. Empty for what is no address of IP. */
  ipOf(index: number): string {
    const at = index * NAME_BYTES;
    const names = this.#names;
    if (names.readUInt16LE(at) === AF_INET) {
      if (this.#isNew(at, IPV4_AT, IPV4_AT + 4)) this.#text = dotted(names, at + IPV4_AT);
    } else if (this.#isNew(at, IPV6_AT, NAME_BYTES)) this.#text = ipv6Of(names, at);
    return this.#text;
  }

  /** Compares the family, and the bytes from `start` to `end`; words, as that is cheaper than a call of memcmp. */
  #isNew(at: number, start: number, end: number): boolean {
    const names = this.#names;
    const last = this.#last;
    let isNew = names.readUInt16LE(at) !== last.readUInt16LE(0);
    for (let i = start; i < end; i += 4)
      if (names.readUInt32LE(at + i) !== last.readUInt32LE(i)) isNew = true;
    if (isNew) names.copy(last, 0, at, at + NAME_BYTES);
    return isNew;
  }
}

function dotted(bytes: Buffer, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

function ipv6Of(names: Buffer, at: number): string {
  if (names.readUInt16LE(at) !== AF_INET6) return "";
  const groups: number[] = [];
  for (let i = 0; i < IPV6_GROUPS; i++) groups.push(names.readUInt16BE(at + IPV6_AT + i * 2));
  const isMapped = groups[5] === 0xffff && groups.slice(0, 5).every((group) => group === 0);
  if (isMapped) return `::ffff:${dotted(names, at + MAPPED_AT)}`;
  const scope = names.readUInt32LE(at + SCOPE_AT);
  const text = ipv6Text(groups);
  return scope === 0 ? text : `${text}%${interfaceOf(scope)}`;
}

/** Its name, which is what is understood when something is sent there; the number of one that is gone. */
function interfaceOf(scope: number): string {
  for (const [name, addresses] of Object.entries(networkInterfaces()))
    if (addresses?.some(({ scopeid }) => scopeid === scope) === true) return name;
  return String(scope);
}
