import type { Backend, Secret } from "#gen/resources";
import type { Cells } from "../../../incremental/cells.ts";
import { Index } from "../../../incremental/index-cells.ts";
import { Stage, type Read } from "../../../incremental/stage.ts";
import type { IrCluster } from "../../../ir/cluster.ts";
import type { IrSecret } from "../../../ir/secret.ts";
import type { ObjectRef } from "../../../resources/object.ts";
import { readAuthorities } from "../../certificates/authorities.ts";
import { readKeyPair } from "../../certificates/key-pair.ts";
import type { BackendSources } from "../backend-references.ts";
import { checkBackendTls } from "./backend-tls.ts";
import type { CheckedPolicy } from "./checked-policy.ts";
import { secretOrigin, type SecretOrigin } from "./secret-names.ts";

interface SecretInputs extends BackendSources {
  readonly clusters: Cells<IrCluster>;
  readonly policies: Cells<CheckedPolicy>;
}

/** By name: what clusters check upstreams against, and show them, but for what is the Gateway's own. */
export function clusterSecrets(inputs: SecretInputs): Stage<IrSecret> {
  const names = new Index(
    "secrets by cluster",
    inputs.clusters,
    ({ tls }) =>
      [tls?.ca, tls?.clientCertificate].filter(
        (name) => name !== undefined && secretOrigin(name) !== undefined,
      ) as string[],
  );
  return new Stage<IrSecret>({
    name: "secrets of clusters",
    compute: (name, read) => {
      const origin = secretOrigin(name);
      if (origin === undefined) return undefined;
      if (origin.kind === "client") return clientSecret(inputs, read, name, origin);
      const found = sourcesOf(inputs, read, origin).map((source) =>
        readAuthorities(read, inputs.store, source),
      );
      const certificates = found.flatMap((one) => ("problem" in one ? [] : [one.certificates]));
      const { gateway } = origin;
      return { kind: "authorities", name, gateway, certificates: certificates.join("") };
    },
  }).forEach(names);
}

function sourcesOf(
  inputs: SecretInputs,
  read: Read,
  { kind, key }: SecretOrigin,
): readonly ObjectRef[] {
  const authorities =
    kind === "policy"
      ? read.one(inputs.policies, key)?.tls?.authorities
      : backendAuthorities(inputs, read, key);
  return authorities === undefined || authorities === "system" ? [] : authorities;
}

function backendAuthorities(
  inputs: SecretInputs,
  read: Read,
  key: string,
): "system" | readonly ObjectRef[] | undefined {
  const backend = read.one(inputs.store.table<Backend>("Backend"), key);
  const tls = backend && checkBackendTls(read, inputs, backend);
  return tls === undefined || "problem" in tls ? undefined : tls.authorities;
}

function clientSecret(
  { store }: SecretInputs,
  read: Read,
  name: string,
  { gateway, key }: SecretOrigin,
): IrSecret | undefined {
  const secret = read.one(store.table<Secret>("Secret"), key);
  const pair = secret && readKeyPair(secret);
  if (pair === undefined || "problem" in pair) return undefined;
  const { certificateChain, privateKey } = pair;
  return { kind: "certificate", name, gateway, certificateChain, privateKey };
}
