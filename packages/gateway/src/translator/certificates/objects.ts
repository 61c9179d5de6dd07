import type { Resource } from "../../resources/object.ts";

/** What is read of `v1 Secret`. */
export interface SecretObject extends Resource {
  readonly type?: string;
  /** Base64. */
  readonly data?: Readonly<Record<string, string>>;
  /** As it is; goes before `data`, as the API server has it. */
  readonly stringData?: Readonly<Record<string, string>>;
}

/** What is read of `v1 ConfigMap`. */
export interface ConfigMapObject extends Resource {
  readonly data?: Readonly<Record<string, string>>;
  /** Base64. */
  readonly binaryData?: Readonly<Record<string, string>>;
}

/** A member of a Secret as text; undefined: it is not there. */
export function secretText(secret: SecretObject, member: string): string | undefined {
  return secret.stringData?.[member] ?? decoded(secret.data?.[member]);
}

/** A member of a ConfigMap as text; undefined: it is not there. */
export function configMapText(configMap: ConfigMapObject, member: string): string | undefined {
  return configMap.data?.[member] ?? decoded(configMap.binaryData?.[member]);
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString();
}
