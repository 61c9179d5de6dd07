import type { TransportSocket } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type {
  CommonTlsContext,
  DownstreamTlsContext,
} from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/tls_pb";
import type { IrClientValidation, IrDownstreamTls } from "../ir/listener.ts";
import { extension, type Init } from "./message.ts";
import { secretRef, type Inline } from "./sources.ts";

/** `TlsParameters.TlsProtocol` */
const VERSIONS = { "1.0": 1, "1.1": 2, "1.2": 3, "1.3": 4 } as const;
/** `CertificateValidationContext.TrustChainVerification` */
const ACCEPT_UNTRUSTED = 1;

/** TLS that is ended at a listener. Certificates come by SDS: a new one is no new listener. */
export function downstreamTls(
  tls: IrDownstreamTls,
  inline: Inline | undefined,
): Init<TransportSocket> {
  const { certificates, alpn, clientValidation, minVersion, maxVersion } = tls;
  const { name, typedConfig } = extension<DownstreamTlsContext>(
    "envoy.transport_sockets.tls",
    "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext",
    {
      commonTlsContext: {
        tlsCertificateSdsSecretConfigs: certificates.map((secret) => secretRef(secret, inline)),
        alpnProtocols: [...alpn],
        tlsParams: {
          ...(minVersion === undefined ? {} : { tlsMinimumProtocolVersion: VERSIONS[minVersion] }),
          ...(maxVersion === undefined ? {} : { tlsMaximumProtocolVersion: VERSIONS[maxVersion] }),
        },
        ...(clientValidation === undefined ? {} : validation(clientValidation, inline)),
      },
      requireClientCertificate:
        clientValidation !== undefined && !clientValidation.insecureFallback,
    },
  );
  return { name, configType: { case: "typedConfig", value: typedConfig } };
}

function validation(
  { caSecret, insecureFallback }: IrClientValidation,
  inline: Inline | undefined,
): Init<CommonTlsContext> {
  const secret = secretRef(caSecret, inline);
  if (!insecureFallback)
    return { validationContextType: { case: "validationContextSdsSecretConfig", value: secret } };
  return {
    validationContextType: {
      case: "combinedValidationContext",
      value: {
        defaultValidationContext: { trustChainVerification: ACCEPT_UNTRUSTED },
        validationContextSdsSecretConfig: secret,
      },
    },
  };
}
