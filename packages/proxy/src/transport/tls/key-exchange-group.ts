import type { ClientHello } from "./client-hello.ts";

/** Groups by Envoy's name: IANA's number, OpenSSL's other name, and whether TLS 1.2 has it. */
const GROUPS = [
  { name: "P-256", id: 23, openssl: "prime256v1", before13: true },
  { name: "P-384", id: 24, openssl: "secp384r1", before13: true },
  { name: "P-521", id: 25, openssl: "secp521r1", before13: true },
  { name: "X25519", id: 29, openssl: "X25519", before13: true },
  { name: "X25519MLKEM768", id: 4588, openssl: "X25519MLKEM768", before13: false },
] as const;

/** Envoy's name of what OpenSSL calls a group. */
export function groupName(openssl: string): string {
  return GROUPS.find((group) => group.openssl === openssl)?.name ?? openssl;
}

/** A server's groups, and which of them it agrees on with a client: OpenSSL tells that to clients alone. */
export class ServerGroups {
  readonly #groups: readonly (typeof GROUPS)[number][];

  /** In TLS 1.3 the client's order counts. */
  readonly #clientOrder: boolean;

  /** `curves` are OpenSSL's list: colons leave the order to the client, slashes do not. */
  constructor(curves: string) {
    this.#clientOrder = curves.includes(":");
    this.#groups = curves
      .split(/[:/]/u)
      .flatMap((curve) =>
        GROUPS.filter(({ name, openssl }) => curve === name || curve === openssl),
      );
  }

  /** TLS 1.3; in the client's order what it sent a share for comes first. Empty for none. */
  agreed13(hello: ClientHello): string {
    const { groups } = hello;
    if (!this.#clientOrder) return this.#groups.find(({ id }) => groups.includes(id))?.name ?? "";
    return this.#first(hello.keyShares) || this.#first(groups);
  }

  /** TLS 1.2 in the server's order, or the client's. */
  agreed12(hello: ClientHello, serverOrder: boolean): string {
    const own = this.#groups.filter(({ before13 }) => before13);
    const { groups } = hello;
    if (serverOrder) return own.find(({ id }) => groups.includes(id))?.name ?? "";
    const id = groups.find((group) => own.some((other) => other.id === group));
    return own.find((group) => group.id === id)?.name ?? "";
  }

  #first(ids: readonly number[]): string {
    const id = ids.find((group) => this.#groups.some((own) => own.id === group));
    return this.#groups.find((group) => group.id === id)?.name ?? "";
  }
}
