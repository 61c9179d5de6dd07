import { stringify } from "yaml";
import { Random } from "../../harness/random.ts";

/** An object of Kubernetes as it is written. */
export interface DocumentObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly creationTimestamp?: string;
  };
  readonly spec?: object;
}

/** Objects that belong together: many of them can be translated at once, because each has namespaces of its own. */
export interface GatewayDocument {
  /** `SEED.NUMBER`: how to get it again. */
  readonly name: string;
  readonly objects: readonly DocumentObject[];
}

/** Where the objects of a document are, and what decides about them. */
export interface Scene {
  readonly random: Random;
  /** Has the gateways. */
  readonly infra: string;
  /** Has most routes. */
  readonly app: string;
  /** Has what others need a grant for. */
  readonly other: string;
}

/** The group of what Gateway API has. */
export const GATEWAY_API = "gateway.networking.k8s.io";
/** The GatewayClass of all documents. */
export const CLASS_NAME = "interop";

/** Yes `percent` times in a hundred. */
export function chance({ random }: Scene, percent: number): boolean {
  return random.below(100) < percent;
}

/** Up to `most` different ones of a list, in its order. */
export function some<T>({ random }: Scene, list: readonly T[], most: number): T[] {
  const wanted = random.below(most + 1);
  const left = [...list];
  while (left.length > wanted) left.splice(random.below(left.length), 1);
  return left;
}

/** One at least. */
export function someAtLeastOne<T>(scene: Scene, list: readonly T[], most: number): T[] {
  const found = some(scene, list, most);
  return found.length === 0 ? [scene.random.pick(list)] : found;
}

/** An object with the members of a spec that are not undefined. */
export function object(
  apiVersion: string,
  kind: string,
  metadata: DocumentObject["metadata"],
  spec?: object,
): DocumentObject {
  return { apiVersion, kind, metadata, ...(spec !== undefined && { spec }) };
}

/** Objects as a file has them. */
export function yamlOf(objects: readonly object[]): string {
  return objects
    .map((one) => stringify(one, { aliasDuplicateObjects: false, lineWidth: 0, version: "1.1" }))
    .join("---\n");
}
