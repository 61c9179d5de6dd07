import { oneLine } from "@nuncio/gateway";
import { printTable } from "../table.ts";
import type { StatusRow } from "./status-rows.ts";

interface Column {
  readonly title: string;
  readonly text: (row: StatusRow) => string | number | undefined;
}

const SHORT_COLUMNS: readonly Column[] = [
  { title: "NAMESPACE", text: ({ namespace }) => namespace },
  { title: "NAME", text: ({ name }) => name },
  { title: "PARENT", text: ({ parent }) => parent },
  { title: "TYPE", text: ({ condition }) => condition?.type },
  { title: "STATUS", text: ({ condition }) => condition?.status },
  { title: "REASON", text: ({ condition }) => condition?.reason },
];

const GENERATION: Column = {
  title: "GENERATION",
  text: ({ condition }) => condition?.observedGeneration,
};

const SINCE: Column = { title: "SINCE", text: ({ condition }) => condition?.lastTransitionTime };

const MESSAGE: Column = {
  title: "MESSAGE",
  text: ({ condition }) => oneLine(condition?.message ?? "no Gateway of ours has to do with it"),
};

const MORE = {
  messages: [GENERATION, MESSAGE],
  "messages and times": [GENERATION, SINCE, MESSAGE],
} as const;

/** Conditions as a table; `more` has further columns. */
export function printStatusRows(
  rows: readonly StatusRow[],
  { more = null }: { readonly more?: keyof typeof MORE | null } = {},
): void {
  const columns = [...SHORT_COLUMNS, ...(more === null ? [] : MORE[more])];
  printTable(
    columns.map(({ title }) => title),
    rows.map((row) => columns.map(({ text }) => String(text(row) ?? "-"))),
  );
}
