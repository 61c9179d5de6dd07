import { readFileSync, statSync } from "node:fs";
import { isIP } from "node:net";

const CHECK_EVERY_MS = 1000;

/** The system's table of names (`/etc/hosts`), read again when the file changes. */
export class HostsFile {
  readonly #path: string;
  readonly #nowMs: () => number;
  #checkedMs = -Infinity;
  #version = "";
  #names: ReadonlyMap<string, readonly string[]> = new Map();

  constructor(path: string, nowMs: () => number) {
    this.#path = path;
    this.#nowMs = nowMs;
  }

  /** The addresses of one family in the file's order; empty when the name is not there. */
  lookup(name: string, family: 4 | 6): readonly string[] {
    this.#refresh();
    const key = name.toLowerCase().replace(/\.$/, "");
    const found = (this.#names.get(key) ?? []).filter((ip) => isIP(ip) === family);
    // RFC 6761 section 6.3: localhost is always the loopback, whatever files and servers say.
    if (found.length === 0 && (key === "localhost" || key.endsWith(".localhost"))) {
      return [family === 4 ? "127.0.0.1" : "::1"];
    }
    return found;
  }

  /** A missing file is an empty one. */
  #refresh(): void {
    if (this.#nowMs() - this.#checkedMs < CHECK_EVERY_MS) return;
    this.#checkedMs = this.#nowMs();
    try {
      const { mtimeMs, size, ino } = statSync(this.#path);
      const version = `${mtimeMs} ${size} ${ino}`;
      if (version === this.#version) return;
      this.#names = parseHosts(readFileSync(this.#path, "utf8"));
      this.#version = version;
    } catch {
      this.#names = new Map();
      this.#version = "";
    }
  }
}

/** `10.0.0.1 name alias # comment`, a line per address. */
function parseHosts(text: string): Map<string, string[]> {
  const names = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const [ip = "", ...aliases] = line.replace(/#.*/, "").trim().split(/\s+/);
    if (isIP(ip) === 0) continue;
    for (const alias of aliases) {
      const key = alias.toLowerCase();
      const addresses = names.get(key) ?? [];
      if (!addresses.includes(ip)) addresses.push(ip);
      names.set(key, addresses);
    }
  }
  return names;
}
