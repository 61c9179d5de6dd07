/** What every object of Kubernetes says of itself. */
export interface ObjectMeta {
  readonly name: string;
  /** Undefined for kinds that are of no namespace. */
  readonly namespace?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /** Goes up with each change of `spec`. A provider that is not told it counts by itself. */
  readonly generation?: number;
  /** RFC 3339. Objects of files have one only if somebody wrote it. */
  readonly creationTimestamp?: string;
  /** Of an object of etcd: the revision of the store in which its key was made. No member of objects that people write. */
  readonly createRevision?: number;
  /**
   * RFC 3339: when an object without either of these came, where that was after the others had begun to be served. No member of objects
   * that people write.
   */
  readonly arrival?: string;
  readonly resourceVersion?: string;
  readonly uid?: string;
}

/** An object as a provider hands it on: checked against its schema, with defaults filled in. Never changed afterwards. */
export interface Resource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

/** `namespace/name`, or `name` where there is no namespace. */
export type ObjectKey = string;

/** The key of an object of this namespace and name. */
export function objectKey(namespace: string | undefined, name: string): ObjectKey {
  return namespace === undefined ? name : `${namespace}/${name}`;
}

/** The key of an object. */
export function keyOf({ metadata }: Resource): ObjectKey {
  return objectKey(metadata.namespace, metadata.name);
}

/** The namespace of an object that has one. */
export function namespaceOf({ kind, metadata }: Resource): string {
  if (metadata.namespace === undefined)
    throw new Error(`${kind} ${metadata.name}: expected a namespace`);
  return metadata.namespace;
}

/** What an object is to other objects: what a reference names. */
export interface ObjectRef {
  /** Empty for the core group. */
  readonly group: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}
