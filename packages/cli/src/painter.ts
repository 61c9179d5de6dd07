import { styleText } from "node:util";
import { noPaint, type Paint } from "@nuncio/proxy";

/** Colours for a terminal only, and not where NO_COLOR says so. */
export function painter(): Paint {
  const { stdout } = process;
  if (!stdout.isTTY) return noPaint;
  return (style, text) => styleText(style, text, { stream: stdout });
}
