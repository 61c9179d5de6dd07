import { createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import type {
  DescEnum,
  DescExtension,
  DescFile,
  DescMessage,
  DescService,
} from "@bufbuild/protobuf";
import {
  FileDescriptorProtoSchema,
  file_google_protobuf_any,
  file_google_protobuf_descriptor,
  file_google_protobuf_duration,
  file_google_protobuf_empty,
  file_google_protobuf_struct,
  file_google_protobuf_timestamp,
  file_google_protobuf_wrappers,
} from "@bufbuild/protobuf/wkt";
import { indexDescriptorSet } from "./descriptor-index.ts";
import type { DescriptorIndex } from "./descriptor-index.ts";
import { nuncioFiles } from "./nuncio-types.ts";

type Declaration = DescMessage | DescEnum | DescExtension | DescService;

/**
 * Finds message types by name or type URL. A proto file is parsed when one of its types, or a file that imports it, is
 * asked for first: a bootstrap needs about 80 of 590 files.
 */
export class TypeRegistry {
  readonly #index: DescriptorIndex;
  readonly #files = new Map<string, DescFile>();
  readonly #declarations = new Map<string, Declaration>();

  /** @param set a serialized FileDescriptorSet in which every import is present */
  constructor(set: Uint8Array) {
    this.#index = indexDescriptorSet(set);
    // The runtime compares its own descriptors of the well-known types, so these stand in for those of the set.
    for (const file of [
      file_google_protobuf_any,
      file_google_protobuf_descriptor,
      file_google_protobuf_duration,
      file_google_protobuf_empty,
      file_google_protobuf_struct,
      file_google_protobuf_timestamp,
      file_google_protobuf_wrappers,
      ...nuncioFiles(),
    ]) {
      this.#remember(file);
    }
  }

  /** The message of a full name such as `envoy.config.cluster.v3.Cluster`. */
  getMessage(typeName: string): DescMessage | undefined {
    const found = this.#get(typeName);
    return found?.kind === "message" ? found : undefined;
  }

  /** The extension of a full name such as `validate.rules`. */
  getExtension(typeName: string): DescExtension | undefined {
    const found = this.#get(typeName);
    return found?.kind === "extension" ? found : undefined;
  }

  /** The enum of a full name such as `envoy.type.v3.CodecClientType`. */
  getEnum(typeName: string): DescEnum | undefined {
    const found = this.#get(typeName);
    return found?.kind === "enum" ? found : undefined;
  }

  /** The service of a full name such as `envoy.service.cluster.v3.ClusterDiscoveryService`. */
  getService(typeName: string): DescService | undefined {
    const found = this.#get(typeName);
    return found?.kind === "service" ? found : undefined;
  }

  /** Full names of all top-level messages, enums, services and extensions, in the order of the set. */
  typeNames(): IterableIterator<string> {
    return this.#index.owners.keys();
  }

  #get(typeName: string): Declaration | undefined {
    const known = this.#declarations.get(typeName);
    if (known !== undefined) return known;
    const owner = this.#ownerOf(typeName);
    if (owner === undefined || this.#files.has(owner)) return undefined;
    this.#load(owner);
    return this.#declarations.get(typeName);
  }

  /** The file of a type, which may be nested in the top-level one that the index knows. */
  #ownerOf(typeName: string): string | undefined {
    for (
      let name = typeName;
      name !== "";
      name = name.slice(0, Math.max(name.lastIndexOf("."), 0))
    ) {
      const owner = this.#index.owners.get(name);
      if (owner !== undefined) return owner;
    }
    return undefined;
  }

  #load(name: string): DescFile {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const bytes = this.#index.files.get(name);
    if (bytes === undefined) throw new Error(`descriptor set without the imported file ${name}`);
    const proto = fromBinary(FileDescriptorProtoSchema, bytes);
    for (const dependency of proto.dependency) this.#load(dependency);
    const file = createFileRegistry(proto, (imported) => this.#importable(imported)).getFile(name);
    if (file === undefined) throw new Error(`no descriptor made for ${name}`);
    this.#remember(file);
    return file;
  }

  /**
   * A file as seen by its importer: with its own types and those that it imports publicly, and no more. Without this
   * the runtime would walk the whole import graph anew for every file.
   */
  #importable(name: string): DescFile {
    const file = this.#load(name);
    const publicly = file.proto.publicDependency.map((index) =>
      this.#importable(file.proto.dependency[index] ?? ""),
    );
    return { ...file, dependencies: publicly };
  }

  #remember(file: DescFile): void {
    this.#files.set(file.proto.name, file);
    for (const extension of file.extensions) this.#declarations.set(extension.typeName, extension);
    for (const type of file.enums) this.#declarations.set(type.typeName, type);
    for (const service of file.services) this.#declarations.set(service.typeName, service);
    for (const message of file.messages) this.#rememberMessage(message);
  }

  #rememberMessage(message: DescMessage): void {
    this.#declarations.set(message.typeName, message);
    for (const type of message.nestedEnums) this.#declarations.set(type.typeName, type);
    for (const extension of message.nestedExtensions)
      this.#declarations.set(extension.typeName, extension);
    for (const nested of message.nestedMessages) this.#rememberMessage(nested);
  }
}

/** `envoy.config.cluster.v3.Cluster` of `type.googleapis.com/envoy.config.cluster.v3.Cluster`: what follows the last slash. */
export function typeNameOfUrl(typeUrl: string): string {
  return typeUrl.slice(typeUrl.lastIndexOf("/") + 1);
}
