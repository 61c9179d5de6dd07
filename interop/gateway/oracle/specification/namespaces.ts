/** Of whom something is taken. */
export interface Namespaces {
  readonly from?: string;
  readonly selector?: Selector;
}

interface Selector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly {
    readonly key: string;
    /** `NotIn` in documents, or what no selector has. */
    readonly operator: string;
    readonly values?: readonly string[];
  }[];
}

/** A namespace by its name, its labels undefined when it is not there. */
interface Place {
  readonly namespace: string;
  readonly labels: Readonly<Record<string, string>> | undefined;
}

/** Keys in documents have no domain. */
const KEY = /^(?=.{1,63}$)[a-z\d]([-.\w]*[a-z\d])?$/i;
const VALUE = /^$|^(?=.{1,63}$)[a-z\d]([-.\w]*[a-z\d])?$/i;

/** Whether there is a selector, and nothing wrong with it (LabelSelector). */
function isRight(selector: Selector | undefined): selector is Selector {
  const { matchLabels = {}, matchExpressions = [] } = selector ?? {};
  return (
    selector !== undefined &&
    Object.entries(matchLabels).every(([key, value]) => KEY.test(key) && VALUE.test(value)) &&
    matchExpressions.every(
      ({ key, operator, values = [] }) =>
        KEY.test(key) &&
        operator === "NotIn" &&
        values.length > 0 &&
        values.every((value) => VALUE.test(value)),
    )
  );
}

/** Whether an object of a namespace takes those of another (RouteNamespaces, ListenerNamespaces). A selector that is wrong takes none. */
export function takesNamespace(
  { from, selector }: Namespaces,
  own: string,
  { namespace, labels }: Place,
): boolean {
  if (from !== "Selector") return from === "All" || (from === "Same" && namespace === own);
  if (!isRight(selector) || labels === undefined) return false;
  const { matchLabels = {}, matchExpressions = [] } = selector;
  return (
    Object.entries(matchLabels).every(([name, value]) => labels[name] === value) &&
    matchExpressions.every(({ key, values = [] }) => !values.includes(labels[key] ?? ""))
  );
}
