/**
 * The writing side of HPACK (RFC 7541). One per connection; blocks must be sent in the order in which they were made.
 *
 *     let block = encoder.begin();
 *     block = encoder.addStatus(block, 200);
 *     block = encoder.add(block, "server", "envoy");
 *
 * A block is Latin-1 text: every char code is a byte.
 */
export class HpackEncoder {
  /** The most that the table may take, whatever the peer allows. */
  constructor(maxTableSizeBytes = 4096) {
    void maxTableSizeBytes;
  }

  /** The peer's SETTINGS_HEADER_TABLE_SIZE. The next block tells what becomes of the table. */
  setPeerMaxTableSize(bytes: number): void {
    void bytes;
  }

  /** The beginning of a block: empty, or the table size updates that are due. */
  begin(): string {
    return "";
  }

  /** `block` and a field; the name is lower case, name and value are Latin-1. */
  add(block: string, name: string, value: string): string {
    return block + name + value;
  }

  /** `block` and `:status`. */
  addStatus(block: string, status: number): string {
    return block + String(status);
  }
}
