import type { VersionedResource } from "./versioned-resource.ts";

/** A resource whose serialized message is kept in pieces, so that versions which differ in a few share the others. */
export class PiecedResource implements VersionedResource {
  readonly name: string;
  readonly version: string;
  readonly typeUrl: string;
  readonly pieces: readonly Uint8Array[];

  /** @param version differs whenever the pieces do */
  constructor(typeUrl: string, name: string, version: string, pieces: readonly Uint8Array[]) {
    this.name = name;
    this.version = version;
    this.typeUrl = typeUrl;
    this.pieces = pieces;
  }

  /** Put together for whoever asks. */
  get value(): Uint8Array {
    const { buffer, byteOffset, byteLength } = Buffer.concat(this.pieces);
    return new Uint8Array(buffer, byteOffset, byteLength);
  }
}
