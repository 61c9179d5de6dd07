import type { Resource } from "../../resources/object.ts";
import { goldenCases } from "../../testing/golden.ts";
import { PlantedCertificates } from "../../testing/planted-certificates.ts";
import { GatewayTranslation } from "../../testing/translate-gateways.ts";

const certificates = await PlantedCertificates.create(["a.example.com", "b.example.com"]);

goldenCases(new URL("testdata/", import.meta.url), (documents) => {
  // A case has several Gateways with the same ports.
  const translation = new GatewayTranslation(certificates.plant(documents) as Resource[], {
    network: "own",
  });
  return certificates.hide(translation.everything());
});
