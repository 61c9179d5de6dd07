import type { TransportSocket } from "@nuncio/api/types/envoy/config/core/v3/base_pb";
import type { SubjectAltNameMatcher } from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/common_pb";
import type {
  CommonTlsContext,
  UpstreamTlsContext,
} from "@nuncio/api/types/envoy/extensions/transport_sockets/tls/v3/tls_pb";
import type { IrSubjectAltName, IrUpstreamTls } from "../ir/cluster.ts";
import { extension, type Init } from "./message.ts";
import { secretRef, type Inline } from "./sources.ts";

/** The secret of the authorities that are known to the machine; every data plane has it. */
export const SYSTEM_AUTHORITIES = "system-authorities";

/** `TlsParameters.TlsProtocol` */
const TLS_1_2 = 3;
const TLS_1_3 = 4;
/** `SubjectAltNameMatcher.SanType` */
const SAN_TYPES = { dns: 2, uri: 3 } as const;

/** TLS towards a backend. */
export function upstreamTls(tls: IrUpstreamTls, inline: Inline | undefined): Init<TransportSocket> {
  const { sni, alpn, clientCertificate } = tls;
  const { name, typedConfig } = extension<UpstreamTlsContext>(
    "envoy.transport_sockets.tls",
    "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext",
    {
      sni,
      commonTlsContext: {
        alpnProtocols: [...alpn],
        // Envoy would stop at 1.2 by itself.
        tlsParams: { tlsMinimumProtocolVersion: TLS_1_2, tlsMaximumProtocolVersion: TLS_1_3 },
        ...(clientCertificate === undefined
          ? {}
          : { tlsCertificateSdsSecretConfigs: [secretRef(clientCertificate, inline)] }),
        ...validation(tls, inline),
      },
    },
  );
  return { name, configType: { case: "typedConfig", value: typedConfig } };
}

function validation(
  { ca, sni, subjectAltNames }: IrUpstreamTls,
  inline: Inline | undefined,
): Init<CommonTlsContext> {
  if (ca === undefined) return {};
  const names: readonly IrSubjectAltName[] =
    subjectAltNames.length > 0 ? subjectAltNames : [{ kind: "dns", value: sni }];
  const secret = ca === "system" ? SYSTEM_AUTHORITIES : ca;
  return {
    validationContextType: {
      case: "combinedValidationContext",
      value: {
        defaultValidationContext: { matchTypedSubjectAltNames: names.map(nameMatcher) },
        validationContextSdsSecretConfig: secretRef(secret, inline),
      },
    },
  };
}

function nameMatcher({ kind, value }: IrSubjectAltName): Init<SubjectAltNameMatcher> {
  return { sanType: SAN_TYPES[kind], matcher: { matchPattern: { case: "exact", value } } };
}
