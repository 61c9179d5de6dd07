import type { AdminHandler } from "./handler.ts";

/** The list of /help, which a wrong path is answered with too. */
export function helpText(handlers: readonly AdminHandler[]): string {
  let text = "admin commands are:\n";
  for (const { path, help, mutates, params } of handlers) {
    text += `  ${path}${mutates ? " (POST)" : ""}: ${help}\n`;
    for (const param of params) {
      text += `      ${param.id}: ${param.help}`;
      text += param.values === undefined ? "\n" : `; One of (${param.values.join(", ")})\n`;
    }
  }
  return text;
}
