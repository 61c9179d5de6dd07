import assert from "node:assert/strict";
import { test } from "node:test";
import { envoyTypes, typeNameOfUrl } from "@nuncio/api";
import {
  RESOURCE_TYPES,
  orderOfUrl,
  resourceTypeOfUrl,
  shortNameOfUrl,
  typeUrlOf,
} from "./resource-type.ts";

for (const type of RESOURCE_TYPES) {
  test(`${type.shortName} names a message, the field of its name and its service`, () => {
    const message = envoyTypes().getMessage(typeNameOfUrl(type.typeUrl));
    assert.ok(message !== undefined, type.typeUrl);
    if (type.nameField !== undefined) assert.ok(message.field[type.nameField] !== undefined);
    if (type.service !== undefined) {
      const service = envoyTypes().getService(type.service);
      assert.ok(service !== undefined && service.methods.length > 0, type.service);
    }
    assert.equal(resourceTypeOfUrl(type.typeUrl), type);
    assert.equal(typeUrlOf(type.shortName), type.typeUrl);
    assert.equal(shortNameOfUrl(type.typeUrl), type.shortName);
  });
}

test("a reference comes after what it refers to", () => {
  const before = (first: string, second: string): void => {
    assert.ok(orderOfUrl(typeUrlOf(first)) < orderOfUrl(typeUrlOf(second)), `${first} ${second}`);
  };
  before("CDS", "EDS");
  before("EDS", "LEDS");
  before("EDS", "LDS");
  before("LDS", "SRDS");
  before("SRDS", "RDS");
  before("RDS", "VHDS");
});

test("types that are not in the table come last and keep their URL", () => {
  const url = "type.googleapis.com/example.Thing";
  assert.equal(resourceTypeOfUrl(url), undefined);
  assert.equal(shortNameOfUrl(url), url);
  for (const { typeUrl } of RESOURCE_TYPES) assert.ok(orderOfUrl(url) > orderOfUrl(typeUrl));
  assert.throws(() => typeUrlOf("XDS"), /no resource type is called XDS/);
});
