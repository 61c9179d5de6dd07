import type { ClientHello } from "./client-hello.ts";
import type { DownstreamTlsConfig, TlsCertificateConfig } from "./model.ts";

const TLS_1_3 = 0x0304;
const ECDSA_SECP256R1_SHA256 = 0x0403;
const SECP256R1 = 23;
/** ECDHE_ECDSA suites of TLS 1.2 and below that are in use (RFC 8422, 5289, 7905). */
const ECDSA_SUITES: ReadonlySet<number> = new Set([
  0xc009, 0xc00a, 0xc023, 0xc024, 0xc02b, 0xc02c, 0xcca9,
]);

/** What goes with a certificate that was chosen. */
export type StapleAction = "staple" | "no_staple" | "client_not_capable" | "fail";

/** A certificate for a client, by its place in the configuration. */
export interface CertificateChoice {
  readonly index: number;
  readonly staple: StapleAction;
}

/**
 * Chooses as Envoy does (its default certificate selector): by the exact name, then by a wildcard one label up, else
 * the first; of those that fit a name, an ECDSA one for a client that can, and never one whose policy asks for a staple
 * that is not there.
 */
export class CertificateChooser {
  readonly #config: DownstreamTlsConfig;
  readonly #names: Map<string, number[]> = new Map();
  readonly #all: readonly number[];

  constructor(config: DownstreamTlsConfig) {
    this.#config = config;
    this.#all = config.certificates.map((_, index) => index);
    for (const [index, { names, keyType }] of config.certificates.entries()) {
      for (const name of names)
        this.#add(name.startsWith("*.") ? name.slice(1) : name, index, keyType);
    }
  }

  /** `hello` is null for what is no ClientHello, which OpenSSL refuses; `wallMs` is now. */
  choose(hello: ClientHello | null, wallMs: number): CertificateChoice {
    const serverName = hello?.serverName ?? "";
    if (serverName !== "") {
      const byName =
        this.#pick(this.#names.get(serverName), hello, wallMs) ??
        this.#pick(this.#names.get(wildcardOf(serverName)), hello, wallMs);
      if (byName !== null) return byName;
      if (!this.#config.fullScanCertsOnSniMismatch) return this.#first(hello, wallMs);
    }
    return this.#pick(this.#all, hello, wallMs) ?? this.#first(hello, wallMs);
  }

  /** The first certificate of a kind has the name. */
  #add(name: string, index: number, keyType: TlsCertificateConfig["keyType"]): void {
    const known = this.#names.get(name);
    if (known === undefined) this.#names.set(name, [index]);
    else if (!known.some((other) => this.#config.certificates[other]!.keyType === keyType))
      known.push(index);
  }

  #first(hello: ClientHello | null, wallMs: number): CertificateChoice {
    return { index: 0, staple: this.#stapleAction(0, hello, wallMs) };
  }

  #pick(
    indices: readonly number[] | undefined,
    hello: ClientHello | null,
    wallMs: number,
  ): CertificateChoice | null {
    if (indices === undefined) return null;
    const ecdsa = hello !== null && takesEcdsa(hello);
    let candidate: CertificateChoice | null = null;
    for (const index of indices) {
      const staple = this.#stapleAction(index, hello, wallMs);
      if (staple === "fail") continue;
      const isEcdsa = this.#config.certificates[index]!.keyType === "ecdsa";
      if (isEcdsa === ecdsa) return { index, staple };
      if (ecdsa) candidate ??= { index, staple };
    }
    return candidate;
  }

  #stapleAction(index: number, hello: ClientHello | null, wallMs: number): StapleAction {
    if (hello?.statusRequest !== true) return "client_not_capable";
    const { ocspStaple, mustStaple } = this.#config.certificates[index]!;
    if (ocspStaple !== null && ocspStaple.nextUpdateMs > wallMs) return "staple";
    const policy = mustStaple ? "must_staple" : this.#config.ocspStaplePolicy;
    if (policy === "must_staple") return "fail";
    return policy === "strict_stapling" && ocspStaple !== null ? "fail" : "no_staple";
  }
}

/** `.example.com` for `www.example.com`; empty without a label below it. */
function wildcardOf(serverName: string): string {
  const dot = serverName.indexOf(".", 1);
  return dot < 0 || dot === serverName.length - 1 ? "" : serverName.slice(dot);
}

/** Whether a client can check ECDSA with P-256: TLS 1.3 says so itself, before it needs the group and a suite. */
function takesEcdsa(hello: ClientHello): boolean {
  if (hello.supportedVersions.includes(TLS_1_3))
    return hello.signatureAlgorithms.includes(ECDSA_SECP256R1_SHA256);
  return (
    hello.groups.includes(SECP256R1) && hello.cipherSuites.some((suite) => ECDSA_SUITES.has(suite))
  );
}
