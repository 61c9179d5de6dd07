import type { FormatContext, UpstreamInfo } from "../../observe/stream-info.ts";
import type { TlsInfo } from "../../observe/tls-info.ts";
import type { Attribute, AttributeTable } from "../lazy-map.ts";
import { messageMap } from "../message-map.ts";
import { addressPort, addressText, durationOf, fromByteString, textOrAbsent } from "./values.ts";

/** What TLS knows of a session; of names of one sort the first. Absent without TLS. */
function tlsAttributes(session: (context: FormatContext) => TlsInfo | null): AttributeTable {
  const read =
    (text: (tls: TlsInfo) => string | undefined): Attribute =>
    (context) => {
      const tls = session(context);
      return tls === null ? undefined : textOrAbsent(text(tls));
    };
  return {
    tls_version: read(({ version }) => version),
    subject_local_certificate: read(({ localCertificate }) => localCertificate?.subject),
    subject_peer_certificate: read(({ peerCertificate }) => peerCertificate?.subject),
    uri_san_local_certificate: read(({ localCertificate }) => localCertificate?.uriNames[0]),
    uri_san_peer_certificate: read(({ peerCertificate }) => peerCertificate?.uriNames[0]),
    dns_san_local_certificate: read(({ localCertificate }) => localCertificate?.dnsNames[0]),
    dns_san_peer_certificate: read(({ peerCertificate }) => peerCertificate?.dnsNames[0]),
    sha256_peer_certificate_digest: read(({ peerCertificate }) => peerCertificate?.sha256),
  };
}

/** `connection.*` of the downstream connection. What only TLS has is absent on plaintext. */
export const connectionAttributes: AttributeTable = {
  id: ({ streamInfo }) =>
    streamInfo.downstream === null ? undefined : BigInt(streamInfo.downstream.connectionId),
  mtls: ({ streamInfo }) => streamInfo.downstream?.tls?.peerCertificatePresented === true,
  requested_server_name: ({ streamInfo }) =>
    fromByteString(streamInfo.downstream?.requestedServerName ?? ""),
  ...tlsAttributes(({ streamInfo }) => streamInfo.downstream?.tls ?? null),
  termination_details: ({ streamInfo }) => textOrAbsent(streamInfo.connectionTerminationDetails),
};

/** `source.*`: the client as the stream sees it. */
export const sourceAttributes: AttributeTable = {
  address: (context) => addressText(remoteAddress(context)),
  port: (context) => addressPort(remoteAddress(context)),
};

/** `destination.*`: where the client connected to. */
export const destinationAttributes: AttributeTable = {
  address: ({ streamInfo }) => addressText(streamInfo.downstream?.localAddress),
  port: ({ streamInfo }) => addressPort(streamInfo.downstream?.localAddress),
};

/** `upstream.*`; most are absent until a host was chosen. */
export const upstreamAttributes: AttributeTable = {
  ...tlsAttributes(({ streamInfo }) => streamInfo.upstream.tls),
  address: upstream(({ hostAddress }) => addressText(hostAddress)),
  port: upstream(({ hostAddress }) => addressPort(hostAddress)),
  local_address: upstream(({ localAddress }) => addressText(localAddress)),
  transport_failure_reason: upstream(({ transportFailureReason }) =>
    fromByteString(transportFailureReason),
  ),
  request_attempt_count: ({ streamInfo }) => BigInt(streamInfo.upstream.attemptCount),
  cx_pool_ready_duration: upstream(({ poolReadyDurationMs }) => durationOf(poolReadyDurationMs)),
  locality: upstream(({ locality }) =>
    locality === null
      ? undefined
      : messageMap({
          region: locality.region,
          zone: locality.zone,
          sub_zone: locality.subZone,
        }),
  ),
  num_endpoints: upstream(({ cluster }) =>
    cluster === null ? undefined : BigInt(cluster.hostCount),
  ),
};

function upstream(read: (info: UpstreamInfo) => ReturnType<Attribute>): Attribute {
  return ({ streamInfo }) =>
    streamInfo.upstream.hostAddress === null ? undefined : read(streamInfo.upstream);
}

function remoteAddress({ streamInfo }: FormatContext) {
  return streamInfo.remoteAddress ?? streamInfo.downstream?.directRemoteAddress;
}
