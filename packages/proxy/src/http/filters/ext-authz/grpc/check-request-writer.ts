import { toByteString } from "../../../../observe/format/byte-string.ts";
import {
  clientAddress,
  type Address,
  type DownstreamInfo,
  type Metadata,
} from "../../../../observe/stream-info.ts";
import type { CertificateFacts } from "../../../../observe/tls-info.ts";
import {
  writeAddress,
  writeMapEntry,
  writeMilliseconds,
} from "../../../../protobuf/common-fields.ts";
import type { MessageWriter } from "../../../../protobuf/message-writer.ts";
import { writeStruct } from "../../../../protobuf/struct-writer.ts";
import type { CheckedRequest } from "../authorization-service.ts";
import type { ExtAuthzConfig } from "../model.ts";
import type { ToldHeaders } from "../told-headers.ts";
import { writeHttpRequest } from "./http-request-writer.ts";

/** The field of `CheckRequest`. */
const ATTRIBUTES = 1;
/** Fields of `AttributeContext`. */
const SOURCE = 1;
const DESTINATION = 2;
const REQUEST = 4;
const CONTEXT_EXTENSIONS = 10;
const METADATA_CONTEXT = 11;
const TLS_SESSION = 12;
const ROUTE_METADATA_CONTEXT = 13;

/** Writes `envoy.service.auth.v3.CheckRequest`. */
export function writeCheckRequest(
  writer: MessageWriter,
  request: CheckedRequest,
  config: ExtAuthzConfig,
  told: ToldHeaders,
): void {
  const { streamInfo } = request.callbacks;
  const attributes = writer.begin(ATTRIBUTES);
  if (streamInfo.downstream !== null) writePeers(writer, request, streamInfo.downstream, config);
  const message = writer.begin(REQUEST);
  writeMilliseconds(writer, 1, streamInfo.startTimeMs);
  writeHttpRequest(writer, 2, request, config, told);
  writer.end(message);
  for (const [key, value] of request.contextExtensions ?? [])
    writeMapEntry(writer, CONTEXT_EXTENSIONS, key, value);
  const ofConnection = streamInfo.downstream?.dynamicMetadata ?? null;
  const names = config.metadataContextNamespaces;
  writeMetadata(writer, METADATA_CONTEXT, names, streamInfo.dynamicMetadata, ofConnection);
  if (config.includeTlsSession) writeTlsSession(writer, streamInfo.downstream);
  const ofRoute = request.callbacks.route()?.metadata ?? null;
  writeMetadata(
    writer,
    ROUTE_METADATA_CONTEXT,
    config.routeMetadataContextNamespaces,
    ofRoute,
    null,
  );
  writer.end(attributes);
}

function writePeers(
  writer: MessageWriter,
  { headers }: CheckedRequest,
  downstream: DownstreamInfo,
  config: ExtAuthzConfig,
): void {
  const { tls } = downstream;
  const peer = tls?.peerCertificate ?? null;
  const source = writer.begin(SOURCE);
  const service = headers.get("x-envoy-downstream-service-cluster") ?? "";
  writePeer(writer, clientAddress(downstream), service, peer);
  if (config.includePeerCertificate) writer.string(5, peer?.urlEncodedPem ?? "");
  writer.end(source);
  const destination = writer.begin(DESTINATION);
  writePeer(writer, downstream.localAddress, "", tls?.localCertificate ?? null);
  for (const [key, value] of config.destinationLabels) writeMapEntry(writer, 3, key, value);
  writer.end(destination);
}

function writePeer(
  writer: MessageWriter,
  address: Address,
  service: string,
  certificate: CertificateFacts | null,
): void {
  writeAddress(writer, 1, address);
  writer.string(2, service);
  if (certificate === null) return;
  const { uriNames, dnsNames, subject } = certificate;
  writer.string(4, uriNames[0] ?? dnsNames[0] ?? subject);
}

/** There even without a name. */
function writeTlsSession(writer: MessageWriter, downstream: DownstreamInfo | null): void {
  const session = writer.begin(TLS_SESSION);
  writer.string(1, downstream?.tls?.serverName || (downstream?.requestedServerName ?? ""));
  writer.end(session);
}

/** `Metadata.filter_metadata`, there even when it is empty. Of a namespace that both have, `first` has it. */
function writeMetadata(
  writer: MessageWriter,
  field: number,
  namespaces: readonly string[],
  first: Metadata | null,
  second: Metadata | null,
): void {
  const message = writer.begin(field);
  for (const namespace of namespaces) {
    const fields = first?.[namespace] ?? second?.[namespace];
    if (typeof fields !== "object" || fields === null) continue;
    const entry = writer.begin(1);
    writer.string(1, toByteString(namespace));
    const struct = writer.begin(2);
    writeStruct(writer, fields);
    writer.end(struct);
    writer.end(entry);
  }
  writer.end(message);
}
