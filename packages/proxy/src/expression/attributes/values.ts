import { isUtf8 } from "node:buffer";
import { celMap } from "@bufbuild/cel";
import type { CelInput } from "@bufbuild/cel";
import { create } from "@bufbuild/protobuf";
import { DurationSchema, TimestampSchema } from "@bufbuild/protobuf/wkt";
import type { Duration, Timestamp } from "@bufbuild/protobuf/wkt";
import type { HeaderMap } from "@nuncio/codec";
import type { Address } from "../../observe/stream-info.ts";

/** A byte string as CEL text, which is Unicode. Bytes that are no UTF-8 are taken for Latin-1. */
export function fromByteString(text: string): string {
  for (let i = 0; i < text.length; i++) {
    if (text.charCodeAt(i) <= 0x7f) continue;
    const bytes = Buffer.from(text, "latin1");
    return isUtf8(bytes) ? bytes.toString("utf8") : text;
  }
  return text;
}

/** As `fromByteString`; an empty or missing text is absent. */
export function textOrAbsent(text: string | null | undefined): string | undefined {
  return text ? fromByteString(text) : undefined;
}

/** A span of milliseconds, negative for none. */
export function durationOf(ms: number): Duration | undefined {
  if (!(ms >= 0)) return undefined;
  const seconds = Math.floor(ms / 1000);
  const nanos = Math.min(999_999_999, Math.round((ms - seconds * 1000) * 1e6));
  return create(DurationSchema, { seconds: BigInt(seconds), nanos });
}

/** An instant in milliseconds since the epoch; microseconds count. */
export function timestampOf(epochMs: number): Timestamp {
  const seconds = Math.floor(epochMs / 1000);
  const nanos = Math.min(999_999, Math.round((epochMs - seconds * 1000) * 1000)) * 1000;
  return create(TimestampSchema, { seconds: BigInt(seconds), nanos });
}

/** `10.0.0.1:80`; absent for no address. */
export function addressText(address: Address | null | undefined): string | undefined {
  return address?.text;
}

/** Absent for a pipe. */
export function addressPort(address: Address | null | undefined): bigint | undefined {
  return address === null || address === undefined || address.text === address.ip
    ? undefined
    : BigInt(address.port);
}

/** Header lines by name, those of one name joined by commas; pseudo headers too. Names are found in any case. */
export function headersOf(headers: HeaderMap | null): CelInput {
  return celMap(headers === null ? new Map<string, string>() : new HeaderLines(headers));
}

class HeaderLines extends Map<string, string> {
  readonly #headers: HeaderMap;
  #filled = false;

  constructor(headers: HeaderMap) {
    super();
    this.#headers = headers;
  }

  override get(name: unknown): string | undefined {
    if (typeof name !== "string") return undefined;
    const values = this.#headers.getAll(name.toLowerCase());
    return values.length === 0 ? undefined : fromByteString(values.join(","));
  }

  override get size(): number {
    this.#fill();
    return super.size;
  }

  override keys(): ReturnType<Map<string, string>["keys"]> {
    this.#fill();
    return super.keys();
  }

  override entries(): ReturnType<Map<string, string>["entries"]> {
    this.#fill();
    return super.entries();
  }

  override values(): ReturnType<Map<string, string>["values"]> {
    this.#fill();
    return super.values();
  }

  override forEach(callback: (value: string, key: string, map: Map<string, string>) => void): void {
    this.#fill();
    super.forEach(callback);
  }

  #fill(): void {
    if (this.#filled) return;
    this.#filled = true;
    const { entries } = this.#headers;
    const names = [":authority", ":method", ":path", ":scheme", ":status"];
    for (let i = 0; i < entries.length; i += 2) names.push(entries[i]!);
    for (const name of names) {
      const value = this.get(name);
      if (value !== undefined) this.set(name, value);
    }
  }
}
