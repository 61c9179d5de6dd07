// Writes packages/gateway/gen/resources.d.ts: TypeScript types of the resources that the gateway reads, from the schemas
// in packages/gateway/crds. Only the compiler reads them. Runs at install on any Node from 20 on, so it is plain
// JavaScript.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { typeNames } from "./resource-type-names.mjs";

const gateway = join(dirname(fileURLToPath(import.meta.url)), "../packages/gateway");
const ownFiles = ["backends.yaml", "nuncioproxies.yaml"];

const preamble = `// Written by tools/generate-resource-types.mjs from the schemas in ../crds. Objects are as the gateway reads them: fields
// with a default are there.

import type { ObjectMeta } from "../src/resources/object.ts";

export interface NamespacedObjectMeta extends ObjectMeta {
  readonly namespace: string;
}
`;

/** @param parseYaml of package yaml, which is there with the development dependencies */
export function generateResourceTypes(parseYaml) {
  const kinds = readKinds(parseYaml);
  const shapes = new Shapes();
  for (const { kind, schema } of kinds) shapes.collect(schema, kind);
  shapes.giveNames();
  const texts = [preamble, ...kinds.map((kind) => shapes.kind(kind)), ...shapes.declarations()];
  const target = join(gateway, "gen");
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "resources.d.ts"), texts.join("\n"));
  console.log(`wrote the types of the resources: ${kinds.length} kinds in packages/gateway/gen`);
}

/** One entry per kind, with the schema of the version that objects of all versions are read as: the newest. */
function readKinds(parseYaml) {
  const bundle = JSON.parse(gunzipSync(readFileSync(join(gateway, "crds/gateway-api.json.gz"))));
  const core = JSON.parse(readFileSync(join(gateway, "crds/core.json")));
  const own = ownFiles.map((name) => {
    const { spec } = parseYaml(readFileSync(join(gateway, "crds", name), "utf8"));
    const versions = spec.versions.map((version) => ({
      name: version.name,
      schema: version.schema.openAPIV3Schema,
    }));
    return { group: spec.group, kind: spec.names.kind, scope: spec.scope, versions };
  });
  const byName = (a, b) => (a.kind < b.kind ? -1 : 1);
  return [...bundle.kinds, ...core.kinds, ...own].sort(byName).map((kind) => {
    const newest = kind.versions.find(({ name }) => name === "v1") ?? kind.versions[0];
    const { schema } = kind.versions.find(({ name }) => name === (newest.sameAs ?? newest.name));
    return { ...kind, version: newest.name, schema };
  });
}

/** The objects within schemas that become types of their own. */
class Shapes {
  /** What a type looks like -> the paths it stands at, by kind from the top down. */
  #paths = new Map();
  #names = new Map();
  #aliases = [];
  #schemas = new Map();

  collect(schema, path) {
    for (const [name, property] of Object.entries(schema.properties ?? {})) {
      const isTop = !path.includes(".");
      if (isTop && ["apiVersion", "kind", "metadata"].includes(name)) continue;
      this.#collectValue(property, `${path}.${name}`);
    }
  }

  #collectValue(schema, path) {
    if (schema.items !== undefined) return this.#collectValue(schema.items, `${path}[]`);
    if (schema.properties === undefined) return undefined;
    const look = lookOf(schema);
    this.#schemas.set(look, schema);
    this.#paths.set(look, [...(this.#paths.get(look) ?? []), path]);
    return this.collect(schema, path);
  }

  giveNames() {
    const looks = new Map();
    for (const [look, paths] of this.#paths) for (const path of paths) looks.set(path, look);
    for (const [path, name] of Object.entries(typeNames)) {
      if (!looks.has(path)) throw new Error(`no object at ${path}, which is to be named ${name}`);
      this.#name(looks.get(path), name);
    }
    for (const [look, paths] of this.#paths) {
      for (const path of paths.filter((each) => /^[^.]+\.(spec|status)$/.test(each)))
        this.#name(look, path.replace(".spec", "Spec").replace(".status", "Status"));
    }
    for (const [look, paths] of this.#paths) {
      if (!this.#names.has(look)) this.#name(look, nameOfPath(paths));
    }
  }

  #name(look, name) {
    const known = this.#names.get(look);
    if (known === undefined) this.#names.set(look, name);
    else if (known !== name) this.#aliases.push([name, known]);
  }

  kind({ group, kind, version, scope, schema }) {
    const meta = scope === "Namespaced" ? "NamespacedObjectMeta" : "ObjectMeta";
    const apiVersion = group === "" ? version : `${group}/${version}`;
    const { apiVersion: _a, kind: _k, metadata: _m, status, ...rest } = schema.properties;
    const fields = this.#fields({ ...schema, properties: rest });
    // The controller writes it: it is not read, so its default never applies.
    const written = status === undefined ? "" : `  readonly status?: ${this.#type(status)};\n`;
    return `export interface ${kind} {
  readonly apiVersion: "${apiVersion}";
  readonly kind: "${kind}";
  readonly metadata: ${meta};
${fields}${written}}
`;
  }

  declarations() {
    const all = [...this.#names].map(([look, name]) => [
      name,
      `export interface ${name} {\n${this.#fields(this.#schemas.get(look))}}\n`,
    ]);
    const aliases = this.#aliases.map(([name, known]) => [
      name,
      `export type ${name} = ${known};\n`,
    ]);
    return [...all, ...aliases].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, text]) => text);
  }

  #fields(schema) {
    return Object.entries(schema.properties)
      .map(
        ([name, property]) =>
          `  readonly ${name}${isThere(schema, name) ? "" : "?"}: ${this.#type(property)};\n`,
      )
      .join("");
  }

  #type(schema) {
    const nullable = schema.nullable === true ? " | null" : "";
    return this.#bareType(schema) + nullable;
  }

  #bareType(schema) {
    if (schema["x-kubernetes-int-or-string"] === true) return "number | string";
    if (schema.enum !== undefined)
      return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
    switch (schema.type) {
      case "array": {
        const item = this.#type(schema.items);
        return item.includes(" | ") ? `readonly (${item})[]` : `readonly ${item}[]`;
      }
      case "object": {
        if (schema.properties !== undefined) return this.#names.get(lookOf(schema));
        const values = schema.additionalProperties;
        const value = typeof values === "object" ? this.#type(values) : "unknown";
        return `Readonly<Record<string, ${value}>>`;
      }
      case "integer":
      case "number":
        return "number";
      case "boolean":
        return "boolean";
      case "string":
        return "string";
      default:
        return "unknown";
    }
  }
}

function isThere(schema, name) {
  return schema.properties[name].default !== undefined || (schema.required ?? []).includes(name);
}

/** What of a schema decides about its type: equal for schemas that differ in limits, patterns and rules alone. */
function lookOf(schema) {
  if (schema.properties !== undefined) {
    const fields = Object.entries(schema.properties).map(
      ([name, property]) => `${name}${isThere(schema, name) ? "" : "?"}:${lookOf(property)}`,
    );
    return `{${fields.join(",")}}`;
  }
  if (schema.items !== undefined) return `[${lookOf(schema.items)}]`;
  const { type, enum: values, nullable, additionalProperties } = schema;
  const intOrString = schema["x-kubernetes-int-or-string"];
  const mapped =
    typeof additionalProperties === "object" ? lookOf(additionalProperties) : undefined;
  return JSON.stringify([type, values, nullable, intOrString, mapped]);
}

/** `Gateway.spec.tls.frontend.perPort[]` -> GatewayTlsFrontendPerPort; of several paths the shortest. */
function nameOfPath(paths) {
  const shortest = paths.reduce((best, path) =>
    path.split(".").length < best.split(".").length ? path : best,
  );
  const [kind, ...steps] = shortest.split(".");
  const own = steps[0] === "spec" ? steps.slice(1) : steps;
  return kind + own.map(nameOfStep).join("");
}

function nameOfStep(step) {
  const word = step.endsWith("[]") ? singular(step.slice(0, -2)) : step;
  return word[0].toUpperCase() + word.slice(1);
}

function singular(word) {
  if (/(sses|ches)$/.test(word)) return word.slice(0, -2);
  return word.endsWith("s") ? word.slice(0, -1) : word;
}
