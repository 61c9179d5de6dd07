import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { SyntaxProblem, defaultLoadLimits, parseDocuments } from "@nuncio/api";
import { RESOURCE_KINDS } from "../kinds.ts";
import type { ResourceKind } from "../kinds.ts";
import { plainValue } from "../read/plain-value.ts";
import { compileSchema } from "./compile.ts";
import type { Check } from "./report.ts";
import type { Schema } from "./schema.ts";

/** One version of a kind, as its definition has it. */
interface VersionSchema {
  readonly name: string;
  readonly deprecationWarning?: string;
  /** An earlier version with the same schema. */
  readonly sameAs?: string;
  readonly schema?: Schema;
}

interface KindSchemas {
  readonly group: string;
  readonly kind: string;
  readonly versions: readonly VersionSchema[];
}

/** How objects of a version are checked. */
export interface VersionChecks {
  readonly check: Check;
  /** What users of the version are told; undefined where it is not deprecated. */
  readonly deprecationWarning: string | undefined;
}

let byGroupAndKind: ReadonlyMap<string, KindSchemas> | undefined;
const compiled = new Map<string, VersionChecks>();

/** The checks of a version of a kind; made at the first call, and the same from then on. */
export function checksOf({ group, kind }: ResourceKind, version: string): VersionChecks {
  const id = `${group}/${kind}/${version}`;
  let checks = compiled.get(id);
  if (checks === undefined) {
    const { schema, deprecationWarning } = versionSchema(group, kind, version);
    checks = { check: compileSchema(withoutStatus(schema)), deprecationWarning };
    compiled.set(id, checks);
  }
  return checks;
}

/** Every schema of every kind that is read. */
export function* allSchemas(): Generator<{ kind: ResourceKind; version: string; schema: Schema }> {
  for (const kind of RESOURCE_KINDS) {
    for (const version of kind.versions)
      yield { kind, version, schema: versionSchema(kind.group, kind.kind, version).schema };
  }
}

/** A status is not read, so its default never applies. */
function withoutStatus(schema: Schema): Schema {
  const { status: _, ...properties } = schema.properties ?? {};
  return { ...schema, properties };
}

function versionSchema(
  group: string,
  kind: string,
  version: string,
): { readonly schema: Schema; readonly deprecationWarning: string | undefined } {
  byGroupAndKind ??= readAll();
  const versions = byGroupAndKind.get(`${group}/${kind}`)?.versions;
  const found = versions?.find(({ name }) => name === version);
  const schema = found?.schema ?? versions?.find(({ name }) => name === found?.sameAs)?.schema;
  if (found === undefined || schema === undefined)
    throw new Error(`no schema of ${kind} ${group}/${version}`);
  return { schema, deprecationWarning: found.deprecationWarning };
}

function readAll(): ReadonlyMap<string, KindSchemas> {
  const gatewayApi = new URL("../../../crds/gateway-api.json.gz", import.meta.url);
  const core = new URL("../../../crds/core.json", import.meta.url);
  const bundles = [gunzipSync(readFileSync(gatewayApi)).toString(), readFileSync(core, "utf8")];
  const kinds = [
    ...bundles.flatMap((text) => (JSON.parse(text) as { kinds: KindSchemas[] }).kinds),
    readDefinition(new URL("../../../crds/backends.yaml", import.meta.url)),
    readDefinition(new URL("../../../crds/nuncioproxies.yaml", import.meta.url)),
  ];
  return new Map(kinds.map((kind) => [`${kind.group}/${kind.kind}`, kind]));
}

/** What of a CustomResourceDefinition is used. */
interface Definition {
  readonly spec: {
    readonly group: string;
    readonly names: { readonly kind: string };
    readonly versions: readonly {
      readonly name: string;
      readonly schema: { readonly openAPIV3Schema: Schema };
    }[];
  };
}

function readDefinition(file: URL): KindSchemas {
  const [document] = parseDocuments(readFileSync(file, "utf8"), "yaml", defaultLoadLimits);
  if (document === undefined || document.content instanceof SyntaxProblem)
    throw new Error(`no definition in ${file.pathname}`);
  const { spec } = plainValue(document.content, () => {}) as Definition;
  return {
    group: spec.group,
    kind: spec.names.kind,
    versions: spec.versions.map(({ name, schema }) => ({ name, schema: schema.openAPIV3Schema })),
  };
}
