import { patternBytes, sha256 } from "./pattern.ts";

/** How many assets the page loads. */
export const ASSET_COUNT = 100;

/** The n-th asset: a script of its own size, between nearly nothing and 100 KB, that says it ran. */
export function assetBody(number: number): Buffer {
  const filler = patternBytes(37 + number * 1_013).toString("base64");
  return Buffer.from(`ran.push(${number}); /* ${filler} */\n`);
}

/** SHA-256 of each asset, in order. */
export function assetHashes(): string[] {
  return Array.from({ length: ASSET_COUNT }, (_, number) => sha256(assetBody(number)));
}

/**
 * A page that runs all assets as scripts, then fetches each again and tells in `report` what it got: which ran, each one's
 * SHA-256, and the protocols it came over.
 */
export function pageBody(): string {
  const names = Array.from({ length: ASSET_COUNT }, (_, number) => `asset-${number}.js`);
  return `<!doctype html><meta charset="utf-8"><title>assets</title><script>
const ran = [];
const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const hash = async (name) => hex(await crypto.subtle.digest("SHA-256", await (await fetch(name)).arrayBuffer()));
performance.setResourceTimingBufferSize(1000);
const loaded = new Promise((resolve) => addEventListener("load", resolve));
const report = loaded.then(async () => ({
  hashes: await Promise.all(${JSON.stringify(names)}.map(hash)),
  ran: ran.toSorted((a, b) => a - b),
  protocols: [...new Set(performance.getEntries().map((entry) => entry.nextHopProtocol).filter(Boolean))],
}));
</script>
${names.map((name) => `<script async src="${name}"></script>`).join("\n")}
`;
}
