import type { CidrConfig } from "../../../base/cidr.ts";

/** `internal_address_config` as plain data. */
export interface InternalAddressConfig {
  /** Whether a client on a Unix socket is internal. */
  readonly unixSockets: boolean;
  /** Since Envoy 1.33 none are internal without the message; with it, and without ranges, Envoy's private ones. */
  readonly ranges: readonly CidrConfig[];
}

/** One of `original_ip_detection_extensions` as plain data; they are asked in order. */
export type OriginalIpDetectionConfig = XffDetectionConfig | CustomHeaderDetectionConfig;

/** `envoy.extensions.http.original_ip_detection.xff.v3.XffConfig`. */
export interface XffDetectionConfig {
  readonly kind: "xff";
  /** The client is the (hops + 1)th address from the right. */
  readonly trustedHops: number;
  /** Instead: proxies by address. Null: hops are counted. */
  readonly trustedRanges: readonly CidrConfig[] | null;
  readonly skipXffAppend: boolean;
}

/** `envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig`. */
export interface CustomHeaderDetectionConfig {
  readonly kind: "custom_header";
  /** Lower case. */
  readonly headerName: string;
  /** Whether the address decides if the client is internal. */
  readonly trusted: boolean;
  /** The status of the answer where the header has no address; 0 asks the next extension. */
  readonly rejectStatus: number;
}
