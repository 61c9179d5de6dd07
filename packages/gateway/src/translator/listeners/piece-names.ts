import type { ObjectKey } from "../../resources/object.ts";
import type { TranslatedListener } from "../translated-gateway.ts";

type OfPort = Pick<TranslatedListener, "protocol" | "port">;

/** `tcp-80`: the port of a listener; those of TCP and UDP are apart. */
export function portName({ protocol, port }: OfPort): string {
  return `${protocol === "UDP" ? "udp" : "tcp"}-${port}`;
}

/** The piece of a listener: all of one port share it. */
export function listenerPieceName(gateway: ObjectKey, listener: OfPort): string {
  return `${gateway}/${portName(listener)}`;
}

/** The secret of a Gateway that a name of a piece means: the key of the Secret. */
export function secretOfPiece(gateway: ObjectKey, name: string): ObjectKey | undefined {
  const start = `${gateway}/secret/`;
  return name.startsWith(start) ? name.slice(start.length) : undefined;
}
