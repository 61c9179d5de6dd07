import type { DecoderFilterCallbacks } from "../../filter.ts";
import type { HeaderLine } from "./verdict.ts";

/** `ShadowDecision`: what would have become of a request. */
export interface ShadowDecision {
  readonly result: "OK" | "DENIED" | "ERROR";
  readonly status: number;
  /** Of a denial. */
  readonly headers?: readonly HeaderLine[];
}

/** Notes a decision in the filter state, as `<name of the filter>.shadow`. */
export function noteDecision(
  { filterName, streamInfo }: DecoderFilterCallbacks,
  { result, status, headers = [] }: ShadowDecision,
): void {
  const fields = { check_result: result, status_code: status };
  const json = {
    ...fields,
    ...(headers.length > 0 && { response_headers: headers.map(headerJson) }),
  };
  const object = {
    filterStateText: JSON.stringify(json),
    filterStateJson: json,
    filterStateFields: { ...fields, status_code: String(status) },
  };
  streamInfo.filterState = new Map(streamInfo.filterState).set(`${filterName}.shadow`, object);
}

/** `HeaderValue`: JSON leaves out what is empty. */
function headerJson([key, value]: HeaderLine): object {
  return { ...(key !== "" && { key: toText(key) }), ...(value !== "" && { value: toText(value) }) };
}

function toText(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}
