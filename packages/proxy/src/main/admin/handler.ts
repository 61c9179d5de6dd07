import type { AdminProviders } from "./providers.ts";

/** A request as handlers see it. */
export interface AdminRequest {
  /** Without the query. */
  readonly path: string;
  /** Query, and the fields of a form that was posted; the first of each name. Percent-decoded, `+` stays. */
  readonly params: ReadonlyMap<string, string>;
  /** What was posted to a handler that takes it; else empty. */
  readonly body: string;
  /** As it was sent, for parameters that may be repeated. */
  readonly query: string;
}

export interface AdminReply {
  readonly status: number;
  readonly contentType: string;
  /** A text, or pieces of one that are written as the client takes them; main does other work in between. */
  readonly body: string | Iterable<string>;
  /** Called when the reply was handed to the system. */
  readonly afterwards?: () => void;
}

export interface AdminParam {
  readonly id: string;
  readonly help: string;
  /** The values that /help lists; without, any text. */
  readonly values?: readonly string[];
}

/** One path of the admin interface. */
export interface AdminHandler {
  readonly path: string;
  readonly help: string;
  /** Takes POST only. */
  readonly mutates: boolean;
  /** Something other than a form is posted. */
  readonly takesBody?: boolean;
  readonly params: readonly AdminParam[];
  handle(request: AdminRequest, providers: AdminProviders): AdminReply | Promise<AdminReply>;
}

const TEXT = "text/plain; charset=UTF-8";
export const JSON_TYPE = "application/json";

/** A plain text reply. */
export function text(body: string | Iterable<string>, status = 200): AdminReply {
  return { status, contentType: TEXT, body };
}

/** JSON as Envoy prints it: indented by one space, and a line break at the end. */
export function json(value: unknown): AdminReply {
  return { status: 200, contentType: JSON_TYPE, body: `${JSON.stringify(value, null, 1)}\n` };
}
