import type { DocumentObject, GatewayDocument } from "../documents/scene.ts";
import type { Disagreement } from "./run-oracle.ts";

type Judge = (documents: readonly GatewayDocument[]) => Promise<readonly Disagreement[]>;

/** Takes away what can go while the document differs at the same place. */
export async function shrink(
  found: Disagreement,
  triesMax: number,
  judge: Judge,
): Promise<Disagreement> {
  let smallest = found;
  const at = found.differences[0]!.at;
  let tries = 0;
  for (let position = 0; tries < triesMax;) {
    const smaller = smallerAt(smallest.document.objects, position);
    if (smaller === undefined) break;
    tries += 1;
    const [still] = await judge([{ ...smallest.document, objects: smaller }]);
    const difference = still?.differences.find((one) => one.at === at);
    if (still !== undefined && difference !== undefined)
      smallest = { document: still.document, differences: [difference] };
    else position += 1;
  }
  return smallest;
}

/** The objects without the one thing at this position: an object first, then an element of a list; undefined: there is no such. */
function smallerAt(
  objects: readonly DocumentObject[],
  position: number,
): DocumentObject[] | undefined {
  if (position < objects.length) return objects.toSpliced(position, 1);
  const left = { position: position - objects.length };
  const copy = structuredClone(objects) as DocumentObject[];
  return copy.some(({ spec }) => removeElement(spec, left)) ? copy : undefined;
}

/** True when the element was in there. Lists are not emptied. */
function removeElement(value: unknown, left: { position: number }): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (Array.isArray(value) && value.length > 1) {
    if (left.position < value.length) {
      value.splice(left.position, 1);
      return true;
    }
    left.position -= value.length;
  }
  return Object.values(value).some((member) => removeElement(member, left));
}
