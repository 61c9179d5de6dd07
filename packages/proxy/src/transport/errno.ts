import { getSystemErrorMessage, getSystemErrorName } from "node:util";

/** The C library's text of a negative errno, with a capital as strerror has it: `Connection refused`. */
export function errnoText(status: number): string {
  const text = getSystemErrorMessage(status);
  if (text === undefined || text === "") return getSystemErrorName(status);
  return text[0]!.toUpperCase() + text.slice(1);
}
