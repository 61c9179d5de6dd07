/** Of whom something is taken. */
export interface Namespaces {
  readonly from?: string;
  readonly selector?: {
    readonly matchLabels?: Readonly<Record<string, string>>;
    /** Documents have `NotIn` alone. */
    readonly matchExpressions?: readonly {
      readonly key: string;
      readonly values?: readonly string[];
    }[];
  };
}

/** A namespace by its name, its labels undefined when it is not there. */
interface Place {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
}

/** Whether an object of a namespace takes those of another (RouteNamespaces, ListenerNamespaces). A selector that is wrong takes none. */
export function takesNamespace(
  { from, selector }: Namespaces,
  own: string,
  { namespace, labels }: Place,
): boolean {
  if (from !== "Selector") return from === "All" || (from === "Same" && namespace === own);
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    selector !== undefined &&
    labels !== undefined &&
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(
      ({ key, values = [] }) => values.length > 0 && !values.includes(labels[key] ?? ""),
    )
  );
}
