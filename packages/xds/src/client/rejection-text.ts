import type { Status } from "@nuncio/api/types/google/rpc/status_pb";
import { shortNameOfUrl } from "../types/resource-type.ts";
import type { Rejection } from "./callbacks.ts";

/** gRPC servers take about 8 KiB of metadata; Envoy cuts here. */
const TEXT_BYTES_MAX = 4096;
const CUT = "...(truncated)";

/** google.rpc.Code: what Envoy refuses with. */
const INTERNAL = 13;

interface Wording {
  readonly noun: string;
  /** What goes before the list, and between its items. */
  readonly summary?: { readonly prefix: string; readonly separator: string };
}

// What control planes and their users search their logs for: Envoy's sentences.
const WORDINGS: Readonly<Record<string, Wording>> = {
  CDS: {
    noun: "cluster",
    summary: { prefix: "Error adding/updating cluster(s) ", separator: ", " },
  },
  LDS: {
    noun: "listener",
    summary: { prefix: "Error adding/updating listener(s) ", separator: "\n" },
  },
};

/** `duplicate cluster a found` */
export function duplicateText(typeUrl: string, name: string): string {
  return `duplicate ${WORDINGS[shortNameOfUrl(typeUrl)]?.noun ?? "resource"} ${name} found`;
}

/** The text of a NACK: all rejections, in the sentence that Envoy has for the type. */
export function rejectionText(typeUrl: string, rejections: readonly Rejection[]): string {
  const whole = rejections.filter(({ name }) => name === null).map(({ message }) => message);
  const single = rejections
    .filter(({ name }) => name !== null)
    .map(({ name, message }) => `${name}: ${message}`);
  const summary = WORDINGS[shortNameOfUrl(typeUrl)]?.summary;
  const list =
    summary === undefined || single.length === 0
      ? single
      : [summary.prefix + single.join(summary.separator)];
  return [...new Set([...whole, ...list])].join("\n");
}

/** The `error_detail` of a NACK. */
export function nackStatus(text: string): Status {
  return { $typeName: "google.rpc.Status", code: INTERNAL, message: truncated(text), details: [] };
}

/** Cuts what does not fit into the metadata of a gRPC message. */
function truncated(text: string): string {
  const bytes = Buffer.from(text);
  if (bytes.length <= TEXT_BYTES_MAX) return text;
  // A character that is cut in two is left out.
  return new TextDecoder().decode(bytes.subarray(0, TEXT_BYTES_MAX), { stream: true }) + CUT;
}
