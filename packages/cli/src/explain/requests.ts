import {
  compareExplanations,
  outcomeTitle,
  percent,
  type Explanation,
  type LoadedExplainer,
  type Paint,
  type RequestText,
} from "@nuncio/proxy";
import { dataText, type DataFormat } from "../output.ts";
import { Table } from "../table.ts";
import { readRequests } from "./read-requests.ts";

export interface RequestsOptions {
  readonly file: string;
  /** For all of them; empty: each URL decides. */
  readonly listener: string;
  /** As data, each request by itself: a line of JSON, or a document of YAML; null: a table. */
  readonly data: DataFormat | null;
  readonly paint: Paint;
}

/** How many of a file's requests there were of each sort. */
export interface RequestsCount {
  readonly total: number;
  readonly different: number;
  /** They are no requests, or nothing takes them. */
  readonly failed: number;
}

/**
 * Explains the requests of a file, a row each; with `other`, those only that it treats differently. Prints as it reads.
 *
 * @throws the system's error when the file cannot be read
 */
export async function explainRequests(
  current: LoadedExplainer,
  other: LoadedExplainer | null,
  { file, listener, data, paint }: RequestsOptions,
): Promise<RequestsCount> {
  const write = (text: string): void => void process.stdout.write(text);
  const head = other === null ? ["request", "outcome"] : ["request", "before", "after"];
  const table = new Table(head, write, paint);
  const count = { total: 0, different: 0, failed: 0 };
  for await (const item of readRequests(file)) {
    count.total++;
    const fail = (error: string): void => {
      count.failed++;
      process.stderr.write(`${file}:${item.line}: ${error}\n`);
    };
    if ("error" in item) {
      fail(item.error);
      continue;
    }
    const row = explainOne({ ...item.request, listener }, current, other);
    if (typeof row === "string") fail(row);
    else if (other === null || row.differences.length > 0) {
      if (other !== null) count.different++;
      if (data === null) table.add(row.cells);
      else write(itemText({ line: item.line, ...row.json }, data));
    }
  }
  table.end();
  if (data === null) write(`${paint("bold", summary(count, other !== null))}\n`);
  return count;
}

function itemText(item: object, format: DataFormat): string {
  return format === "json" ? `${JSON.stringify(item)}\n` : `---\n${dataText(item, format)}`;
}

interface Row {
  readonly cells: readonly string[];
  readonly differences: readonly unknown[];
  readonly json: object;
}

function explainOne(
  request: RequestText,
  current: LoadedExplainer,
  other: LoadedExplainer | null,
): Row | string {
  const title = `${request.method || "GET"} ${request.url}`;
  try {
    const before = current.explainer.explain(request, "outcomes");
    if (other === null)
      return { cells: [title, outcomesText(before)], differences: [], json: before };
    const after = other.explainer.explain(request, "outcomes");
    const differences = compareExplanations(before, after);
    const texts = [outcomesText(before), outcomesText(after)];
    // The same way, but not the same in all that is done on it: say what.
    if (texts[0] === texts[1] && differences.length > 0)
      texts[1] = differences.map(({ what, after: now }) => `${what}: ${now ?? "none"}`).join("; ");
    return { cells: [title, ...texts], differences, json: { request, differences } };
  } catch (error) {
    if ((error as Error).name === "ExplainError") return (error as Error).message;
    throw error;
  }
}

function outcomesText({ outcomes, network }: Explanation): string {
  if (outcomes.length === 0) return network;
  return outcomes
    .map((outcome) => {
      const share = outcome.probability === 1 ? "" : `${percent(outcome.probability)} `;
      return share + outcomeTitle(outcome);
    })
    .join(", ");
}

function summary({ total, different, failed }: RequestsCount, compared: boolean): string {
  const parts = [`${total} requests`];
  if (compared) parts.push(`${different} different`, `${total - different - failed} the same`);
  if (failed > 0) parts.push(`${failed} not explained`);
  return parts.join(", ");
}
