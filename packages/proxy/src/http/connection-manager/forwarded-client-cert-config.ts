import type { Message } from "@bufbuild/protobuf";
import type {
  HttpConnectionManager,
  HttpConnectionManager_ForwardClientCertConfig,
} from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CompileContext } from "../../config/context.ts";
import { compileMatcher } from "../../matching/compile.ts";
import { httpInputConfigSides } from "../../matching/inputs/http-config.ts";
import type { MatcherConfig } from "../../matching/model.ts";
import {
  CLIENT_CERT_FIELDS,
  FORWARD_CLIENT_CERT_DETAILS,
  type ForwardClientCertConfig,
} from "./header-rules-model.ts";

const HCM = "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";
const ACTION = `${HCM}.ForwardClientCertConfig`;

/** What may be said about x-forwarded-client-cert. */
export const implemented = {
  [`${HCM}.SetCurrentClientCertDetails`]: "all",
  [ACTION]: "all",
} as const;

/** What becomes of the header where no matcher says otherwise. */
export function compileForwardClientCert({
  forwardClientCertDetails,
  setCurrentClientCertDetails: set,
}: Pick<
  HttpConnectionManager_ForwardClientCertConfig,
  "forwardClientCertDetails" | "setCurrentClientCertDetails"
>): ForwardClientCertConfig {
  return {
    details: FORWARD_CLIENT_CERT_DETAILS[forwardClientCertDetails],
    fields: CLIENT_CERT_FIELDS.filter((field) => set?.[field] === true),
    format: (set?.format as number | undefined) === JSON_FORMAT ? "json" : "text",
  };
}

const JSON_FORMAT = 1;

/** `forward_client_cert_matcher`: what to do with the header, by request; null for none. */
export function compileForwardClientCertMatcher(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
): MatcherConfig<ForwardClientCertConfig> | null {
  if (hcm.forwardClientCertMatcher === undefined) return null;
  return compileMatcher(hcm.forwardClientCertMatcher, {
    ctx,
    inputs: httpInputConfigSides,
    refuseInput: () => null,
    keepMatching: true,
    actions: new Map([
      [
        ACTION,
        (message: Message): ForwardClientCertConfig =>
          compileForwardClientCert(message as HttpConnectionManager_ForwardClientCertConfig),
      ],
    ]),
  });
}
