/**
 * A time format taken apart: literals, and specifiers in Envoy's spelling (`Y`, `3f`, `E3S` … without the percent
 * sign), with what strftime can say of their layout. Plain data.
 */
export type TimeToken =
  | { readonly literal: string }
  | { readonly spec: string; readonly layout?: TimeLayout };

/** Flags and width of a specifier, as glibc has them. */
export interface TimeLayout {
  /** `0`, `_` (spaces) or `-` (none); the last one that is given. Empty: as the specifier has it. */
  readonly pad: "" | "0" | "_" | "-";
  /** `^` upper case, `#` the opposite case. */
  readonly letters: "" | "^" | "#";
  /** Characters at least; 0 for the specifier's own. */
  readonly width: number;
}

/**
 * Parses a strftime format as `%START_TIME(…)%` takes it: the C library's specifiers with flags and widths, `%f` and
 * `%1f` … `%9f` for fractions, and Abseil's `%E…`. An unknown letter stays as it is, as in Envoy.
 */
export function parseTimeFormat(format: string): readonly TimeToken[] | { readonly error: string } {
  const tokens: TimeToken[] = [];
  let literal = "";
  const push = (token: TimeToken): void => {
    if (literal !== "") tokens.push({ literal });
    literal = "";
    tokens.push(token);
  };
  for (let i = 0; i < format.length;) {
    const match = matchAt(SPEC, format, i) ?? matchAt(LAID_OUT, format, i);
    if (match === null) {
      literal += format[i++];
      continue;
    }
    i += match[0].length;
    const [, spec = "", flags = "", width = "", laidOut = ""] = match;
    if (spec === "n" || laidOut === "n") {
      return { error: "Invalid header configuration. Format string contains newline." };
    }
    if (laidOut !== "") push({ spec: laidOut, layout: layoutOf(flags, width) });
    else if (spec === "%" || spec === "t") literal += spec === "%" ? "%" : "\t";
    else push({ spec });
  }
  if (literal !== "") tokens.push({ literal });
  return tokens;
}

const LETTERS = "aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ%";
/** What Envoy and Abseil see; `E` before a letter, as `O`, asks for another calendar, and there is none in the C locale. */
const SPEC = new RegExp(
  `%([1-9]?f|E(?:[0-9]{1,4}|\\*)[Sf]|E4Y|E\\*?z|ET|:{1,3}z|E[cCxXyY]|O[deHImMSuUVwWy]|[${LETTERS}])`,
  "y",
);
/** Flags or a width, then a letter. */
const LAID_OUT = new RegExp(`%()(?=[-_0^#1-9])([-_0^#]*)([1-9][0-9]{0,3})?([${LETTERS}])`, "y");

function matchAt(regex: RegExp, text: string, at: number): RegExpExecArray | null {
  regex.lastIndex = at;
  return regex.exec(text);
}

function layoutOf(flags: string, width: string): TimeLayout {
  let pad: TimeLayout["pad"] = "";
  let letters: TimeLayout["letters"] = "";
  for (const flag of flags) {
    if (flag === "^" || flag === "#") letters = flag;
    else pad = flag as TimeLayout["pad"];
  }
  return { pad, letters, width: Number(width) };
}
