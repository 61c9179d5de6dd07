import type { IrInfrastructure } from "../ir/infrastructure.ts";
import { addressJson, type XdsAddress } from "./xds-address.ts";

/** What a data plane has to know to find its control plane. */
export interface BootstrapOptions {
  /** `node.cluster`: which gateways it serves. */
  readonly group: string;
  /** `node.id`: told apart from others of its group. */
  readonly id: string;
  readonly xds: XdsAddress;
  /** None: no admin interface. Port 0: any free one. */
  readonly admin?: XdsAddress;
  /** `node.metadata` */
  readonly metadata?: object;
}

const LOOPBACK = "127.0.0.1";
const XDS_CLUSTER = "nuncio-control-plane";
/** The control plane is given up when it does not answer a ping. */
const KEEPALIVE = { interval: "30s", timeout: "5s" };

/**
 * That of a data plane of one Gateway, whose labels and annotations its node has (GatewayInfrastructure). `admin`: where its admin interface
 * listens unless the Gateway says where.
 */
export function gatewayBootstrap(
  { gateway, labels, annotations, adminPort }: IrInfrastructure,
  xds: XdsAddress,
  admin?: XdsAddress,
): object {
  const asked = adminPort === undefined ? admin : { host: LOOPBACK, port: adminPort };
  const metadata = {
    ...(Object.keys(labels).length > 0 && { labels }),
    ...(Object.keys(annotations).length > 0 && { annotations }),
  };
  return dataPlaneBootstrap({
    group: gateway,
    id: gateway,
    xds,
    ...(asked !== undefined && { admin: asked }),
    ...(Object.keys(metadata).length > 0 && { metadata }),
  });
}

/** The bootstrap of a data plane, Nuncio's or Envoy's, as JSON: everything else comes by delta ADS. */
export function dataPlaneBootstrap({ group, id, xds, admin, metadata }: BootstrapOptions): object {
  const ads = { ads: {}, resource_api_version: "V3", initial_fetch_timeout: "0s" };
  return {
    node: { id, cluster: group, ...(metadata === undefined ? {} : { metadata }) },
    ...(admin === undefined ? {} : { admin: { address: addressJson(admin) } }),
    dynamic_resources: {
      ads_config: {
        api_type: "DELTA_GRPC",
        transport_api_version: "V3",
        set_node_on_first_message_only: true,
        grpc_services: [{ envoy_grpc: { cluster_name: XDS_CLUSTER } }],
      },
      cds_config: ads,
      lds_config: ads,
    },
    static_resources: {
      clusters: [
        {
          name: XDS_CLUSTER,
          type: "STATIC",
          connect_timeout: "5s",
          load_assignment: {
            cluster_name: XDS_CLUSTER,
            endpoints: [{ lb_endpoints: [{ endpoint: { address: addressJson(xds) } }] }],
          },
          typed_extension_protocol_options: {
            "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
              "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
              explicit_http_config: {
                http2_protocol_options: { connection_keepalive: KEEPALIVE },
              },
            },
          },
        },
      ],
    },
  };
}
