import { stringify } from "yaml";

/** How data is written. */
export const DATA_FORMATS = ["yaml", "json"] as const;

/** Of what is told to people first. */
export const TABLE_FORMATS = ["table", ...DATA_FORMATS] as const;

/** Of what reads best as text. */
export const TEXT_FORMATS = ["text", ...TABLE_FORMATS] as const;

export type DataFormat = (typeof DATA_FORMATS)[number];

/** Now, as Kubernetes writes it. */
export function nowText(): string {
  return `${new Date().toISOString().slice(0, 19)}Z`;
}

/** Plain data as text. */
export function dataText(value: unknown, format: DataFormat): string {
  if (format === "json") return `${JSON.stringify(value, null, 2)}\n`;
  // Readers of YAML 1.1 are many: what they would take for a truth or a date stands in quotes.
  return stringify(value, { version: "1.1", lineWidth: 0, aliasDuplicateObjects: false });
}
