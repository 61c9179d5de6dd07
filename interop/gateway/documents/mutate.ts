import { Random } from "../../harness/random.ts";
import type { DocumentObject, GatewayDocument } from "./scene.ts";

/** Objects that go now and then. What is in them stays right. */
const REMOVABLE = new Set(["Service", "EndpointSlice", "Secret", "ConfigMap", "ReferenceGrant"]);
/** Objects whose members change. */
const MUTABLE = /^(Gateway|ListenerSet|ReferenceGrant|BackendTLSPolicy|\w+Route)$/;

/** A member of an object or an element of a list. */
interface Place {
  readonly parent: Record<string, unknown> | unknown[];
  readonly key: string | number;
}

/** The document with some mistakes: references that lead elsewhere, what is there twice, what is missing. The same for the same seed. */
export function mutate(document: GatewayDocument, count: number): GatewayDocument {
  const [seed = "", number = ""] = document.name.split(".");
  const random = new Random(Number(seed) * 31 + Number(number));
  let objects = structuredClone(document.objects) as DocumentObject[];
  for (let i = 0; i < count; i += 1)
    if (random.oneIn(6)) objects = withoutOne(objects, random);
    else change(objects, random);
  return { ...document, objects };
}

function withoutOne(objects: readonly DocumentObject[], random: Random): DocumentObject[] {
  const gone = random.pick(objects.filter(({ kind }) => REMOVABLE.has(kind)));
  return objects.filter((one) => one !== gone);
}

function change(objects: readonly DocumentObject[], random: Random): void {
  const places = objects
    .filter(({ kind }) => MUTABLE.test(kind))
    .flatMap(({ spec = {} }) => placesIn(spec));
  const place = random.pick(places);
  if (random.oneIn(4)) remove(place);
  else if (Array.isArray(place.parent) && random.oneIn(2))
    place.parent.push(structuredClone(valueOf(place)));
  else exchange(place, places, random);
}

/** A value of the same name from somewhere else in the document. */
function exchange(place: Place, places: readonly Place[], random: Random): void {
  const others = places.filter(
    (one) => one.key === place.key && typeof valueOf(one) === typeof valueOf(place),
  );
  const value = structuredClone(valueOf(random.pick(others)));
  if (Array.isArray(place.parent)) place.parent[Number(place.key)] = value;
  else place.parent[place.key] = value;
}

function remove({ parent, key }: Place): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key];
}

function valueOf({ parent, key }: Place): unknown {
  return Array.isArray(parent) ? parent[Number(key)] : parent[key];
}

function placesIn(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value))
    return value.flatMap((one, key): Place[] => [{ parent: value, key }, ...placesIn(one)]);
  const parent = value as Record<string, unknown>;
  return Object.entries(parent).flatMap(([key, one]): Place[] => [
    { parent, key },
    ...placesIn(one),
  ]);
}
