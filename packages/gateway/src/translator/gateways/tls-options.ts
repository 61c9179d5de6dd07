import { NUNCIO_GROUP } from "../../resources/kinds.ts";
import type { TlsVersion } from "../translated-gateway.ts";
import type { Objection } from "./objection.ts";

/** `tls.options` that are known: `gateway.nuncio.dev/tls-min-version`, `gateway.nuncio.dev/tls-max-version`. */
const MIN_VERSION = `${NUNCIO_GROUP}/tls-min-version`;
const MAX_VERSION = `${NUNCIO_GROUP}/tls-max-version`;
const VERSIONS: readonly TlsVersion[] = ["1.0", "1.1", "1.2", "1.3"];

export interface TlsOptions {
  readonly minTlsVersion?: TlsVersion;
  readonly maxTlsVersion?: TlsVersion;
}

/** What the options of a listener say; those that are not known are objected to by name. */
export function readTlsOptions(options: Readonly<Record<string, string>> = {}): {
  readonly options: TlsOptions;
  readonly objections: readonly Objection[];
} {
  const read: { -readonly [name in keyof TlsOptions]: TlsOptions[name] } = {};
  const objections: Objection[] = [];
  for (const [name, value] of Object.entries(options)) {
    const version = VERSIONS.find((known) => known === value);
    if (name !== MIN_VERSION && name !== MAX_VERSION)
      objections.push(
        unsupported(`tls.options: expected ${MIN_VERSION} or ${MAX_VERSION}, got ${name}`),
      );
    else if (version === undefined)
      objections.push(
        unsupported(`tls.options ${name}: expected one of ${VERSIONS.join(", ")}, got ${value}`),
      );
    else read[name === MIN_VERSION ? "minTlsVersion" : "maxTlsVersion"] = version;
  }
  const { minTlsVersion, maxTlsVersion } = read;
  if (minTlsVersion !== undefined && maxTlsVersion !== undefined && minTlsVersion > maxTlsVersion)
    objections.push(
      unsupported(
        `tls.options: ${MIN_VERSION} ${minTlsVersion} is above ${MAX_VERSION} ${maxTlsVersion}`,
      ),
    );
  return { options: read, objections };
}

function unsupported(message: string): Objection {
  return { message, accepted: "UnsupportedValue", programmed: "Invalid" };
}
