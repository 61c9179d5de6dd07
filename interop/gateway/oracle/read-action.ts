// What stands in the text of an action, see `actionText`.

/** Weights of backends, by their names; header changes of backends are left out. Empty: nothing is sent to any. */
export function weightsOf(action: string): Map<string, number> {
  const [, backends = ""] = /^to ([^;]*); /.exec(action) ?? [];
  const weights = new Map<string, number>();
  for (const one of backends
    .replaceAll(/\([^)]*\)/g, "")
    .split(" ")
    .filter(Boolean)) {
    const end = one.lastIndexOf("*");
    const to = one.slice(0, end);
    weights.set(to, (weights.get(to) ?? 0) + Number(one.slice(end + 1)));
  }
  return weights;
}

/** Mirrors, as `<backend>*<percent>%`. */
export function mirrorsOf(action: string): string[] {
  const [, mirrors = ""] = /; mirrors ([^;]*); /.exec(action) ?? [];
  return mirrors.split(" ").filter(Boolean);
}
