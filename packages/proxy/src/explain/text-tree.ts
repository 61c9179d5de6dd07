/** How a piece of text may be painted on a terminal. */
export type PaintStyle = "bold" | "dim" | "green" | "red" | "yellow" | "cyan";
export type Paint = (style: PaintStyle, text: string) => string;

/** For files, pipes and tests. */
export const noPaint: Paint = (_style, text) => text;

/** A line with others below it. */
export interface TextNode {
  readonly text: string;
  readonly style?: PaintStyle;
  /** `file:line`, shown behind the text. */
  readonly place?: string;
  readonly children?: readonly TextNode[];
}

/** The tree as lines, each ended by a line break. */
export function renderTree(root: TextNode, paint: Paint): string {
  return `${line(root, paint)}${below(root, "", paint)}`;
}

function below({ children = [] }: TextNode, indent: string, paint: Paint): string {
  return children
    .map((child, index) => {
      const last = index === children.length - 1;
      const branch = paint("dim", indent + (last ? "└─ " : "├─ "));
      return branch + line(child, paint) + below(child, indent + (last ? "   " : "│  "), paint);
    })
    .join("");
}

function line({ text, style, place = "" }: TextNode, paint: Paint): string {
  const shown = style === undefined ? text : paint(style, text);
  return `${shown}${place === "" ? "" : paint("dim", `  ${place}`)}\n`;
}
