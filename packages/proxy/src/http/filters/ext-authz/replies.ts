import { ResponseFlag } from "../../../observe/stream-info.ts";
import type { DecoderFilterCallbacks } from "../../filter.ts";
import { appendHeader } from "../../header-mutations/header-lines.ts";
import { isValidHeader } from "./valid-header.ts";
import type { HeaderLine, Verdict } from "./verdict.ts";

const INTERNAL_SERVER_ERROR = 500;

/** The service denies the request: the client is told what it says. `bodyBytesMax`: 0 for no limit. */
export function denyRequest(
  callbacks: DecoderFilterCallbacks,
  { status, body, headers }: Extract<Verdict, { readonly kind: "denied" }>,
  bodyBytesMax: number,
): void {
  const told = bodyBytesMax === 0 ? body : body.slice(0, bodyBytesMax);
  reply(callbacks, status, told, "ext_authz_denied", headers);
}

/** Nobody knows whether the request is allowed; the service may have said what the client is told. */
export function replyError(
  callbacks: DecoderFilterCallbacks,
  status: number,
  body = "",
  headers: readonly HeaderLine[] = [],
): void {
  reply(callbacks, status, body, "ext_authz_error", headers);
}

/** What the service wants to have changed cannot be. */
export function replyInvalid(callbacks: DecoderFilterCallbacks): void {
  reply(callbacks, INTERNAL_SERVER_ERROR, "", "ext_authz_invalid", []);
}

function reply(
  callbacks: DecoderFilterCallbacks,
  status: number,
  body: string,
  details: string,
  headers: readonly HeaderLine[],
): void {
  callbacks.streamInfo.responseFlags |= ResponseFlag.UnauthorizedExternalService;
  callbacks.sendLocalReply(status, body, details, (response) => {
    for (const [name] of headers) response.remove(name);
    for (const [name, value] of headers)
      if (!name.startsWith(":") && isValidHeader(name, value)) appendHeader(response, name, value);
  });
}
