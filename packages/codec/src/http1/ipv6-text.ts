import { HEX_VALUE } from "./char-classes.ts";

const COLON = 58;
const GROUPS = 8;
const DIGITS_MAX = 4;

/** Whether the text is an IPv6 address (RFC 4291 2.2), without a zone; the last two groups may be an IPv4 address. */
export function isIpv6Text(text: string): boolean {
  const gap = text.indexOf("::");
  if (gap < 0) return groupsOf(text, true) === GROUPS;
  const before = text.slice(0, gap);
  const after = text.slice(gap + 2);
  const groups =
    (before === "" ? 0 : groupsOf(before, false)) + (after === "" ? 0 : groupsOf(after, true));
  // The gap stands for one group at least.
  return groups < GROUPS;
}

/** How many groups of hexadecimal digits, separated by colons; NaN when it is something else. */
function groupsOf(text: string, mayEndInIpv4: boolean): number {
  let groups = 0;
  let digits = 0;
  for (let at = 0; at <= text.length; at++) {
    const code = at === text.length ? COLON : text.charCodeAt(at);
    if (code === COLON) {
      if (digits === 0) return Number.NaN;
      groups++;
      digits = 0;
    } else if (code < 256 && HEX_VALUE[code] !== 255) {
      if (++digits > DIGITS_MAX) return Number.NaN;
    } else {
      const isIpv4 = mayEndInIpv4 && IPV4.test(text.slice(at - digits));
      return isIpv4 ? groups + 2 : Number.NaN;
    }
  }
  return groups;
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
