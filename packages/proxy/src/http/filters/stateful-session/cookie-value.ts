import { isUtf8 } from "node:buffer";
import { MessageReader } from "../../../protobuf/message-reader.ts";
import { MessageWriter } from "../../../protobuf/message-writer.ts";

// The value of a session's cookie is a message of Envoy's own: the host's address, and the second since the epoch when it ends.
const Field = { Address: 1, Expires: 2 } as const;
/** From here on a number of seconds is below 0 to Envoy. */
const SECONDS_MAX = 2 ** 63;

const WRITER = new MessageWriter();

/** The base64 of a cookie for that host; `expiresS` is 0 for one that ends with the browser. */
export function encodeCookieValue(address: string, expiresS: number): string {
  WRITER.clear();
  WRITER.string(Field.Address, address);
  WRITER.uint(Field.Expires, expiresS);
  return WRITER.bytes.toString("base64");
}

/** The address in a decoded cookie; null for none, and for one that has ended. What is no message is an address itself. */
export function readCookieValue(value: string, nowS: number): string | null {
  const bytes = Buffer.from(value, "latin1");
  let address = "";
  let expiresS = 0;
  const reader = new MessageReader(bytes);
  while (reader.next()) {
    if (reader.field === Field.Address && reader.bytes !== null) {
      if (!isUtf8(reader.bytes)) return value;
      address = reader.bytes.toString("latin1");
    } else if (reader.field === Field.Expires && reader.varint !== null) {
      expiresS = reader.varint <= SECONDS_MAX ? reader.varint : -1;
    }
  }
  if (reader.malformed) return value;
  if (address === "" || (expiresS !== 0 && nowS > expiresS)) return null;
  return address;
}
