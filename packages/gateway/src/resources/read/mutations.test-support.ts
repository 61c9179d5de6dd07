interface Written {
  readonly kind: string;
  readonly [field: string]: unknown;
}

type Container = Record<string | number, unknown>;
type Site = readonly [container: Container, key: string | number];

const groups: readonly (readonly unknown[])[] = [
  [null, "", 0, -1, 1, 1.5, 80, 65536, 1e20, true, [], {}, ["a"], { a: "b" }],
  ["a", "A", "-a", "a.b", "*.a", "a b", "é", "a".repeat(64), "a".repeat(254), "a\nb", "("],
  ["1.2.3.4", "::1", "/", "/a//b", "/%2f", "/a#b", "5s", "0s", "1d", "*", "http://a", 302, 404],
  ["HTTP", "HTTPS", "TLS", "TCP", "Exact", "PathPrefix", "Service", "Hostname", "IPAddress"],
  ["Terminate", "Passthrough", "RequestRedirect", "URLRewrite", "Cookie", "Header", "Selector"],
];
const values = groups.flat();

/** Makes objects that are nearly right out of ones that are: the same ones for the same seed. */
export class Mutations {
  readonly #originals: readonly Written[];
  readonly #pieces: readonly (readonly [string | number, unknown])[];
  #state: number;

  constructor(originals: readonly Written[], seed: number) {
    this.#originals = originals;
    this.#pieces = this.#originals
      .flatMap((object) => sitesIn(object))
      .map(([container, key]) => [key, container[key]]);
    this.#state = seed;
  }

  /** An object with one or two changes in its spec. */
  next(name: string): Written {
    const object = structuredClone(this.#pick(this.#originals));
    const spec = object["spec"] as Container;
    for (let changes = 1 + this.#below(2); changes > 0; changes--) {
      const sites = sitesIn(spec);
      if (sites.length > 0) this.#change(this.#pick(sites));
    }
    const { apiVersion, kind } = object;
    const namespace = kind === "GatewayClass" ? {} : { namespace: "default" };
    return { apiVersion, kind, metadata: { name, ...namespace }, spec };
  }

  #change([container, key]: Site): void {
    const value = container[key];
    const like = this.#pieces.filter(([other]) => other === key);
    switch (this.#below(6)) {
      case 0:
        if (Array.isArray(container)) container.splice(Number(key), 1);
        else delete container[key];
        break;
      case 1:
        if (Array.isArray(container)) container.push(structuredClone(value));
        else container[`${key}x`] = value;
        break;
      case 2:
        if (like.length > 0) container[key] = structuredClone(this.#pick(like)[1]);
        break;
      case 3: {
        const [other, piece] = this.#pick(this.#pieces);
        if (!Array.isArray(container)) container[other] = structuredClone(piece);
        break;
      }
      default:
        container[key] = structuredClone(this.#pick(values));
    }
  }

  #pick<T>(from: readonly T[]): T {
    return from[this.#below(from.length)] as T;
  }

  /** Numbers of a generator by Park and Miller. */
  #below(limit: number): number {
    this.#state = (this.#state * 48271) % 2147483647;
    return this.#state % limit;
  }
}

function sitesIn(value: unknown): Site[] {
  if (typeof value !== "object" || value === null) return [];
  const container = value as Container;
  const keys = Array.isArray(value) ? [...value.keys()] : Object.keys(value);
  return keys.flatMap((key) => [[container, key] as const, ...sitesIn(container[key])]);
}
