import { text } from "../handler.ts";
import type { AdminHandler } from "../handler.ts";
import { helpText } from "../help.ts";

/** `/help`; the table of handlers comes as a function because it holds this one too. */
export function helpHandler(handlers: () => readonly AdminHandler[]): AdminHandler {
  return {
    path: "/help",
    help: "print out list of admin commands",
    mutates: false,
    params: [],
    handle: () => text(helpText(handlers())),
  };
}
