import { ResponseFlag } from "../../../observe/stream-info.ts";
import type { DecoderFilterCallbacks } from "../../filter.ts";
import { appendHeader } from "../../header-mutations/header-lines.ts";
import type { Verdict } from "./verdict.ts";

/** The service denies the request: the client is told what it says. */
export function denyRequest(
  callbacks: DecoderFilterCallbacks,
  { status, body, headers }: Extract<Verdict, { readonly kind: "denied" }>,
): void {
  callbacks.streamInfo.responseFlags |= ResponseFlag.UnauthorizedExternalService;
  callbacks.sendLocalReply(status, body, "ext_authz_denied", (response) => {
    for (const [name] of headers) response.remove(name);
    for (const [name, value] of headers) appendHeader(response, name, value);
  });
}

/** Nobody knows whether the request is allowed. */
export function replyError(callbacks: DecoderFilterCallbacks, status: number): void {
  callbacks.streamInfo.responseFlags |= ResponseFlag.UnauthorizedExternalService;
  callbacks.sendLocalReply(status, "", "ext_authz_error");
}
