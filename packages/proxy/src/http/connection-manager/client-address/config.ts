import { isIP } from "node:net";
import { unpack } from "@nuncio/api";
import type { CidrRange } from "@nuncio/api/types/envoy/config/core/v3/address_pb";
import type { TypedExtensionConfig } from "@nuncio/api/types/envoy/config/core/v3/extension_pb";
import type { HttpConnectionManager } from "@nuncio/api/types/envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager_pb";
import type { CustomHeaderConfig } from "@nuncio/api/types/envoy/extensions/http/original_ip_detection/custom_header/v3/custom_header_pb";
import type { XffConfig } from "@nuncio/api/types/envoy/extensions/http/original_ip_detection/xff/v3/xff_pb";
import { requestHeaderKey } from "@nuncio/codec";
import type { CidrConfig } from "../../../base/cidr.ts";
import { compileCidrRanges } from "../../../config/cidr.ts";
import type { CompileContext } from "../../../config/context.ts";
import type { InternalAddressConfig, OriginalIpDetectionConfig } from "./model.ts";

const XFF = "envoy.extensions.http.original_ip_detection.xff.v3.XffConfig";
const XFF_RANGES = "envoy.extensions.http.original_ip_detection.xff.v3.XffTrustedCidrs";
const CUSTOM_HEADER =
  "envoy.extensions.http.original_ip_detection.custom_header.v3.CustomHeaderConfig";

/** Messages that say who the client is, and extensions that find out. */
export const implemented = {
  "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.InternalAddressConfig":
    "all",
  [XFF]: "all",
  [XFF_RANGES]: "all",
  [CUSTOM_HEADER]: "all",
  "envoy.type.v3.HttpStatus": "all",
} as const;

/** The extensions in their order; conflicts with the fields that they replace are refused, as in Envoy. */
export function compileOriginalIpDetection(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
): OriginalIpDetectionConfig[] {
  const extensions = hcm.originalIpDetectionExtensions;
  const field = "original_ip_detection_extensions";
  if (extensions.length === 0) {
    if (hcm.useRemoteAddress === true) return [];
    // What use_remote_address off means: x-forwarded-for tells, and is left as it is.
    return [
      {
        kind: "xff",
        trustedHops: hcm.xffNumTrustedHops,
        trustedRanges: null,
        skipXffAppend: true,
      },
    ];
  }
  if (hcm.useRemoteAddress === true) {
    const text = "Original IP detection extensions and use_remote_address may not be mixed";
    ctx.problems.error(hcm, field, text);
  }
  if (hcm.xffNumTrustedHops > 0) {
    const text = "Original IP detection extensions and xff_num_trusted_hops may not be mixed";
    ctx.problems.error(hcm, field, text);
  }
  return extensions.flatMap((extension) => compileExtension(extension, ctx) ?? []);
}

function compileExtension(
  extension: TypedExtensionConfig,
  ctx: CompileContext,
): OriginalIpDetectionConfig | null {
  const message = extension.typedConfig === undefined ? undefined : unpack(extension.typedConfig);
  switch (message?.$typeName) {
    case XFF:
      return compileXff(message as XffConfig, ctx);
    case CUSTOM_HEADER:
      return compileCustomHeader(message as CustomHeaderConfig);
    default:
      ctx.problems.error(
        extension,
        "typed_config",
        `expected an original IP detection extension, seen ${message?.$typeName ?? "none"}`,
      );
      return null;
  }
}

function compileXff(message: XffConfig, ctx: CompileContext): OriginalIpDetectionConfig {
  if (message.xffTrustedCidrs !== undefined && message.xffNumTrustedHops > 0) {
    const text = "Cannot set both xff_num_trusted_hops and xff_trusted_cidrs";
    ctx.problems.error(message, "xff_trusted_cidrs", text);
  }
  return {
    kind: "xff",
    trustedHops: message.xffNumTrustedHops,
    trustedRanges: compileTrustedRanges(message.xffTrustedCidrs?.cidrs ?? [], ctx),
    skipXffAppend: message.skipXffAppend ?? true,
  };
}

/** Null for none, which is to count hops. Envoy takes a range that is none, and trusts nobody by it. */
function compileTrustedRanges(
  ranges: readonly CidrRange[],
  ctx: CompileContext,
): CidrConfig[] | null {
  if (ranges.length === 0) return null;
  const valid = ranges.filter((range) => {
    if (isIP(range.addressPrefix) !== 0) return true;
    const text = `malformed IP address: ${range.addressPrefix}; this range trusts nobody`;
    ctx.problems.warning(range, "address_prefix", text);
    return false;
  });
  return compileCidrRanges(valid, ctx);
}

/** A status below 400 would be no rejection: Envoy takes 403 then. */
const REJECT_STATUS_MIN = 400;
const FORBIDDEN = 403;

function compileCustomHeader(message: CustomHeaderConfig): OriginalIpDetectionConfig {
  const status = message.rejectWithStatus?.code ?? 0;
  return {
    kind: "custom_header",
    headerName: requestHeaderKey(message.headerName),
    trusted: message.allowExtensionToSetAddressAsTrusted,
    rejectStatus:
      message.rejectWithStatus === undefined || status >= REJECT_STATUS_MIN ? status : FORBIDDEN,
  };
}

/** The private ranges of an `internal_address_config` that names none. */
const PRIVATE_RANGES: readonly CidrConfig[] = [
  { ip: "10.0.0.0", bits: 8 },
  { ip: "172.16.0.0", bits: 12 },
  { ip: "192.168.0.0", bits: 16 },
  { ip: "127.0.0.1", bits: 32 },
  { ip: "fd00::", bits: 8 },
  { ip: "::1", bits: 128 },
];

/** Whose requests are internal. */
export function compileInternalAddresses(
  hcm: HttpConnectionManager,
  ctx: CompileContext,
): InternalAddressConfig {
  const message = hcm.internalAddressConfig;
  if (message === undefined) return { unixSockets: false, ranges: [] };
  const ranges = compileCidrRanges(message.cidrRanges, ctx);
  return {
    unixSockets: message.unixSockets,
    ranges: message.cidrRanges.length === 0 ? PRIVATE_RANGES : ranges,
  };
}
