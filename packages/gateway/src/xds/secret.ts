import type { Secret } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/secret_pb";
import type { IrSecret } from "../ir/secret.ts";
import { message, type Field } from "./message.ts";

/** A certificate with its key, or certificates of authorities. */
export function secretMessage(secret: IrSecret): Secret {
  return message<Secret>("envoy.extensions.transport_sockets.tls.v3.Secret", {
    name: secret.name,
    type: contentOf(secret),
  });
}

function contentOf(secret: IrSecret): Field<Secret, "type"> {
  if (secret.kind === "authorities")
    return { case: "validationContext", value: { trustedCa: text(secret.certificates) } };
  return {
    case: "tlsCertificate",
    value: {
      certificateChain: text(secret.certificateChain),
      privateKey: text(secret.privateKey),
    },
  };
}

function text(value: string): { specifier: { case: "inlineString"; value: string } } {
  return { specifier: { case: "inlineString", value } };
}
