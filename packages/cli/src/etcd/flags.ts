import { readFileSync } from "node:fs";
import type { EtcdObjectsOptions } from "@nuncio/gateway";
import type { Flag, GivenFlags } from "../flags.ts";
import { UsageError } from "../usage-error.ts";

/** Where an etcd is, and how it is reached. */
export const ETCD_FLAGS: readonly Flag[] = [
  {
    name: "etcd",
    value: "URL[,URL]",
    help: "an etcd with resources, as http://127.0.0.1:2379; several members are tried in turn",
  },
  { name: "etcd-prefix", value: "PREFIX", help: "all keys are below it; default: /nuncio/" },
  { name: "etcd-user", value: "NAME", help: "with --etcd-password-file" },
  { name: "etcd-password-file", value: "FILE", help: "holds the password of the user" },
  {
    name: "etcd-ca",
    value: "FILE",
    help: "authorities of etcd's certificates; default: the system's",
  },
  { name: "etcd-cert", value: "FILE", help: "a client certificate, with --etcd-key" },
  { name: "etcd-key", value: "FILE", help: "its key" },
];

/**
 * How the etcd that was asked for is reached; undefined: none was.
 *
 * @throws UsageError
 */
export function etcdOptions(given: GivenFlags): EtcdObjectsOptions | undefined {
  const endpoints = given.get("etcd")?.[0];
  if (endpoints === undefined) {
    const other = ETCD_FLAGS.find(({ name }) => given.has(name));
    if (other !== undefined) throw new UsageError(`--${other.name}: expected --etcd beside it`);
    return undefined;
  }
  bothOrNone(given, "etcd-user", "etcd-password-file");
  bothOrNone(given, "etcd-cert", "etcd-key");
  const prefix = given.get("etcd-prefix")?.[0];
  const name = given.get("etcd-user")?.[0];
  const password = contentOf(given, "etcd-password-file")?.replace(/\r?\n$/, "");
  const [ca, cert, key] = ["etcd-ca", "etcd-cert", "etcd-key"].map((flag) =>
    contentOf(given, flag),
  );
  return {
    endpoints: endpoints.split(","),
    ...(prefix === undefined ? {} : { prefix }),
    ...(name === undefined || password === undefined ? {} : { user: { name, password } }),
    tls: {
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(key === undefined ? {} : { key }),
    },
  };
}

function bothOrNone(given: GivenFlags, one: string, other: string): void {
  for (const [has, lacks] of [
    [one, other],
    [other, one],
  ] as const) {
    if (given.has(has) && !given.has(lacks))
      throw new UsageError(`--${has}: expected --${lacks} beside it`);
  }
}

function contentOf(given: GivenFlags, flag: string): string | undefined {
  const file = given.get(flag)?.[0];
  return file === undefined ? undefined : readFileSync(file, "utf8");
}
