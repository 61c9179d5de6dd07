import type { ClientHello } from "./client-hello.ts";
import type { DownstreamTlsConfig } from "./model.ts";

const TLS_1_2 = 0x0303;
/** By OpenSSL's names (RFC 8422, 5289, 7905); the first two were there before TLS 1.2. */
const ECDSA_SUITES: { readonly [name: string]: number } = {
  "ECDHE-ECDSA-AES128-SHA": 0xc009,
  "ECDHE-ECDSA-AES256-SHA": 0xc00a,
  "ECDHE-ECDSA-AES128-SHA256": 0xc023,
  "ECDHE-ECDSA-AES128-GCM-SHA256": 0xc02b,
  "ECDHE-ECDSA-AES256-GCM-SHA384": 0xc02c,
  "ECDHE-ECDSA-CHACHA20-POLY1305": 0xcca9,
};
const LAST_BEFORE_TLS_1_2 = 0xc00a;
/** The curve of each ECDSA signature algorithm of TLS 1.3 (RFC 8446, section 4.2.3), IANA's numbers of both. */
const SIGNATURE_CURVES: { readonly [algorithm: number]: number } = {
  0x0403: 23,
  0x0503: 24,
  0x0603: 25,
};
const CURVES: ReadonlySet<number> = new Set(Object.values(SIGNATURE_CURVES));

/** What goes with a certificate that was chosen. */
export type StapleAction = "staple" | "no_staple" | "client_not_capable" | "fail";

/** A certificate for a client, by its place in the configuration. */
export interface CertificateChoice {
  readonly index: number;
  readonly staple: StapleAction;
}

/**
 * Chooses as Envoy does (its default certificate selector): by the exact name, then by a wildcard one label up, else
 * the first; of those that fit a name, an ECDSA one for a client that knows its curve, and never one whose policy asks for a
 * staple that is not there.
 */
export class CertificateChooser {
  readonly #config: DownstreamTlsConfig;
  readonly #names: Map<string, number[]> = new Map();
  readonly #all: readonly number[];
  readonly #ecdsaSuites: readonly number[];

  constructor(config: DownstreamTlsConfig) {
    this.#config = config;
    this.#all = config.certificates.map((_, index) => index);
    this.#ecdsaSuites = config.ciphers.split(":").flatMap((name) => ECDSA_SUITES[name] ?? []);
    for (const [index, { names }] of config.certificates.entries()) {
      for (const name of names) this.#add(name.startsWith("*.") ? name.slice(1) : name, index);
    }
  }

  /** `wallMs` is now. */
  choose(hello: ClientHello, wallMs: number): CertificateChoice {
    const { serverName } = hello;
    const client: Client = {
      curves: this.#ecdsaCurvesOf(hello),
      wantsStaple: hello.statusRequest,
      wallMs,
    };
    if (serverName !== "") {
      const byName =
        this.#pick(this.#names.get(serverName), client) ??
        this.#pick(this.#names.get(wildcardOf(serverName)), client);
      if (byName !== null) return byName;
      if (!this.#config.fullScanCertsOnSniMismatch) return this.#first(client);
    }
    return this.#pick(this.#all, client) ?? this.#first(client);
  }

  /** The first certificate of a kind has the name. */
  #add(name: string, index: number): void {
    const known = this.#names.get(name);
    if (known === undefined) this.#names.set(name, [index]);
    else if (!known.some((other) => this.#isEcdsa(other) === this.#isEcdsa(index)))
      known.push(index);
  }

  #isEcdsa(index: number): boolean {
    return this.#config.certificates[index]!.ecdsaCurve !== 0;
  }

  #first(client: Client): CertificateChoice {
    return { index: 0, staple: this.#stapleAction(0, client) };
  }

  #pick(indices: readonly number[] | undefined, client: Client): CertificateChoice | null {
    if (indices === undefined) return null;
    const { curves } = client;
    let candidate: CertificateChoice | null = null;
    for (const index of indices) {
      const staple = this.#stapleAction(index, client);
      if (staple === "fail") continue;
      const { ecdsaCurve } = this.#config.certificates[index]!;
      if (ecdsaCurve === 0 ? curves.length === 0 : curves.includes(ecdsaCurve))
        return { index, staple };
      if (ecdsaCurve === 0) candidate ??= { index, staple };
    }
    return candidate;
  }

  #stapleAction(index: number, { wantsStaple, wallMs }: Client): StapleAction {
    if (!wantsStaple) return "client_not_capable";
    const { ocspStaple, mustStaple } = this.#config.certificates[index]!;
    if (ocspStaple !== null && ocspStaple.nextUpdateMs > wallMs) return "staple";
    const policy = mustStaple ? "must_staple" : this.#config.ocspStaplePolicy;
    if (policy === "must_staple") return "fail";
    return policy === "strict_stapling" && ocspStaple !== null ? "fail" : "no_staple";
  }

  /** The curves that a client can check ECDSA with: in TLS 1.3 its signature algorithms say so, before it groups and a suite. */
  #ecdsaCurvesOf(hello: ClientHello): readonly number[] {
    if (
      hello.version === TLS_1_2 &&
      this.#config.maxVersion === "TLSv1.3" &&
      hello.supportedVersions.length > 0
    )
      return hello.signatureAlgorithms.flatMap((algorithm) => SIGNATURE_CURVES[algorithm] ?? []);
    const agreed = hello.cipherSuites.some(
      (suite) =>
        this.#ecdsaSuites.includes(suite) &&
        (hello.version >= TLS_1_2 || suite <= LAST_BEFORE_TLS_1_2),
    );
    return agreed ? hello.groups.filter((group) => CURVES.has(group)) : [];
  }
}

/** What the choice needs to know of a client. */
interface Client {
  /** IANA's numbers; empty when it cannot check ECDSA. */
  readonly curves: readonly number[];
  readonly wantsStaple: boolean;
  readonly wallMs: number;
}

/** `.example.com` for `www.example.com`; empty without a label below it. */
function wildcardOf(serverName: string): string {
  const dot = serverName.indexOf(".", 1);
  return dot < 0 || dot === serverName.length - 1 ? "" : serverName.slice(dot);
}
