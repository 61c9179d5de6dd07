import { percentDecode } from "../../observe/format/percent-encoding.ts";

/** The first value of a parameter, its name and value decoded; empty when it has none, null when it is not there. */
export function queryParameter(path: string, name: string): string | null {
  for (let start = path.indexOf("?") + 1; start > 0 && start < path.length;) {
    const next = path.indexOf("&", start);
    const end = next < 0 ? path.length : next;
    const equals = path.indexOf("=", start);
    const nameEnd = equals < 0 || equals > end ? end : equals;
    if (percentDecode(path.slice(start, nameEnd)) === name)
      return percentDecode(path.slice(nameEnd + 1, end));
    start = end + 1;
  }
  return null;
}
