import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/** Where the files of a FileDescriptorSet are, and which file declares which type. Nothing is parsed but names. */
export interface DescriptorIndex {
  /** File name (`envoy/config/core/v3/base.proto`) to its serialized FileDescriptorProto. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Full name of each top-level message, enum, service and extension to the name of its file. */
  readonly owners: ReadonlyMap<string, string>;
}

// Field numbers of google/protobuf/descriptor.proto.
const setFile = 1;
const fileName = 1;
const filePackage = 2;
const fileDeclarations: ReadonlySet<number> = new Set([4, 5, 6, 7]);
const declarationName = 1;

/** Lists what a serialized FileDescriptorSet holds, at the cost of skipping over it once. */
export function indexDescriptorSet(set: Uint8Array): DescriptorIndex {
  const files = new Map<string, Uint8Array>();
  const owners = new Map<string, string>();
  forEachField(set, (no, bytes) => {
    if (no !== setFile) return;
    const { name, types } = indexFile(bytes);
    files.set(name, bytes);
    for (const type of types) owners.set(type, name);
  });
  return { files, owners };
}

function indexFile(file: Uint8Array): { name: string; types: string[] } {
  let name = "";
  let prefix = "";
  const types: string[] = [];
  forEachField(file, (no, bytes) => {
    if (no === fileName) name = text(bytes);
    else if (no === filePackage) prefix = `${text(bytes)}.`;
    else if (fileDeclarations.has(no)) types.push(prefix + nameOfDeclaration(bytes));
  });
  return { name, types };
}

function nameOfDeclaration(declaration: Uint8Array): string {
  const reader = new BinaryReader(declaration);
  while (reader.pos < reader.len) {
    const [no, wireType] = reader.tag();
    if (no === declarationName) return reader.string();
    reader.skip(wireType, no);
  }
  return "";
}

function forEachField(message: Uint8Array, visit: (no: number, bytes: Uint8Array) => void): void {
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [no, wireType] = reader.tag();
    if (wireType === WireType.LengthDelimited) visit(no, reader.bytes());
    else reader.skip(wireType, no);
  }
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");
}
