import manifest from "../package.json" with { type: "json" };

/** Nuncio's own version. */
export const VERSION: string = manifest.version;

/** The Envoy release whose API and behaviour this version of Nuncio follows. */
export const ENVOY_VERSION = "1.40.0";

/** One line: Nuncio's version, the Envoy API it speaks, and the Node it runs on. */
export function versionLine(): string {
  return `nuncio ${VERSION} (envoy API ${ENVOY_VERSION}, node ${process.versions.node})`;
}
