import { isIPv4, isIPv6 } from "node:net";

const dateTime =
  /^[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])[Tt](?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?(?:[Zz]|[+-][0-9]{2}:[0-9]{2})$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

interface StringFormat {
  readonly expected: string;
  readonly test: (text: string) => boolean;
}

/** The formats of strings that occur in our schemas. */
export const stringFormats: Readonly<Record<string, StringFormat>> = {
  "date-time": {
    expected: 'a time such as "2026-01-31T12:00:00Z"',
    test: (text) => dateTime.test(text) && !Number.isNaN(Date.parse(text)),
  },
  ipv4: { expected: "an IPv4 address", test: isIPv4 },
  ipv6: { expected: "an IPv6 address", test: (text) => isIPv6(text) && !text.includes("%") },
  byte: { expected: "base64", test: (text) => base64.test(text.replaceAll(/[\r\n]/g, "")) },
};

/** The formats of integers, as the range that they have. */
export const integerFormats: Readonly<Record<string, readonly [least: number, most: number]>> = {
  int32: [-(2 ** 31), 2 ** 31 - 1],
  int64: [-(2 ** 63), 2 ** 63],
};
