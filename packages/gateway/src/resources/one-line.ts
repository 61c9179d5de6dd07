/** C0 and C1, among them the escape that begins commands to a terminal, and what other readers take for the end of a line. */
const CONTROLS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g;

/** A text that may hold what somebody wrote into an object, for a line of a log or a terminal: control characters as `\\u001b`. */
export function oneLine(text: string): string {
  return text.replace(
    CONTROLS,
    (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
