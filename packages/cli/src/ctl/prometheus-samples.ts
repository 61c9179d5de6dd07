/** A line of the text format of Prometheus. */
export interface Sample {
  readonly name: string;
  /** `counter`, `gauge`, `histogram`, … of the metric that it belongs to; `untyped` where nobody says. */
  readonly type: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const LINE = /^(?<name>[A-Za-z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)(?: -?\d+)?$/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)",?/g;
const ESCAPES: Readonly<Record<string, string>> = { n: "\n" };
const SUFFIX = /_(?:bucket|sum|count)$/;

/** Reads the text format of Prometheus, version 0.0.4; lines that are none are left out. */
export function prometheusSamples(text: string): Sample[] {
  const types = new Map<string, string>();
  return text.split("\n").flatMap((line) => {
    if (line.startsWith("# TYPE ")) {
      const [name, type] = line.slice("# TYPE ".length).split(" ");
      types.set(name!, type!);
      return [];
    }
    const found = LINE.exec(line)?.groups;
    if (found === undefined) return [];
    const name = found["name"]!;
    const type = types.get(name) ?? types.get(name.replace(SUFFIX, "")) ?? "untyped";
    return [
      { name, type, labels: labelsOf(found["labels"] ?? ""), value: valueOf(found["value"]!) },
    ];
  });
}

function labelsOf(text: string): Record<string, string> {
  const pairs = Array.from(text.matchAll(LABEL), ([, name, value]) => [
    name!,
    value!.replaceAll(/\\(.)/g, (_, one: string) => ESCAPES[one] ?? one),
  ]);
  return Object.fromEntries(pairs) as Record<string, string>;
}

function valueOf(text: string): number {
  return Number(text.replace("Inf", "Infinity"));
}
