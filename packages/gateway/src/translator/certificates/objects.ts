import type { ConfigMap, Secret } from "#gen/resources";

/** A member of a Secret as text; undefined: it is not there. */
export function secretText({ data }: Secret, member: string): string | undefined {
  return decoded(data?.[member]);
}

/** A member of a ConfigMap as text; undefined: it is not there. */
export function configMapText({ data, binaryData }: ConfigMap, member: string): string | undefined {
  return data?.[member] ?? decoded(binaryData?.[member]);
}

function decoded(base64: string | undefined): string | undefined {
  return base64 === undefined ? undefined : Buffer.from(base64, "base64").toString();
}
