import type { Secret } from "#gen/resources";
import type { Cells } from "../../incremental/cells.ts";
import { Index } from "../../incremental/index-cells.ts";
import { Stage, type Read } from "../../incremental/stage.ts";
import type { IrSecret } from "../../ir/secret.ts";
import type { ResourceStore } from "../../resources/store.ts";
import { readAuthorities } from "../certificates/authorities.ts";
import { readKeyPair } from "../certificates/key-pair.ts";
import type { TranslatedGateway } from "../translated-gateway.ts";
import { secretOfPiece } from "./piece-names.ts";

/** What listeners show to clients and check them against, and what Gateways show to upstreams. */
export function secretStage(
  store: ResourceStore,
  gateways: Cells<TranslatedGateway>,
): Stage<IrSecret> {
  const names = new Index("secrets of gateways", gateways, secretNames);
  return new Stage<IrSecret>({
    name: "secrets of gateways",
    compute: (name, read) => {
      const [key] = read.one(names, name) ?? [];
      const gateway = key === undefined ? undefined : read.one(gateways, key);
      return gateway === undefined ? undefined : translateSecret(read, store, gateway, name);
    },
  }).forEach(names);
}

/** Of listeners that are served: nothing else needs them. */
function secretNames({ listeners, clientCertificate }: TranslatedGateway): string[] {
  const ofListeners = listeners
    .filter(({ programmed }) => programmed)
    .flatMap(({ certificates, clientValidation }) =>
      clientValidation === undefined ? certificates : [...certificates, clientValidation.caSecret],
    );
  return clientCertificate === undefined ? ofListeners : [...ofListeners, clientCertificate];
}

function translateSecret(
  read: Read,
  store: ResourceStore,
  { key, authorities }: TranslatedGateway,
  name: string,
): IrSecret | undefined {
  const from = authorities.find((one) => one.name === name);
  if (from !== undefined) {
    const found = from.sources.map((source) => readAuthorities(read, store, source));
    const certificates = found.flatMap((one) => ("problem" in one ? [] : [one.certificates]));
    return { kind: "authorities", name, gateway: key, certificates: certificates.join("") };
  }
  const secretKey = secretOfPiece(key, name);
  if (secretKey === undefined) return undefined;
  const secret = read.one(store.table<Secret>("Secret"), secretKey);
  const pair = secret === undefined ? undefined : readKeyPair(secret);
  if (pair === undefined || "problem" in pair) return undefined;
  const { certificateChain, privateKey } = pair;
  return { kind: "certificate", name, gateway: key, certificateChain, privateKey };
}
