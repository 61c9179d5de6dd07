import { text } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";
import { helpText } from "../help.ts";

export function helpHandler(handlers: () => readonly AdminHandler[]): AdminHandler {
  return {
    path: "/help",
    help: "print out list of admin commands",
    mutates: false,
    params: [],
    handle: () => text(helpText(handlers())),
  };
}
