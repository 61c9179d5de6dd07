import type { ObjectKey } from "../../resources/object.ts";
import type { TranslatedListener } from "../translated-gateway.ts";

/** The piece of a listener: all of one port share it. */
export function listenerPieceName(
  gateway: ObjectKey,
  { protocol, port }: Pick<TranslatedListener, "protocol" | "port">,
): string {
  return `${gateway}/${protocol === "UDP" ? "udp" : "tcp"}-${port}`;
}

/** The secret of a Gateway that a name of a piece means: the key of the Secret. */
export function secretOfPiece(gateway: ObjectKey, name: string): ObjectKey | undefined {
  const start = `${gateway}/secret/`;
  return name.startsWith(start) ? name.slice(start.length) : undefined;
}
