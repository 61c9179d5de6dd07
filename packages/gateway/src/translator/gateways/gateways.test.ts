import type { Resource } from "../../resources/object.ts";
import { goldenCases } from "../../testing/golden.ts";
import { PlantedCertificates } from "../../testing/planted-certificates.ts";
import { GatewayTranslation } from "../../testing/translate-gateways.ts";
import type { TranslatedRoute } from "../translated-route.ts";

const certificates = await PlantedCertificates.create(["a.example.com", "b.example.com"]);

/** A document of a case: an object, or what the stages of routes would make of one. */
type Document =
  | Resource
  | { readonly kind: "TranslatedRoute"; readonly key: string; readonly value: TranslatedRoute };

goldenCases(new URL("testdata/", import.meta.url), (documents) => {
  const read = certificates.plant(documents) as Document[];
  const translation = new GatewayTranslation(read.filter((one) => "metadata" in one));
  for (const one of read) if ("value" in one) translation.routes.set(one.key, one.value);
  translation.settle();
  return certificates.hide(translation.everything());
});
