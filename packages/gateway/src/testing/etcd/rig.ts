import type { TestContext } from "node:test";
import { EtcdProvider, type EtcdProviderOptions } from "../../providers/etcd/etcd-provider.ts";
import { Providers } from "../../providers/providers.ts";
import type { KindName } from "../../resources/kinds.ts";
import type { Resource } from "../../resources/object.ts";
import { ResourceStore } from "../../resources/store.ts";
import { FakeEtcd } from "./fake-etcd.ts";
import { until } from "./until.ts";

/** A control plane's providers on a fake etcd. */
export interface EtcdRig {
  readonly providers: Providers;
  /** States and problems, in order. */
  readonly log: string[];
  /** `HTTPRoute default/a` and its like, sorted, with generations. */
  objects(kind: KindName): string[];
  get(kind: KindName, key: string): Resource | undefined;
  /** How often changes were told. */
  changes(): number;
}

export type RigOptions = Partial<EtcdProviderOptions>;

/** A fake that listens, until the test ends. */
export async function startEtcd(t: TestContext): Promise<{ etcd: FakeEtcd; url: string }> {
  const etcd = new FakeEtcd();
  const url = await etcd.listen();
  t.after(() => etcd.stop());
  return { etcd, url };
}

/** Providers that have not begun; they end with the test. */
export function etcdRig(
  t: TestContext,
  endpoints: readonly string[],
  options: RigOptions = {},
): EtcdRig {
  const store = new ResourceStore();
  const log: string[] = [];
  let changes = 0;
  const provider = new EtcdProvider({
    endpoints,
    backOff: { baseIntervalMs: 1, maxIntervalMs: 5 },
    leaseIntervalMs: 2,
    ...options,
  });
  const providers = new Providers([provider], {
    store,
    defaults: [],
    onChange: () => changes++,
    onProblems: (_, lines) => log.push(...lines),
    onState: (_, state) =>
      log.push(state.kind === "connected" ? "connected" : `disconnected: ${state.reason}`),
  });
  t.after(() => providers.close());
  return {
    providers,
    log,
    changes: () => changes,
    get: (kind, key) => store.table(kind).peek(key),
    objects: (kind) =>
      Array.from(
        store.table(kind).entries(),
        ([key, { metadata }]) => `${key} ${metadata.generation}`,
      ).toSorted(),
  };
}

/** Begins, and waits for the watch. */
export async function connected(rig: EtcdRig): Promise<void> {
  await rig.providers.start();
  await until(() => rig.log.includes("connected"));
}

/** The key of a Service of namespace `ns`. */
export function serviceKey(name: string): string {
  return `/nuncio/resources/core/Service/ns/${name}`;
}

/** A Service of namespace `ns` in YAML. */
export function serviceYaml(name: string, port: number): string {
  return `{apiVersion: v1, kind: Service, metadata: {name: ${name}, namespace: ns}, spec: {ports: [{port: ${port}}]}}`;
}
