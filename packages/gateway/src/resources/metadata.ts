import { quote } from "@nuncio/api";
import type { ResourceKind } from "./kinds.ts";
import {
  expectedLabelKey,
  expectedLabelValue,
  isLabelKey,
  isLabelValue,
  isSubdomain,
  subdomainMax,
} from "./label-syntax.ts";
import type { ObjectMeta } from "./object.ts";
import { compileSchema } from "./schema/compile.ts";
import type { Report } from "./schema/report.ts";
import type { Schema } from "./schema/schema.ts";

const text: Schema = { type: "string" };
const texts: Schema = { type: "object", additionalProperties: text };
const time: Schema = { type: "string", format: "date-time" };
const whole: Schema = { type: "integer", format: "int64" };
const owner: Schema = {
  type: "object",
  required: ["apiVersion", "kind", "name", "uid"],
  properties: {
    apiVersion: text,
    kind: text,
    name: text,
    uid: text,
    blockOwnerDeletion: { type: "boolean" },
    controller: { type: "boolean" },
  },
};
/** What only the API server writes and reads. */
const managedFields: Schema = {
  type: "array",
  items: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
};

/** The fields that Kubernetes has (ObjectMeta of meta/v1). */
const check = compileSchema({
  type: "object",
  properties: {
    name: text,
    namespace: text,
    labels: texts,
    annotations: texts,
    generation: whole,
    creationTimestamp: time,
    uid: text,
    resourceVersion: text,
    generateName: text,
    deletionTimestamp: time,
    deletionGracePeriodSeconds: whole,
    finalizers: { type: "array", items: text },
    managedFields,
    ownerReferences: { type: "array", items: owner },
    selfLink: text,
  },
});

const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/;
const serviceName = /^[a-z](?:[-a-z0-9]*[a-z0-9])?$/;

const labelMax = 63;
const annotationBytesMax = 256 * 1024;

/**
 * Checks `metadata` as the API server does, and gives what of it is used: with the namespace `default` where it has none
 * and needs one. Undefined when there were findings.
 */
export function checkMetadata(
  metadata: unknown,
  kind: ResourceKind,
  report: Report,
): ObjectMeta | undefined {
  const before = report.findings.length;
  report.path.push("metadata");
  if (metadata === undefined) report.add("is required, but there is nothing");
  else check(metadata, report);
  if (report.findings.length === before) checkValues(metadata as Written, kind, report);
  report.path.pop();
  return report.findings.length === before ? usedOf(metadata as ObjectMeta, kind) : undefined;
}

interface Written extends Partial<ObjectMeta> {
  readonly generateName?: string;
}

function checkValues(metadata: Written, kind: ResourceKind, report: Report): void {
  const { name = "", namespace = "", generateName = "", labels = {}, annotations = {} } = metadata;
  if (name === "") report.addWithin("name", "is required, but there is nothing");
  else checkName(name, kind, report);
  if (namespace !== "") {
    if (!kind.namespaced) {
      const rule = `a ${kind.kind} is of no namespace`;
      report.addWithin("namespace", `${rule}, got ${quote(namespace)}`);
    } else if (!label.test(namespace) || namespace.length > labelMax) {
      report.addWithin("namespace", expectedLabel(namespace));
    }
  }
  const likeName = generateName.replace(/-$/, "a");
  if (likeName !== "" && !isSubdomain(likeName))
    report.addWithin("generateName", `expected the start of a name, got ${quote(generateName)}`);
  checkLabels(labels, report);
  checkAnnotations(annotations, report);
}

function checkName(name: string, { kind }: ResourceKind, report: Report): void {
  if (kind === "Service") {
    if (!serviceName.test(name) || name.length > labelMax)
      report.addWithin(
        "name",
        `expected at most ${labelMax} of a-z, 0-9 and "-", a letter first and no "-" last, got ${quote(name)}`,
      );
  } else if (kind === "Namespace") {
    if (!label.test(name) || name.length > labelMax) report.addWithin("name", expectedLabel(name));
  } else if (!isSubdomain(name)) {
    report.addWithin(
      "name",
      `expected at most ${subdomainMax} of a-z, 0-9, "-" and ".", a letter or digit first and last in each part, got ${quote(name)}`,
    );
  }
}

function expectedLabel(name: string): string {
  return `expected at most ${labelMax} of a-z, 0-9 and "-", a letter or digit first and last, got ${quote(name)}`;
}

function checkLabels(labels: Readonly<Record<string, string>>, report: Report): void {
  report.path.push("labels");
  for (const [key, value] of Object.entries(labels)) {
    checkKey(key, key, report);
    if (!isLabelValue(value))
      report.addWithin(key, `expected ${expectedLabelValue}, got ${quote(value)}`);
  }
  report.path.pop();
}

function checkAnnotations(annotations: Readonly<Record<string, string>>, report: Report): void {
  let bytes = 0;
  report.path.push("annotations");
  for (const [key, value] of Object.entries(annotations)) {
    checkKey(key.toLowerCase(), key, report);
    bytes += Buffer.byteLength(key) + Buffer.byteLength(value);
  }
  if (bytes > annotationBytesMax)
    report.add(`expected at most ${annotationBytesMax} bytes, got ${bytes}`);
  report.path.pop();
}

function checkKey(key: string, written: string, report: Report): void {
  if (!isLabelKey(key))
    report.addWithin(written, `expected ${expectedLabelKey}, got ${quote(written)}`, true);
}

function usedOf(metadata: ObjectMeta, kind: ResourceKind): ObjectMeta {
  const { name, namespace, labels, annotations } = metadata;
  const { generation, creationTimestamp, uid, resourceVersion } = metadata;
  return {
    name,
    ...(kind.namespaced && {
      namespace: namespace === undefined || namespace === "" ? "default" : namespace,
    }),
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
    ...(generation !== undefined && { generation }),
    ...(creationTimestamp !== undefined && { creationTimestamp }),
    ...(uid !== undefined && { uid }),
    ...(resourceVersion !== undefined && { resourceVersion }),
  };
}
