import { didYouMean, quote } from "@nuncio/api";
import type { MapNode, SourceText, TextNode } from "@nuncio/api";
import { GATEWAY_GROUP, RESOURCE_KINDS, newestApiVersion, resourceKind } from "../kinds.ts";
import type { ResourceKind } from "../kinds.ts";
import { formatPath } from "../problem.ts";
import type { FieldPath, ObjectName, ResourceProblem } from "../problem.ts";
import { describeValue } from "../schema/report.ts";
import { validateObject } from "../validate.ts";
import { offsetOf, plainValue } from "./plain-value.ts";
import type { ReadLimits } from "./read-limits.ts";
import type { ReadResource, ReadResult } from "./read-resources.ts";

/** Turns the documents of one file into resources and problems. */
export class ObjectReader {
  readonly #text: SourceText;
  readonly #format: "yaml" | "json";
  readonly #limits: ReadLimits;
  readonly #resources: ReadResource[] = [];
  readonly #problems: ResourceProblem[] = [];
  readonly #refused: ObjectName[] = [];
  #complete = true;

  constructor(text: SourceText, format: "yaml" | "json", limits: ReadLimits) {
    this.#text = text;
    this.#format = format;
    this.#limits = limits;
  }

  result(): ReadResult {
    return {
      resources: this.#resources,
      problems: this.#problems,
      refused: this.#refused,
      complete: this.#complete,
    };
  }

  /** A part of the file cannot be read. @param at offset in the text */
  unreadable(at: number, message: string): void {
    this.#complete = false;
    this.#add("error", at, null, "", message);
  }

  /**
   * Reads a document, or a part of it: an object, or a list of them.
   * @param start offset of the document in the text
   * @param within where the node is in its document
   */
  read(node: TextNode, start: number, within: FieldPath = []): void {
    if (node.kind !== "map") {
      if (node.kind === "scalar" && node.value === null) return;
      const message = `expected an object of Kubernetes, got ${describeValue(plainValue(node, () => {}))}`;
      this.unreadable(start + node.at, message);
      return;
    }
    const items = itemsOf(node);
    if (items === undefined) this.#readObject(node, start, within);
    else
      for (const [index, item] of items.entries())
        this.read(item, start, [...within, "items", index]);
  }

  #readObject(node: MapNode, start: number, within: FieldPath): void {
    const repeats: { key: string; keyAt: number }[] = [];
    const object = plainValue(node, (key, keyAt) => repeats.push({ key, keyAt }));
    const fields = object as Record<string, unknown>;
    const name = nameOf(fields);
    const report = (path: FieldPath, message: string, severity: "error" | "warning"): void => {
      const at = start + offsetOf(node, path, false);
      this.#add(severity, at, name, formatPath(path), message);
    };
    const known = versionOf(fields, name);
    if ("message" in known) {
      report([known.field], known.message, known.severity);
      if (known.severity === "error") this.#refused.push(name);
      return;
    }
    for (const { key, keyAt } of repeats)
      this.#add("error", start + keyAt, name, "", `key ${quote(key)} is there twice`);
    const { resource, findings, deprecationWarning } = validateObject(
      fields,
      known.kind,
      known.version,
    );
    if (deprecationWarning !== undefined) report(["apiVersion"], deprecationWarning, "warning");
    for (const { path, message, atKey } of findings) {
      const at = start + offsetOf(node, path, atKey);
      this.#add("error", at, name, formatPath(path), message);
    }
    if (resource === undefined || repeats.length > 0) {
      this.#refused.push(name);
      return;
    }
    const origin = { text: this.#text, format: this.#format, limits: this.#limits, start, within };
    this.#resources.push({ resource, origin });
  }

  #add(
    severity: "error" | "warning",
    at: number,
    object: ObjectName | null,
    path: string,
    message: string,
  ): void {
    const { problemsPerFileMax } = this.#limits;
    const isLast = this.#problems.length === problemsPerFileMax;
    if (this.#problems.length > problemsPerFileMax) return;
    const place = this.#text.placeOf(at);
    const rest = `more than ${problemsPerFileMax} problems, the others are not told`;
    if (isLast)
      this.#problems.push({ severity: "error", place, object: null, path: "", message: rest });
    else this.#problems.push({ severity, place, object, path, message });
  }
}

/** The items of `kind: List`, and of `HTTPRouteList` and its like. */
function itemsOf(node: MapNode): readonly TextNode[] | undefined {
  const kind = node.entries.find(({ key }) => key === "kind")?.value;
  const items = node.entries.find(({ key }) => key === "items")?.value;
  if (kind?.kind !== "scalar" || typeof kind.value !== "string" || !kind.value.endsWith("List"))
    return undefined;
  if (items === undefined) return [];
  return items.kind === "list" ? items.items : undefined;
}

function nameOf(fields: Record<string, unknown>): ObjectName {
  const { apiVersion, kind } = fields;
  const metadata = fields["metadata"];
  const { name, namespace } = (
    typeof metadata === "object" && metadata !== null ? metadata : {}
  ) as {
    name?: unknown;
    namespace?: unknown;
  };
  const group =
    typeof apiVersion === "string" && apiVersion.includes("/")
      ? apiVersion.slice(0, apiVersion.indexOf("/"))
      : "";
  const kindName = typeof kind === "string" ? kind : "";
  const isNamespaced = resourceKind(group, kindName)?.namespaced ?? typeof namespace === "string";
  return {
    group,
    kind: kindName,
    namespace: !isNamespaced ? "" : typeof namespace === "string" ? namespace : "default",
    name: typeof name === "string" ? name : "",
  };
}

type Version =
  | { readonly kind: ResourceKind; readonly version: string }
  | { readonly field: string; readonly message: string; readonly severity: "error" | "warning" };

/** The kind and version of an object; or why it has none that is read. Kinds of groups that are not ours are others' business. */
function versionOf(fields: Record<string, unknown>, { group, kind }: ObjectName): Version {
  const severity = "error";
  const { apiVersion } = fields;
  if (typeof apiVersion !== "string" || apiVersion === "") {
    const message = `expected a version such as "${GATEWAY_GROUP}/v1", got ${describeValue(apiVersion)}`;
    return { field: "apiVersion", message, severity };
  }
  if (kind === "") {
    const message = `expected a kind such as "HTTPRoute", got ${describeValue(fields["kind"])}`;
    return { field: "kind", message, severity };
  }
  const found = resourceKind(group, kind);
  const version = apiVersion.slice(apiVersion.indexOf("/") + 1);
  if (found === undefined) return unknownKind(apiVersion, group, kind);
  if (found.versions.includes(version)) return { kind: found, version };
  const versions = found.versions.map((each) => quote(group === "" ? each : `${group}/${each}`));
  const message = `unknown version ${quote(apiVersion)} of ${kind}, expected ${versions.join(" or ")}`;
  return { field: "apiVersion", message, severity };
}

function unknownKind(apiVersion: string, group: string, kind: string): Version {
  const isOurs = /(?:^|\.)(?:gateway\.networking\.(?:x-)?k8s\.io|nuncio\.dev)$/.test(group);
  if (isOurs) {
    const kinds = RESOURCE_KINDS.filter((each) => each.group === group).map((each) => each.kind);
    const message = `unknown kind ${quote(kind)} of ${quote(apiVersion)}${didYouMean(kind, kinds)}`;
    return { field: "kind", message, severity: "error" };
  }
  const same = RESOURCE_KINDS.find((each) => each.kind === kind);
  if (same !== undefined) return otherGroup(apiVersion, group, same);
  const message = `kind ${kind} of ${quote(apiVersion)} is not read`;
  return { field: "kind", message, severity: "warning" };
}

/** A kind of the name of one of ours: its group is written wrong, or it is somebody else's. */
function otherGroup(apiVersion: string, group: string, own: ResourceKind): Version {
  const meant = didYouMean(group, [own.group]);
  if (meant !== "") {
    const message = `unknown group ${quote(group)} of ${own.kind}${meant}`;
    return { field: "apiVersion", message, severity: "error" };
  }
  const read = quote(newestApiVersion(own));
  const message = `kind ${own.kind} of ${quote(apiVersion)} is not read, only that of ${read}`;
  return { field: "apiVersion", message, severity: "warning" };
}
